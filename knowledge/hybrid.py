"""Hybrid ranking of any FAQ: words by their roots (BM25) and character n-grams (BM25), added.

Words find what was said, n-grams what was misspelt, compounded or said in a dialect. Each leg gives a share of what the
question could reach at all, 0 to about 1, so that they can be added. Everyday Indonesian helps both (everyday.py):
words that frame a question weigh little, kin of a word speak for it a little, and an unknown word is repaired towards
the FAQ's own words. The more ways to ask an entry brings along, the less such help is worth beside them; `help_of`
lets it fade. Nothing here is tuned to our own base. Measured: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from intents.text import Normal, Vocabulary, normalise
from knowledge.everyday import load as everyday
from knowledge.everyday import root
from knowledge.grams import Codes, codes_of, codes_of_all
from knowledge.postings import Floats, Postings, build

TITLE, QUESTION, ANSWER = 2.0, 1.5, 1.0
GRAM_ANSWER = 0.5
FRAME = 0.3
KIN, KIN_ALONE, KIN_GRAMS = 0.4, 0.7, 0.5  # alone: the word itself occurs nowhere in the FAQ
FADING = 8.0  # questions an entry after which everyday help counts half
SATURATION, MOST_SATURATION, SATURATION_GROWTH = 1.2, 5.0, 0.5
MOST_GRAMMED = 12_000_000  # letters that are cut into n-grams
MOST_VISITED = 100_000  # postings that a leg may touch for a query
MOST_WORDS = 200  # of a query


@dataclass(frozen=True, slots=True)
class Document:
    """One entry of any FAQ."""

    id: str
    title: str
    answer: str
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What a message is taken to say: roots and n-grams, each with its weight; `said`: how many are not kin."""

    roots: Codes
    root_weights: Floats
    roots_said: int
    grams: Codes
    gram_weights: Floats
    grams_said: int


@dataclass(frozen=True)
class Hybrid:
    """The legs, built once, immutable. `rank` gives (id, score) pairs, best first.

    `numbers`: of each root. `help`: how much everyday knowledge counts beside what the FAQ itself says, 0 to 1.
    """

    ids: tuple[str, ...]
    vocabulary: Vocabulary
    numbers: Mapping[str, int]
    words: Postings
    grams: Postings
    help: float

    def rank(self, text: str, most: int) -> list[tuple[str, float]]:
        """The best entries for a message; entries without anything in common are left out."""
        scores = self._scores([self._repaired(word) for word in normalise(text).words])
        count = min(most, int((scores > 0).sum()))
        top = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(scores) else np.arange(len(scores))
        order = top[np.lexsort((top, -scores[top]))][:count]
        return [(self.ids[n], float(scores[n])) for n in order.tolist()]

    def scores(self, normal: Normal) -> Floats:
        """A score for each entry, 0 to about 2."""
        return self._scores(normal.words)

    def _scores(self, words: Sequence[str]) -> Floats:
        query = self._query(words[:MOST_WORDS])
        return _shares(self.words, query.roots, query.root_weights, query.roots_said) + _shares(
            self.grams, query.grams, query.gram_weights, query.grams_said
        )

    def _query(self, words: Sequence[str]) -> Query:
        said = [root(word) for word in words]
        kin = self._kin_of(said)
        known = [(self.numbers[r], self._weight(r)) for r in said if r in self.numbers]
        known_kin = [(self.numbers[r], weight) for r, weight in kin.items()]
        grams, weights = codes_of(words, [self._weight(r) for r in said])
        kin_grams, kin_weights = codes_of_all([[r] for r in kin], [[self._weight(r)] for r in kin])[::2]
        return Query(
            np.array([n for n, _ in (*known, *known_kin)], np.uint32),
            np.array([w for _, w in (*known, *known_kin)], np.float32),
            len(known),
            np.concatenate([grams, kin_grams]),
            np.concatenate([weights, kin_weights * np.float32(KIN_GRAMS * self.help)]),
            len(grams),
        )

    def _kin_of(self, said: Sequence[str]) -> dict[str, float]:
        """Roots of the FAQ that may stand for what was said, with their weights."""
        kin: dict[str, float] = {}
        for word in dict.fromkeys(said):
            weight = (KIN if word in self.numbers else KIN_ALONE) * self.help
            for other in everyday().kin.get(word, ()):
                if other in self.numbers and other not in said:
                    kin[other] = max(kin.get(other, 0.0), weight * self._weight(other))
        return kin

    def _weight(self, word: str) -> float:
        return _weight(word, self.help)

    def _repaired(self, word: str) -> str:
        """A word that neither the FAQ nor everyday Indonesian knows, as the nearest word of the FAQ."""
        if word in self.vocabulary or root(word) in self.numbers or everyday().knows(word):
            return word
        return self.vocabulary.repair(word)


def build_hybrid(documents: Sequence[Document]) -> Hybrid:
    """Index any FAQ."""
    fields = [field for number, document in enumerate(documents) for field in _fields(number, document)]
    asked = sum(len(d.questions) for d in documents) / max(len(documents), 1)
    helped, k1 = help_of(asked), min(SATURATION + SATURATION_GROWTH * asked, MOST_SATURATION)
    roots = {word: root(word) for word in dict.fromkeys(chain.from_iterable(f.words for f in fields))}
    numbers = {r: n for n, r in enumerate(dict.fromkeys(roots.values()))}
    weights = {word: _weight(r, helped) for word, r in roots.items()}
    words = _word_index(fields, {word: numbers[r] for word, r in roots.items()}, weights, len(documents), k1)
    grams = _gram_index(_worth_cutting(fields), weights, len(documents), k1)
    return Hybrid(tuple(d.id for d in documents), Vocabulary(roots), numbers, words, grams, helped)


def help_of(questions: float) -> float:
    """How much everyday knowledge counts where entries bring that many questions on average."""
    return 1 / (1 + questions / FADING)


@dataclass(frozen=True, slots=True)
class Field:
    """A text of a document, with what it weighs for its words and for their n-grams."""

    owner: int
    words: tuple[str, ...]
    weight: float
    gram_weight: float


def _fields(owner: int, document: Document) -> Iterator[Field]:
    yield Field(owner, normalise(document.title).words, TITLE, TITLE)
    yield Field(owner, normalise(document.answer).words, ANSWER, GRAM_ANSWER)
    for question in document.questions:
        yield Field(owner, normalise(question).words, QUESTION, QUESTION)


def _weight(word: str, helped: float) -> float:
    """Of a root: less than 1 where it only frames a question."""
    return 1 - (1 - FRAME) * helped if word in everyday().frame else 1.0


def _word_index(
    fields: Sequence[Field], numbers: Mapping[str, int], weights: Mapping[str, float], size: int, k1: float
) -> Postings:
    """`numbers`, `weights`: of the root of each word."""
    said = list(chain.from_iterable(f.words for f in fields))
    lengths = np.array([len(f.words) for f in fields], np.int64)
    owners = np.repeat(np.array([f.owner for f in fields], np.int32), lengths)
    each = np.fromiter(map(weights.__getitem__, said), np.float32, len(said))
    each *= np.repeat(np.array([f.weight for f in fields], np.float32), lengths)
    return build(np.fromiter(map(numbers.__getitem__, said), np.uint32, len(said)), owners, each, size, k1=k1)


def _gram_index(fields: Sequence[Field], weights: Mapping[str, float], size: int, k1: float) -> Postings:
    codes, places, each = codes_of_all([f.words for f in fields], [[weights[w] for w in f.words] for f in fields])
    each *= np.array([f.gram_weight for f in fields], np.float32)[places]
    return build(codes, np.array([f.owner for f in fields], np.int32)[places], each, size, k1=k1)


def _worth_cutting(fields: Sequence[Field]) -> list[Field]:
    """Titles always; then questions, then answers, where they are not too many letters to be cut up as well."""
    kept: list[Field] = []
    letters = 0
    for weight in sorted({f.gram_weight for f in fields}, reverse=True):
        kind = [f for f in fields if f.gram_weight == weight]
        letters += sum(len(word) + 1 for f in kind for word in f.words)
        if letters <= MOST_GRAMMED or weight == TITLE:
            kept += kind
    return sorted(kept, key=lambda field: field.owner)


def _shares(postings: Postings, terms: Codes, weights: Floats, said: int) -> Floats:
    """Scores as a share of what the words said could reach; where none of them is known, of what their kin could."""
    reach = postings.reach(terms[:said], weights[:said]) or postings.reach(terms, weights)
    scores = postings.scores(terms, weights, most=MOST_VISITED)
    return scores / np.float32(reach) if reach > 0 else scores
