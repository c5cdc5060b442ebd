"""Hybrid ranking of any FAQ: what is meant, by the roots of words (BM25), and what is written, by n-grams (BM25).

The first leg leans on everyday Indonesian (everyday.py): words that frame a question weigh little, kin of a word speak
for it a little, and an unknown word is repaired towards the FAQ's own words. The more ways to ask an entry brings
along, the less such help is worth beside them; `help_of` lets it fade. The second leg takes all letters alike and
repairs nothing: names, slips of the keys, compounds, quotations. Each gives a share of what the question could reach
if an entry said all of it, 0 to about 1, so that they can be added; a question that is nearly quoted counts more than
in proportion.
Nothing here is tuned to our own base. Measured: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from intents.text import Normal, Vocabulary, normalise
from knowledge.everyday import load as everyday
from knowledge.everyday import root
from knowledge.grams import codes_of, codes_of_all
from knowledge.postings import Floats, Postings, build

TITLE, QUESTION, ANSWER = 2.0, 1.5, 1.0
FRAME = 0.3
KIN, KIN_ALONE = 0.4, 0.7  # alone: the word itself occurs nowhere in the FAQ
FADING = 8.0  # questions an entry after which everyday help counts half
SATURATION, MOST_SATURATION, SATURATION_GROWTH = 1.2, 5.0, 0.5
MOST_GRAMMED = 12_000_000  # letters that are cut into n-grams
MOST_VISITED = 60_000  # postings that a leg may touch for a query
MOST_WORDS = 200  # of a query
UNKNOWN = 2**32 - 1  # number of a root that the FAQ does not have


@dataclass(frozen=True, slots=True)
class Document:
    """One entry of any FAQ."""

    id: str
    title: str
    answer: str
    questions: tuple[str, ...] = ()


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
        written = normalise(text).words[:MOST_WORDS]
        scores = self._scores([self._repaired(word) for word in written], written)
        count = min(most, int((scores > 0).sum()))
        top = np.argpartition(-scores, count - 1)[:count] if 0 < count < len(scores) else np.arange(len(scores))
        order = top[np.lexsort((top, -scores[top]))][:count]
        return [(self.ids[n], float(scores[n])) for n in order.tolist()]

    def scores(self, normal: Normal) -> Floats:
        """A score for each entry, 0 to about 3."""
        words = normal.words[:MOST_WORDS]
        return self._scores(words, words)

    def _scores(self, meant: Sequence[str], written: Sequence[str]) -> Floats:
        letters = self._written(written)
        return self._meant(meant) + letters + letters * letters

    def _meant(self, words: Sequence[str]) -> Floats:
        said = [root(word) for word in words]
        kin = self._kin_of(said)
        numbers = np.array([self.numbers.get(r, UNKNOWN) for r in (*said, *kin)], np.uint32)
        weights = np.array([*(_weight(r, self.help) for r in said), *kin.values()], np.float32)
        reach = self.words.reach(numbers[: len(said)], weights[: len(said)])
        return self.words.scores(numbers, weights, most=MOST_VISITED) / np.float32(reach or 1)

    def _written(self, words: Sequence[str]) -> Floats:
        grams = codes_of(" ".join(words))
        weights = np.ones(len(grams), np.float32)
        return self.grams.scores(grams, weights, most=MOST_VISITED) / np.float32(self.grams.reach(grams, weights) or 1)

    def _kin_of(self, said: Sequence[str]) -> dict[str, float]:
        """Roots of the FAQ that may stand for what was said, with their weights."""
        kin: dict[str, float] = {}
        for word in dict.fromkeys(said):
            weight = (KIN if word in self.numbers else KIN_ALONE) * self.help
            for other in everyday().kin.get(word, ()):
                if other in self.numbers and other not in said:
                    kin[other] = max(kin.get(other, 0.0), weight * _weight(other, self.help))
        return kin

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
    words = _word_index(fields, roots, numbers, helped, len(documents), k1)
    grams = _gram_index(_worth_cutting(fields), len(documents), k1)
    return Hybrid(tuple(d.id for d in documents), Vocabulary(roots), numbers, words, grams, helped)


def help_of(questions: float) -> float:
    """How much everyday knowledge counts where entries bring that many questions on average."""
    return 1 / (1 + questions / FADING)


@dataclass(frozen=True, slots=True)
class Field:
    """A text of a document: its words in normal form, and what it weighs."""

    owner: int
    words: tuple[str, ...]
    weight: float


def _fields(owner: int, document: Document) -> Iterator[Field]:
    weighted = ((document.title, TITLE), (document.answer, ANSWER), *((q, QUESTION) for q in document.questions))
    for text, weight in weighted:
        yield Field(owner, normalise(text).words, weight)


def _weight(word: str, helped: float) -> float:
    """Of a root: less than 1 where it only frames a question."""
    return 1 - (1 - FRAME) * helped if word in everyday().frame else 1.0


def _word_index(
    fields: Sequence[Field], roots: Mapping[str, str], numbers: Mapping[str, int], helped: float, size: int, k1: float
) -> Postings:
    said = list(chain.from_iterable(f.words for f in fields))
    number = {word: numbers[r] for word, r in roots.items()}
    weight = {word: _weight(r, helped) for word, r in roots.items()}
    lengths = np.array([len(f.words) for f in fields], np.int64)
    owners = np.repeat(np.array([f.owner for f in fields], np.int32), lengths)
    each = np.fromiter(map(weight.__getitem__, said), np.float32, len(said))
    each *= np.repeat(np.array([f.weight for f in fields], np.float32), lengths)
    return build(np.fromiter(map(number.__getitem__, said), np.uint32, len(said)), owners, each, size, k1=k1)


def _gram_index(fields: Sequence[Field], size: int, k1: float) -> Postings:
    codes, places = codes_of_all([" ".join(f.words) for f in fields])
    weights = np.array([f.weight for f in fields], np.float32)
    return build(codes, np.array([f.owner for f in fields], np.int32)[places], weights[places], size, k1=k1)


def _worth_cutting(fields: Sequence[Field]) -> list[Field]:
    """Titles always; then questions, then answers, where they are not too many letters to be cut up as well."""
    kept: list[Field] = []
    letters = 0
    for weight in sorted({f.weight for f in fields}, reverse=True):
        kind = [f for f in fields if f.weight == weight]
        letters += sum(len(word) + 1 for f in kind for word in f.words)
        if letters <= MOST_GRAMMED or weight == TITLE:
            kept += kind
    return sorted(kept, key=lambda field: field.owner)
