"""The normal form: what people type on a phone becomes the words of a book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.text import MOST_CHARACTERS, Vocabulary, normalise, tokens

WORDS = {"penduduk", "jumlah", "kemiskinan", "pengangguran", "inflasi", "kecamatan", "konsultasi", "statistik"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("brp jml pddk??", ("berapa", "jumlah", "penduduk")),
        ("gmn cara mnta data dmn", ("bagaimana", "cara", "minta", "data", "di", "mana")),
        ("haloooo", ("halo",)),
        ("mau nanya2 soal ipm", ("tanya", "soal", "ipm")),
        ("1nfl4s1", ("inflasi",)),
        ("piro regane beras", ("berapa", "harga", "beras")),
    ],
)
def test_chat_becomes_standard_indonesian(typed: str, words: tuple[str, ...]) -> None:
    found = normalise(typed).words
    assert [w for w in words if w in found] == list(words), found


@pytest.mark.parametrize("code", ["p0", "st2023", "kbli", "2024"])
def test_codes_and_numbers_are_no_leetspeak(code: str) -> None:
    assert tokens(code) == [code]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("pendudk", "penduduk"), ("kemiskinn", "kemiskinan"), ("pengaguran", "pengangguran"), ("kecamtan", "kecamatan")],
)
def test_typos_are_repaired_towards_the_vocabulary(typed: str, meant: str) -> None:
    assert Vocabulary(WORDS).repair(typed) == meant


@pytest.mark.parametrize("word", ["penduduk", "beras", "ipm", "xyzzyq"])
def test_a_known_short_or_hopeless_word_is_left_alone(word: str) -> None:
    assert Vocabulary(WORDS | {"beras"}).repair(word) == word


def test_berapa_and_mengapa_stay_apart() -> None:
    assert normalise("berapa").stems != normalise("mengapa").stems


@pytest.mark.parametrize(
    ("typed", "language"),
    [("how many people live here", "en"), ("piro jumlahe wong kene", "jv"), ("jumlah penduduk", "id")],
)
def test_the_language_is_what_most_words_give_away(typed: str, language: str) -> None:
    assert normalise(typed).language == language


@given(st.text(max_size=400))
def test_nothing_that_can_be_typed_breaks_it(text: str) -> None:
    normal = normalise(text, Vocabulary(WORDS))
    assert all(word and not word.isspace() for word in normal.words)


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00\x07", "😀😀😀", "a" * 100_000, "?!?!", "\u200b\u200e"])
def test_odd_input_is_bounded(text: str) -> None:
    assert len(normalise(text).text) <= MOST_CHARACTERS
