"""Text: its length, its parts, its marks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp_text import LONGEST, MOST_PARTS, TooLong, escape, numbered, shortened, split, units

PARAGRAPH = "Inflasi adalah kenaikan harga barang dan jasa secara umum dan terus menerus. "
ANY_LINES = st.lists(st.text(max_size=400), max_size=20).map("\n".join)


def body(parts: tuple[str, ...]) -> str:
    """What was said, without numbers of parts and without spaces."""
    plain = parts if len(parts) == 1 else tuple(re.sub(r"\n\n\(\d/\d\)$", "", part) for part in parts)
    return re.sub(r"\s", "", "".join(plain))


def test_an_emoji_is_two_units() -> None:
    assert units("a\u00e9\U0001f64f") == 4


@pytest.mark.parametrize("text", ["halo", "x" * 1600, "\U0001f64f" * 800, "a\n\nb"])
def test_what_fits_stays_whole_and_without_a_number(text: str) -> None:
    assert split(text) == (text,)


def test_a_long_text_is_cut_at_a_paragraph() -> None:
    first, second = PARAGRAPH * 15, PARAGRAPH * 12
    assert split(f"{first.strip()}\n\n{second.strip()}") == (
        f"{first.strip()}\n\n(1/2)", f"{second.strip()}\n\n(2/2)",
    )  # fmt: skip


def test_without_paragraphs_it_is_cut_after_a_sentence() -> None:
    parts = split((PARAGRAPH * 40).strip())
    assert len(parts) == 3
    assert all(re.search(r"\.\n\n\(\d/3\)$", part) for part in parts)


def test_short_parts_are_not_paid_for_with_a_fourth() -> None:
    """Four paragraphs of 800: cut at paragraphs they would make four parts."""
    parts = split("\n\n".join([("kata " * 160).strip()] * 4))
    assert len(parts) <= MOST_PARTS


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(TooLong):
        split("kata " * 2000)


@settings(max_examples=300, deadline=None)
@given(ANY_LINES)
def test_nothing_is_lost_and_no_part_is_too_long(text: str) -> None:
    try:
        parts = split(text)
    except TooLong:
        assert units(text) > 1425 * MOST_PARTS - 10
        return
    assert all(units(part) <= LONGEST for part in parts)
    assert len(parts) <= MOST_PARTS
    assert body(parts) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*tebal* dan _miring_", "\u2217tebal\u2217 dan \uff3fmiring\uff3f"),
        ("~coret~ `kode`", "\u223ccoret\u223c \u02cbkode\u02cb"),
        ("rina_dewi@contoh.id", "rina_dewi@contoh.id"),
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("* satu\n- dua\n> tiga", "\u2217 satu\n\u2013 dua\n\u203a tiga"),
        ("-7,5 derajat", "-7,5 derajat"),
        ("harga < 5 & > 3", "harga < 5 & > 3"),
        ("halo", "halo"),
    ],
)
def test_marks_in_somebody_elses_words_mark_nothing(text: str, expected: str) -> None:
    assert escape(text) == expected


@given(st.text(alphabet="*_~`a b\n>-", max_size=40))
def test_after_escaping_no_pair_of_marks_is_left(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"(?<![a-z])[*_~](?=\S)", escaped)
    assert "`" not in escaped
    assert escape(escaped) == escaped
    assert len(escaped) == len(text)


def test_options_are_numbered_below_the_text() -> None:
    assert numbered("Yang mana?", ["Inflasi", "IPM \n x"], "id") == (
        "Yang mana?\n\n1. Inflasi\n2. IPM x\n\n_Balas dengan angkanya._"
    )
    assert numbered("Which?", ["Inflation"], "en").endswith("_Reply with the number._")


def test_grades_are_not_numbered_again() -> None:
    assert numbered("Nilai 1-5?", ["5", "4", "3"], "id") == "Nilai 1-5?"
    assert numbered("halo", [], "id") == "halo"


@given(st.text(max_size=60), st.integers(2, 30))
def test_a_shortened_text_fits(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert units(short) <= limit
    assert short == text or short.endswith("…")
