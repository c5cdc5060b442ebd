"""N-grams as numbers against n-grams as strings."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from knowledge.grams import codes_of, codes_of_all

texts = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=30)


def runs(text: str) -> list[bytes]:
    padded = b" " + text.encode() + b" "
    return [padded[at : at + size] for size in (3, 4) for at in range(len(padded) - size + 1)]


@given(texts, texts)
def test_codes_are_equal_where_the_runs_are(one: str, other: str) -> None:
    codes = [code for text in (one, other) for code in codes_of(text).tolist()]
    pairs = set(zip(codes, runs(one) + runs(other), strict=True))
    assert len(pairs) == len(set(codes)) == len({run for _, run in pairs})


@given(st.lists(texts, max_size=6))
def test_many_texts_give_what_each_gives_alone(many: list[str]) -> None:
    codes, owners = codes_of_all(many)
    for number, text in enumerate(many):
        assert Counter(codes[owners == number].tolist()) == Counter(codes_of(text).tolist())


def test_nothing_said_has_no_runs() -> None:
    assert codes_of_all([])[0].tolist() == []
    assert codes_of("").tolist() == []
