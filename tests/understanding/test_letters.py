"""Courtesies are no questions: what is left of a message when salutation, thanks and signature are off."""

from __future__ import annotations

import pytest

from intents.letters import question_of, sentences_of


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("assalamualaikum wr wb, selamat pagi min semoga sehat selalu, mau tanya alamat kantor apa ya",
         "mau tanya alamat kantor apa ya"),
        ("Assalamualaikum. Apa benar konsultasi harus bayar?", "Apa benar konsultasi harus bayar?"),
        ("pagi buka jam brp", "buka jam brp"),
        ("siang kak bisa konsul jam 1? makasih ya kak 🙏", "bisa konsul jam 1?"),
        ("Yth. Kepala BPS,\n\nMohon penjelasan tentang IPM.\n\nTerima kasih,\nWarga", "Mohon penjelasan tentang IPM."),
        ("Selamat pagi,\n\nKami mohon tabel PDRB. Atas kerja samanya diucapkan terima kasih.\n\nPanitia",
         "Kami mohon tabel PDRB"),
    ],
)  # fmt: skip
def test_only_the_question_is_left(message: str, question: str) -> None:
    assert question_of(message) == question


@pytest.mark.parametrize(
    "message", ["halo kak", "selamat pagi", "infonya sudah jelas terima kasih", "makasih ya min", "halal itu apa"]
)
def test_where_courtesy_is_the_message_it_stays(message: str) -> None:
    assert question_of(message) == message


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("Petugasnya kasar sekali. Terus jam buka kantor sampai jam berapa ya?", 2),
        ("berapa lama dijawab, dan apa syarat konsultasinya", 2),
        ("apa itu inflasi tahunan?", 0),
        ("Ya. Oke. Baik.", 0),
    ],
)
def test_sentences_that_may_hold_a_concern_of_their_own(message: str, count: int) -> None:
    assert len(sentences_of(message)) == count
