"""N-grams as numbers against n-grams as strings."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.grams import codes_of, codes_of_all

words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters=" "), min_size=1, max_size=8)
texts = st.lists(st.lists(words, max_size=5), max_size=6)


def runs(said: list[str]) -> list[bytes]:
    padded = b" " + " ".join(said).encode() + b" "
    return [padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)]


@given(st.lists(words, max_size=6), st.lists(words, max_size=6))
def test_codes_are_equal_where_the_runs_are(one: list[str], other: list[str]) -> None:
    codes, runs_of_both = [], []
    for said in (one, other):
        codes += codes_of(said, [1.0] * len(said))[0].tolist()
        runs_of_both += runs(said)
    pairs = set(zip(codes, runs_of_both, strict=True))
    assert len(pairs) == len(set(codes)) == len(set(runs_of_both))


@given(texts)
def test_many_texts_give_what_each_gives_alone(many: list[list[str]]) -> None:
    codes, owners, _ = codes_of_all(many, [[1.0] * len(said) for said in many])
    for number, said in enumerate(many):
        alone = codes_of(said, [1.0] * len(said))[0]
        assert Counter(codes[owners == number].tolist()) == Counter(alone.tolist())


def test_a_run_weighs_what_its_letters_weigh_on_average() -> None:
    codes, weights = codes_of(["apa", "itu"], [0.0, 1.0])
    by_run = dict(zip(runs(["apa", "itu"]), weights.tolist(), strict=True))
    assert by_run[b"apa"] == 0
    assert by_run[b"itu "] == 1
    assert by_run[b"a i"] == pytest.approx(1 / 3)
    assert len(codes) == len(weights)


def test_nothing_said_has_no_runs() -> None:
    assert codes_of_all([], [])[0].tolist() == []
    assert codes_of([], [])[0].tolist() == []
