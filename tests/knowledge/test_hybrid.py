"""The ranking of any FAQ: how good, and what it does with odd questions and odd FAQs."""

from __future__ import annotations

import pytest

from bench.foreign import Set, judge, quoted, sets
from bench.rivals import Bm25s, PlainBm25, grams_of, letters_of, words_of
from bench.search import Ours
from bench.texts import faq, questions
from knowledge.hybrid import Document, build_hybrid, help_of

LEAD = 2.0  # points of recall@1 over the better of the plain ones, in every shape of every set
LOSS = 3.0  # at most, where the FAQ's own words are asked with, which plain rankings are best at

FAQ = [
    Document("kirim", "Berapa ongkos kirim?", "Ongkos kirim dihitung dari berat dan jarak."),
    Document("retur", "Bagaimana mengembalikan barang?", "Ajukan retur paling lambat tujuh hari setelah diterima."),
    Document("sandi", "Bagaimana jika lupa kata sandi?", "Tekan Lupa Sandi lalu ikuti tautan yang dikirim."),
]


@pytest.mark.parametrize("given", list(sets()), ids=lambda s: f"{s.name}, {s.shape}")
def test_citizens_questions_are_ranked_clearly_better_than_by_plain_bm25(given: Set) -> None:
    plain = [PlainBm25(given.documents, tokens) for tokens in (words_of, letters_of, grams_of)]
    best = max(judge(rival, given).first for rival in (*plain, Bm25s(given.documents)))
    assert judge(Ours(given.documents), given).first > best + LEAD


@pytest.mark.parametrize("given", list(quoted()), ids=lambda s: s.shape)
def test_the_faqs_own_words_are_found_about_as_well_as_by_the_best_plain_bm25(given: Set) -> None:
    best = max(judge(PlainBm25(given.documents, tokens), given).first for tokens in (words_of, letters_of, grams_of))
    assert judge(Ours(given.documents), given).first > best - LOSS


def test_near_duplicates_are_told_apart_better_than_by_plain_bm25() -> None:
    asked = questions(2_000, 150)
    given = Set("near duplicates", "whole", tuple(faq(2_000)), tuple((q.text, q.id) for q in asked))
    plain = max(judge(PlainBm25(given.documents, tokens), given).first for tokens in (letters_of, grams_of))
    assert judge(Ours(given.documents), given).first > plain + 10


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("brp ongkir ke luar kota", "kirim"),
        ("BIAYA PENGIRIMAN???", "kirim"),
        ("mau balikin brang", "retur"),
        ("lupaaa paswod", "sandi"),
        ("sandii nya lali", "sandi"),
    ],
)
def test_chat_typos_and_kin_find_the_entry(text: str, first: str) -> None:
    assert build_hybrid(FAQ).rank(text, 3)[0][0] == first


@pytest.mark.parametrize("text", ["", "   ", "👍👍", "?!", "\x00", "zzqx"])
def test_what_says_nothing_finds_nothing(text: str) -> None:
    assert build_hybrid(FAQ).rank(text, 3) == []


def test_a_hundred_kilobytes_are_a_question_like_any_other() -> None:
    index = build_hybrid(FAQ)
    assert index.rank("ongkos kirim " * 8_000, 3)[0][0] == "kirim"
    assert index.rank("a" * 100_000, 3) == []


def test_an_empty_faq_finds_nothing() -> None:
    assert build_hybrid([]).rank("berapa ongkos kirim", 3) == []


def test_entries_without_any_text_are_never_found() -> None:
    found = build_hybrid([*FAQ, Document("kosong", "", "")]).rank("ongkos kirim barang", 9)
    assert {name for name, _ in found} == {"kirim", "retur", "sandi"}


def test_one_entry_alone_is_found() -> None:
    assert build_hybrid(FAQ[:1]).rank("ongkos", 5)[0][0] == "kirim"


def test_hits_come_best_first_and_no_more_than_asked_for() -> None:
    hits = build_hybrid(FAQ).rank("ongkos kirim barang yang dikembalikan", 2)
    assert len(hits) == 2
    assert hits[0][1] >= hits[1][1] > 0


def test_equal_entries_come_in_their_order() -> None:
    twins = [Document(name, "Jam buka", "Senin") for name in ("b", "a", "c")]
    assert [name for name, _ in build_hybrid(twins).rank("jam buka", 3)] == ["b", "a", "c"]


def test_the_same_faq_is_indexed_the_same_way_twice() -> None:
    one, other = (build_hybrid(FAQ).rank("barang", 3) for _ in range(2))
    assert one == other


def test_everyday_help_fades_where_entries_know_how_they_are_asked() -> None:
    assert help_of(0) == 1
    assert help_of(40) < help_of(8) == 0.5


def test_where_there_is_too_much_to_cut_up_words_still_find_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = build_hybrid(FAQ)
    monkeypatch.setattr("knowledge.hybrid.MOST_GRAMMED", 60)
    index = build_hybrid(FAQ)
    assert 0 < len(index.grams.terms) < len(whole.grams.terms)
    assert len(index.words.terms) == len(whole.words.terms)
    assert "sandi" in dict(index.rank("tautan", 3))
