"""The inverted index against BM25 computed the slow way, word by word."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.postings import Postings, build

Corpus = list[list[tuple[int, float]]]
occurrence = st.tuples(st.integers(0, 12), st.sampled_from([0.3, 0.5, 1.0, 2.0]))
corpora = st.lists(st.lists(occurrence, max_size=12), min_size=1, max_size=8)


def indexed(corpus: Corpus, k1: float = 1.2) -> Postings:
    flat = [(term, owner, weight) for owner, said in enumerate(corpus) for term, weight in said]
    columns = list(zip(*flat, strict=True)) or [(), (), ()]
    return build(
        np.array(columns[0], np.uint32), np.array(columns[1], np.int32), np.array(columns[2], np.float32),
        len(corpus), k1=k1,
    )  # fmt: skip


def slowly(corpus: Corpus, query: list[tuple[int, float]], k1: float = 1.2, b: float = 0.75) -> list[float]:
    lengths = [sum(w for _, w in said) for said in corpus]
    average = sum(lengths) / len(corpus) or 1.0
    totals = []
    for said, length in zip(corpus, lengths, strict=True):
        total = 0.0
        for term, count in Counter(t for t, _ in query).items():
            holders = sum(any(t == term for t, _ in other) for other in corpus)
            frequency = sum(w for t, w in said if t == term)
            weight = sum(w for t, w in query if t == term) / count * min(count, 2)
            idf = math.log(1 + (len(corpus) - holders + 0.5) / (holders + 0.5))
            if frequency:
                total += weight * idf * frequency / (frequency + k1 * (1 - b + b * length / average))
        totals.append(total)
    return totals


def asked(query: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in query], np.uint32), np.array([w for _, w in query], np.float32)


@given(corpora, st.lists(occurrence, max_size=8), st.sampled_from([1.2, 5.0]))
def test_scores_are_bm25_as_the_books_have_it(corpus: Corpus, query: list[tuple[int, float]], k1: float) -> None:
    scores = indexed(corpus, k1).scores(*asked(query))
    assert scores.tolist() == pytest.approx(slowly(corpus, query, k1), abs=1e-4)


@given(corpora, st.lists(occurrence, max_size=8))
def test_no_document_gets_beyond_the_reach_of_a_query(corpus: Corpus, query: list[tuple[int, float]]) -> None:
    index = indexed(corpus)
    assert index.scores(*asked(query)).max() <= index.reach(*asked(query)) + 1e-4


def test_a_term_that_stands_nowhere_widens_the_reach_as_the_rarest_would() -> None:
    index = indexed([[(1, 1.0)], [(2, 1.0)]])
    alone, widened = (index.reach(*asked([(1, 1.0), *more])) for more in ([], [(9, 1.0)]))
    assert widened - alone == pytest.approx(math.log(1 + 2.5 / 0.5))


def test_a_bound_on_visits_keeps_the_rarest_terms() -> None:
    corpus = [[(1, 1.0), *([(2, 1.0)] if n == 7 else [])] for n in range(50)]
    index, query = indexed(corpus), asked([(1, 1.0), (2, 1.0)])
    assert np.flatnonzero(index.scores(*query, most=10)).tolist() == [7]
    assert np.count_nonzero(index.scores(*query, most=51)) == 50


def test_the_first_term_is_visited_even_beyond_the_bound() -> None:
    index = indexed([[(1, 1.0)], [(1, 1.0)], [(1, 1.0)]])
    assert np.count_nonzero(index.scores(*asked([(1, 1.0)]), most=1)) == 3


def test_an_empty_index_answers_nothing() -> None:
    assert indexed([]).scores(*asked([(1, 1.0)])).tolist() == []
    assert indexed([]).reach(*asked([])) == 0
