"""What officers read in notification mails."""

from __future__ import annotations

import pytest

from bot.core.effects import Notice
from bot.core.model import Channel, Conversation, Office
from bot.staff_wording import StaffWording
from tests.conftest import wib

RINA = Conversation("3514", Channel.WHATSAPP, "+6281230000001", name="Rina")
WORDING = StaffWording("https://contoh.id")


def test_a_data_request_is_due_three_times_24_hours_after_it(offices: dict[str, Office]) -> None:
    mail = WORDING.notice(Notice.DATA_REQUEST, "DATA SAYA", RINA, offices["3514"], wib("2026-11-20 16:00"))
    assert "paling lambat Senin 23 November 2026 pukul 16.00 WIB (3 x 24 jam)" in mail.body
    assert "Rina menulis" in mail.body


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("booked 2026-11-25T10:00:00+07:00", "Rina: Janji temu baru: Rabu 25 November 2026 pukul 10.00 WIB."),
        ("moved 2026-11-25T10:00:00+07:00", "dipindah ke Rabu 25 November 2026 pukul 10.00 WIB"),
        ("cancelled 2026-11-25T10:00:00+07:00", "dibatalkan oleh pengguna"),
        ("eve 2026-11-25T03:00:00+00:00", "Pengingat: ada janji temu Rabu 25 November 2026 pukul 10.00 WIB"),
        ("mau ketemu petugas hari rabu", "Rina: mau ketemu petugas hari rabu"),
        ("booked besok saja", "Rina: booked besok saja"),
    ],
)
def test_an_appointments_news_is_told_in_words(offices: dict[str, Office], text: str, said: str) -> None:
    mail = WORDING.notice(Notice.APPOINTMENT, text, RINA, offices["3514"], wib("2026-11-20 16:00"))
    assert said in mail.body


@pytest.mark.parametrize("kind", list(Notice))
def test_every_kind_of_notice_has_words(offices: dict[str, Office], kind: Notice) -> None:
    mail = WORDING.notice(kind, "teks", RINA, offices["3514"], wib("2026-11-20 16:00"))
    assert mail.subject
    assert "https://contoh.id/inbox" in mail.body
