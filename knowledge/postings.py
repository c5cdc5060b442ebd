"""An inverted index with BM25 weights over terms that are numbers. Immutable, numpy only.

Okapi BM25 (Robertson & Zaragoza 2009). Fields of a document are joined beforehand, each counted by its weight, which is
the simple form of BM25F. Impacts are computed once, so that a query only adds a few slices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Terms = npt.NDArray[np.uint64]
MOST_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Postings:
    """`terms` is sorted; `starts[t]:starts[t + 1]` are the places of its t-th term in `documents` and `impacts`."""

    terms: Terms
    starts: npt.NDArray[np.int64]
    documents: Ints
    impacts: Floats
    idf: Floats
    size: int

    def scores(self, query: Terms, *, most: int | None = None) -> Floats:
        """A score for each document: the share of the best that this query could reach, 0 to about 1.

        `most`: how many postings may be visited; the rarest terms go first, the commonest are left out beyond it.
        """
        wanted, counts = self._wanted(query)
        total = np.zeros(self.size, np.float32)
        if not len(wanted):
            return total
        visited = 0
        for number, count in zip(wanted.tolist(), counts.tolist(), strict=True):
            start, end = int(self.starts[number]), int(self.starts[number + 1])
            visited += end - start
            if most is not None and visited > most and visited > end - start:
                break
            total[self.documents[start:end]] += self.impacts[start:end] * np.float32(count)
        ceiling = float((self.idf[wanted] * counts).sum())
        return total / np.float32(ceiling)

    def _wanted(self, query: Terms) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The query's known terms, rarest first, and how often each occurs (at most twice)."""
        terms, counts = np.unique(query, return_counts=True)
        places = np.searchsorted(self.terms, terms)
        known = places < len(self.terms)
        known[known] = self.terms[places[known]] == terms[known]
        wanted, counts = places[known], np.minimum(counts[known], MOST_REPEATS)
        order = np.argsort(-self.idf[wanted], kind="stable")
        return wanted[order], counts[order]


def build(terms: Terms, documents: Ints, weights: Floats, size: int, *, k1: float = 1.2, b: float = 0.75) -> Postings:
    """An index over occurrences: term `terms[i]` stands in document `documents[i]` with `weights[i]`."""
    known, numbers = np.unique(terms, return_inverse=True)
    pairs, place = np.unique(numbers.astype(np.int64) * size + documents, return_inverse=True)
    total = np.bincount(place, weights=weights, minlength=len(pairs)).astype(np.float32)
    term, document = pairs // max(size, 1), (pairs % max(size, 1)).astype(np.int32)
    lengths = np.bincount(documents, weights=weights, minlength=size).astype(np.float32)
    average = float(lengths.mean()) if size and lengths.any() else 1.0
    starts = np.searchsorted(term, np.arange(len(known) + 1)).astype(np.int64)
    frequency = np.diff(starts).astype(np.float32)
    idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    saturation = total / (total + k1 * (1 - b + b * lengths[document] / average))
    return Postings(known, starts, document, (idf[term] * saturation).astype(np.float32), idf, size)
