"""Hybrid ranking of any FAQ: words (BM25 over stems), character n-grams (BM25), and a classifier of the texts.

Words find what was said, n-grams what was misspelt or said in a dialect, the classifier what tells entries apart. Each
leg gives a share of its own best (0 to about 1), so that they can be added. Nothing here is tuned to our own base.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.features import Features, learn
from intents.linear import LinearModel, train
from intents.text import Normal, Vocabulary, normalise
from knowledge.grams import codes_of, codes_of_all
from knowledge.postings import Floats, Postings, build

TITLE, QUESTION, ANSWER = 2.0, 1.5, 1.0
GRAM_ANSWER = 0.5
CLASSIFIER = 0.4
MOST_CLASSES = 1_500  # beyond, a classifier takes longer to train than an index may take to build
MOST_GRAMMED = 8_000_000  # characters of answers that are still cut into n-grams
MOST_VISITED = 400_000  # postings a query may touch
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")
_FEWEST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Document:
    """One entry of any FAQ."""

    id: str
    title: str
    answer: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hybrid:
    """The legs, built once, immutable. `rank` gives (id, score) pairs, best first."""

    ids: tuple[str, ...]
    vocabulary: Vocabulary
    numbers: Mapping[str, int]
    words: Postings
    grams: Postings
    features: Features | None
    classifier: LinearModel | None

    def rank(self, text: str, most: int) -> list[tuple[str, float]]:
        """The best entries for a message; entries without anything in common are left out."""
        scores = self.scores(normalise(text, self.vocabulary))
        count = min(most, int((scores > 0).sum()))
        top = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(scores) else np.arange(len(scores))
        order = top[np.argsort(-scores[top], kind="stable")][:count]
        return [(self.ids[n], float(scores[n])) for n in order.tolist()]

    def scores(self, normal: Normal) -> Floats:
        """A score for each entry."""
        known = [self.numbers[s] for s in normal.stems if s in self.numbers]
        total = self.words.scores(np.array(known, np.uint64), most=MOST_VISITED)
        total = total + self.grams.scores(codes_of(normal.text), most=MOST_VISITED)
        if self.classifier is not None and self.features is not None:
            margins = self.classifier.scores(self.features.vector(normal))
            total = total + np.float32(CLASSIFIER) * np.maximum(margins + 1, 0) * (total > 0)
        return total


def build_hybrid(documents: Sequence[Document]) -> Hybrid:
    """Index any FAQ."""
    read = [_read(document) for document in documents]
    vocabulary = Vocabulary({w for fields in read for normal, _ in fields for w in normal.words})
    numbers: dict[str, int] = {}
    words = _word_index(read, numbers)
    features, classifier = _classifier(documents, read) if 1 < len(documents) <= MOST_CLASSES else (None, None)
    return Hybrid(
        tuple(d.id for d in documents), vocabulary, numbers, words, _gram_index(documents, read), features, classifier
    )


Fields = list[tuple[Normal, float]]


def _read(document: Document) -> Fields:
    """Each field in normal form with its weight: the title, the answer, then the questions."""
    questions = [(normalise(q), QUESTION) for q in document.questions]
    return [(normalise(document.title), TITLE), (normalise(document.answer), ANSWER), *questions]


def _word_index(read: Sequence[Fields], numbers: dict[str, int]) -> Postings:
    terms, owners, weights = [], [], []
    for owner, fields in enumerate(read):
        for normal, weight in fields:
            terms += [numbers.setdefault(stem, len(numbers)) for stem in normal.stems]
            owners += [owner] * len(normal.stems)
            weights += [weight] * len(normal.stems)
    return build(np.array(terms, np.uint64), np.array(owners, np.int32), np.array(weights, np.float32), len(read))


def _gram_index(documents: Sequence[Document], read: Sequence[Fields]) -> Postings:
    """Answers are left out where they are too many to be cut up; titles and questions say what an entry is about."""
    with_answers = sum(len(d.answer) for d in documents) <= MOST_GRAMMED
    texts, owners, weights = [], [], []
    for owner, fields in enumerate(read):
        for n, (normal, weight) in enumerate(fields):
            if n != 1 or with_answers:
                texts.append(normal.text)
                owners.append(owner)
                weights.append(GRAM_ANSWER if n == 1 else weight)
    codes, places = codes_of_all(texts)
    return build(codes, np.array(owners, np.int32)[places], np.array(weights, np.float32)[places], len(documents))


def _classifier(documents: Sequence[Document], read: Sequence[Fields]) -> tuple[Features, LinearModel]:
    """Learns each entry from its title, its questions and the sentences of its answer."""
    normals, labels = [], []
    for number, (document, fields) in enumerate(zip(documents, read, strict=True)):
        sentences = [s for s in _SENTENCE.split(document.answer) if len(s.split()) >= _FEWEST_WORDS]
        texts = [fields[0][0], *(normal for normal, _ in fields[2:]), *(normalise(s) for s in sentences)]
        normals += texts
        labels += [f"{number:06d}"] * len(texts)
    features = learn(normals, least=1)
    return features, train([features.vector(n) for n in normals], labels, features.count)
