"""Roots of inflected and of chat words, and the words that may stand for each other."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.everyday import load, root


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        ("kirim", "mengirim pengiriman dikirim kiriman ngirim terkirim kekirim kirimkan"),
        ("tutup", "menutup penutupan ditutup tertutup nutup"),
        ("pakai", "memakai pemakaian dipakai pakaikan"),
        ("sewa", "menyewa penyewaan disewakan nyewa"),
        ("ambil", "mengambil pengambilan diambilkan ngambilnya"),
        ("bayar", "pembayaran dibayarkan terbayar bayarnya mbayar"),
        ("lunas", "pelunasan melunasi lunasin dilunasi"),
        ("ubah", "mengubah perubahan diubah ngubahnya"),
        ("milik", "kepemilikan dimiliki pemilik"),
        ("nilai", "penilaian menilai dinilai nilainya"),
        ("terima", "penerimaan menerima diterima keterima"),
        ("baru", "memperbarui pembaruan diperbarui"),
    ],
)
def test_what_is_inflected_leads_back_to_its_root(meant: str, written: str) -> None:
    assert {word: root(word) for word in written.split()} == dict.fromkeys(written.split(), meant)


@pytest.mark.parametrize("word", ["batal", "tinggal", "utang", "pengesahan", "bertanya", "mencairkan", "bukan"])
def test_an_indonesian_word_is_known_and_so_no_typo(word: str) -> None:
    assert load().knows(word)


@pytest.mark.parametrize("word", ["rekning", "deposto", "xyzzy", "12345", "👍"])
def test_what_leads_to_no_root_is_not_known(word: str) -> None:
    assert not load().knows(word)


def test_kin_are_mutual_and_never_the_word_itself() -> None:
    kin = load().kin
    assert all(word not in others and all(word in kin[other] for other in others) for word, others in kin.items())
    assert "ongkos" in kin["biaya"]


@given(st.text("mengpyakibersdtu", max_size=60))
def test_any_word_has_a_root_in_no_time(word: str) -> None:
    started = time.process_time()
    assert root(word)[:1] or not word
    assert time.process_time() - started < 0.2
