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
Terms = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.int64]
MOST_REPEATS = 2


@dataclass(frozen=True, slots=True)
class Postings:
    """`terms` is sorted; `starts[t]:starts[t + 1]` are the places of its t-th term in `documents` and `impacts`."""

    terms: Terms
    starts: Numbers
    documents: Ints
    impacts: Floats
    idf: Floats
    size: int

    def scores(self, query: Terms, weights: Floats, *, most: int | None = None) -> Floats:
        """A sum of impacts for each document. `weights`: of each term of the query.

        `most`: how many postings may be visited; the rarest terms go first, the commonest are left out beyond it.
        """
        wanted, factors = self._wanted(query, weights)
        lengths = self.starts[wanted + 1] - self.starts[wanted]
        if most is not None and len(wanted):
            count = max(int(np.searchsorted(np.cumsum(lengths), most, side="right")), 1)
            wanted, factors, lengths = wanted[:count], factors[:count], lengths[:count]
        if not len(wanted):
            return np.zeros(self.size, np.float32)
        slices = [slice(s, s + n) for s, n in zip(self.starts[wanted].tolist(), lengths.tolist(), strict=True)]
        documents = np.concatenate([self.documents[s] for s in slices])
        impacts = np.concatenate([self.impacts[s] for s in slices]) * np.repeat(factors, lengths)
        return np.bincount(documents, weights=impacts, minlength=self.size).astype(np.float32)

    def reach(self, query: Terms, weights: Floats) -> float:
        """What `scores` approaches in a document that says everything of the query over and over.

        A term that stands nowhere counts as the rarest: whoever says the rest of the query has not said all of it.
        """
        wanted, factors = self._wanted(query, weights)
        unknown = weights[~self._places(query)[1]].sum()
        return float(self.idf[wanted] @ factors + unknown * np.log1p((self.size + 0.5) / 0.5))

    def _wanted(self, query: Terms, weights: Floats) -> tuple[Numbers, Floats]:
        """The query's known terms, rarest first, each with its average weight times its occurrences, at most two."""
        terms, place, counts = np.unique(query, return_inverse=True, return_counts=True)
        factors = np.bincount(place, weights=weights, minlength=len(terms)) * np.minimum(counts, MOST_REPEATS) / counts
        places, known = self._places(terms)
        wanted = places[known]
        order = np.argsort(-self.idf[wanted], kind="stable")
        return wanted[order], factors[known][order].astype(np.float32)

    def _places(self, terms: Terms) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """Where each term is (or would be) in `terms`, and whether it is there."""
        places = np.searchsorted(self.terms, terms)
        known = places < len(self.terms)
        known[known] = self.terms[places[known]] == terms[known]
        return places, known


def build(terms: Terms, documents: Ints, weights: Floats, size: int, *, k1: float = 1.2, b: float = 0.75) -> Postings:
    """An index over occurrences: term `terms[i]` stands in document `documents[i]` with `weights[i]` (above 0).

    The occurrences of a term come in the order of their documents.
    """
    order, first = _grouped(terms, documents)
    term, document = terms[order][first], documents[order][first]
    total = np.add.reduceat(weights[order], first) if len(first) else weights[:0]
    lengths = np.bincount(documents, weights=weights, minlength=size).astype(np.float32)
    average = float(lengths.mean()) if size and lengths.any() else 1.0
    begins = np.flatnonzero(np.diff(term, prepend=~term[:1])) if len(term) else np.zeros(0, np.int64)
    starts = np.append(begins, len(term)).astype(np.int64)
    frequency = np.diff(starts)
    idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
    saturation = total / (total + k1 * (1 - b + b * lengths[document] / average))
    impacts = np.repeat(idf, frequency) * saturation
    return Postings(term[begins], starts, document, impacts.astype(np.float32), idf, size)


def _grouped(terms: Terms, documents: Ints) -> tuple[Numbers, Numbers]:
    """The occurrences by term and document, and where in this order each pair of the two begins.

    Term and place in one number: numpy sorts numbers several times faster than it sorts their places.
    """
    keys = (terms.astype(np.uint64) << np.uint64(32)) | np.arange(len(terms), dtype=np.uint64)
    keys.sort()
    order = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    pairs = (keys & ~np.uint64(0xFFFFFFFF)) | documents[order].astype(np.uint64)
    new = np.ones(len(pairs), bool)
    new[1:] = pairs[1:] != pairs[:-1]
    return order, np.flatnonzero(new)
