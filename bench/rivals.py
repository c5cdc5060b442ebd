"""What the search is measured against: textbook BM25 over words and over n-grams, and the usual libraries.

Each rival is built from documents and ranks a text: (number of the document, score), best first. Nothing is cleverer
than a first attempt would be: lower case, words between blanks or runs of letters, the fields joined.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
from rapidfuzz import fuzz, process

from knowledge.hybrid import Document

Tokenise = Callable[[str], list[str]]
Ranked = list[tuple[int, float]]
_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    return text.lower().split()


def letters_of(text: str) -> list[str]:
    """Words without the punctuation beside them."""
    return _WORD.findall(text.lower())


def grams_of(text: str) -> list[str]:
    """Runs of 3 and of 4 characters."""
    lower = text.lower()
    return [lower[at : at + size] for size in (3, 4) for at in range(len(lower) - size + 1)]


def joined(document: Document) -> str:
    return " ".join([document.title, *document.questions, document.answer])


class PlainBm25:
    """Okapi BM25 with k1 = 1.2 and b = 0.75."""

    def __init__(self, documents: Sequence[Document], tokenise: Tokenise) -> None:
        self._tokenise, self._size = tokenise, len(documents)
        counts = [Counter(tokenise(joined(d))) for d in documents]
        lengths = [c.total() for c in counts]
        average = sum(lengths) / max(len(lengths), 1) or 1.0
        holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for term, times in count.items():
                weight = times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths[number] / average))
                holders[term].append((number, weight))
        self._postings = {
            term: (np.array([n for n, _ in held]), np.array([w for _, w in held]) * self._idf(len(held)))
            for term, held in holders.items()
        }

    def _idf(self, frequency: int) -> float:
        return math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))

    def rank(self, text: str, most: int) -> Ranked:
        total = np.zeros(self._size)
        for term in self._tokenise(text):
            if term in self._postings:
                numbers, weights = self._postings[term]
                total[numbers] += weights
        best = np.argsort(-total, kind="stable")[:most]
        return [(n, s) for n, s in zip(best.tolist(), total[best].tolist(), strict=True) if s > 0]


class Bm25s:
    """The library bm25s, words only, as its documentation shows it."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._index = bm25s.BM25(k1=1.2, b=0.75)
        self._index.index(bm25s.tokenize([joined(d) for d in documents], stopwords=None, show_progress=False),
                          show_progress=False)  # fmt: skip
        self._size = len(documents)

    def rank(self, text: str, most: int) -> Ranked:
        tokens = bm25s.tokenize(text, stopwords=None, return_ids=False, show_progress=False)
        found, scores = self._index.retrieve(tokens, k=min(most, self._size), show_progress=False)
        return [(int(n), float(s)) for n, s in zip(found[0], scores[0], strict=True) if s > 0]


class Fts5:
    """SQLite's full-text search, any of the words, its own bm25()."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute("create virtual table faq using fts5(text)")
        self._base.executemany(
            "insert into faq(rowid, text) values (?, ?)", ((n, joined(d)) for n, d in enumerate(documents))
        )

    def rank(self, text: str, most: int) -> Ranked:
        query = " OR ".join(f'"{word}"' for word in letters_of(text))
        rows = self._base.execute(
            "select rowid, -rank from faq where faq match ? order by rank limit ?", (query or '""', most)
        )
        return [(int(n), float(s)) for n, s in rows]


class BruteForce:
    """rapidfuzz over every title and question, token_set_ratio."""

    def __init__(self, documents: Sequence[Document]) -> None:
        pairs = [(n, text.lower()) for n, d in enumerate(documents) for text in (d.title, *d.questions)]
        self._owners, self._texts = [n for n, _ in pairs], [text for _, text in pairs]

    def rank(self, text: str, most: int) -> Ranked:
        found = process.extract(text.lower(), self._texts, scorer=fuzz.token_set_ratio, limit=most)
        return [(self._owners[at], score) for _, score, at in found]
