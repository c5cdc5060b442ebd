"""What a server's answer means: the table of the notes on channels, row by row."""

from __future__ import annotations

import pytest

from bot.channels.email_verdicts import WAITS, Stage, broken, refused, retry_after, rules, words
from bot.channels.port import Verdict

TRY, NO, OURS, WHO_KNOWS = Verdict.TRY_AGAIN, Verdict.REFUSED, Verdict.CONFIGURATION, Verdict.UNCERTAIN
R, S, C, LOGIN, DOOR = Stage.RECIPIENT, Stage.SENDER, Stage.CONTENT, Stage.LOGIN, Stage.CONNECT

TABLE: list[tuple[Stage, int, str, Verdict, str]] = [
    (DOOR, 421, "4.3.2 sibuk", TRY, "later"),
    (DOOR, 554, "5.7.1 diblokir", OURS, "connection"),
    (LOGIN, 421, "4.7.0 nanti", TRY, "later"),
    (LOGIN, 451, "4.3.0 nanti", TRY, "later"),
    (LOGIN, 454, "4.7.0 sementara", OURS, "login"),
    (LOGIN, 432, "4.7.12 ganti sandi", OURS, "login"),
    (LOGIN, 535, "5.7.8 salah", OURS, "login"),
    (LOGIN, 534, "5.7.9 lewat peramban", OURS, "login"),
    (LOGIN, 550, "5.7.30 basic authentication is not supported", OURS, "login"),
    (S, 530, "5.7.0 masuk dulu", OURS, "login"),
    (S, 550, "5.7.30 basic authentication is not supported", OURS, "login"),
    (S, 451, "4.7.1 tunggu", TRY, "later"),
    (S, 552, "5.3.4 besar", NO, "too_large"),
    (S, 553, "5.7.1 bukan alamat Anda", OURS, "sender"),
    (S, 550, "5.1.8 domain", OURS, "sender"),
    (R, 421, "4.7.0 banyak", TRY, "later"),
    (R, 450, "4.2.0 abu-abu", TRY, "later"),
    (R, 451, "4.7.1 abu-abu", TRY, "later"),
    (R, 452, "4.2.2 penuh", TRY, "later"),
    (R, 454, "4.7.1 nanti", TRY, "later"),
    (R, 550, "5.1.1 tidak ada", NO, "address"),
    (R, 550, "tidak ada", NO, "address"),
    (R, 551, "pindah", NO, "address"),
    (R, 553, "5.1.3 salah tulis", NO, "address"),
    (R, 556, "5.1.10 domain tanpa surel", NO, "address"),
    (R, 550, "5.4.1 ditolak", NO, "address"),
    (R, 550, "5.2.1 mati", NO, "inactive"),
    (R, 552, "5.2.2 penuh", NO, "full"),
    (R, 550, "5.1.7 pengirim", OURS, "sender"),
    (R, 554, "5.7.1 ditolak", NO, "policy"),
    (C, 451, "4.3.0 nanti", TRY, "later"),
    (C, 452, "4.3.1 penuh", TRY, "later"),
    (C, 552, "besar", NO, "too_large"),
    (C, 550, "5.2.3 besar", NO, "too_large"),
    (C, 550, "5.7.26 tanpa DKIM", NO, "policy"),
    (C, 554, "5.7.1 sampah", NO, "policy"),
    (C, 554, "gagal", NO, "other"),
    (C, 500, "5.6.0 isi", NO, "other"),
    (C, -1, "bukan jawaban", WHO_KNOWS, "uncertain"),
    (C, 354, "lagi", WHO_KNOWS, "uncertain"),
    (R, -1, "bukan jawaban", TRY, "unreachable"),
]


@pytest.mark.parametrize(("stage", "code", "text", "verdict", "meaning"), TABLE)
def test_an_answer_means(stage: Stage, code: int, text: str, verdict: Verdict, meaning: str) -> None:
    error = refused(stage, code, text)
    assert (error.verdict, error.words) == (verdict, words(meaning))
    assert error.code.startswith(str(code))


def test_silence_is_uncertain_only_after_the_mail_was_written() -> None:
    found = {stage: broken(stage, "putus").verdict for stage in Stage}
    assert found == {stage: WHO_KNOWS if stage is C else TRY for stage in Stage}


def test_the_servers_own_words_go_nowhere() -> None:
    error = refused(R, 550, "5.1.1 rina@contoh.id tidak ada")
    assert "rina" not in str(error)
    assert error.code == "550 5.1.1"


def test_every_rule_has_words_and_is_reached() -> None:
    reached = {refused(stage, code, text).words for stage, code, text, _, _ in TABLE}
    assert {words(rule.words) for rule in rules()} <= reached


def test_a_mail_is_tried_for_two_days() -> None:
    assert [retry_after(n) for n in range(5)] == [60, 300, 900, 3600, 10800]
    assert 40 * 3600 < sum(WAITS) <= 48 * 3600
    assert retry_after(500) == WAITS[-1]
