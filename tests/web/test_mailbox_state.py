"""What the page of the channels and the readiness report say about an office's mailbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.settings import Access, MailAccess, MailServer, Secret
from bot.store import mailboxes
from bot.store.database import Database
from bot.store.schema import create_all
from bot.web.mailbox_state import figures, mailbox_lines
from tests.web.staging import Staging

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SERVER = MailServer("mx.contoh.id", 993, "pst", Secret("x"), "tls")
ACCESS = Access(mail=MailAccess(SERVER, SERVER, "pst@contoh.id"))


async def told(database: Database, *, theirs: int, ours: int, spam: int = 0, ago: int = 2) -> list[tuple[str, str]]:
    """(tone, text) of the inbox and of Spam, read `ago` minutes before now."""
    await create_all(database)
    at = NOW - timedelta(minutes=ago)
    async with database.write() as tx:
        await mailboxes.begin(tx, "3574", "INBOX", 1, 9, at)
        await mailboxes.counted(tx, "3574", "INBOX", 1, theirs, ours, at)
        await mailboxes.counted(tx, "3574", "Junk", 1, spam, 0, at)
    async with database.read() as tx:
        lines = await mailbox_lines(tx, "3574", ACCESS, NOW, lambda moment: moment)
    assert [line["inbox"] for line in lines] == [True, False]
    assert figures(lines)[0]["server"] == theirs
    return [(line["tone"], line["text"]) for line in lines]


@pytest.mark.parametrize(
    ("given", "tones", "words"),
    [
        ({"theirs": 12, "ours": 12}, ("calm", "calm"), "server punya 12 surel, kami punya 12: lengkap"),
        ({"theirs": 12, "ours": 10}, ("late", "calm"), "kami punya 10: 2 belum terambil"),
        ({"theirs": 12, "ours": 12, "spam": 3}, ("calm", "late"), "Ada 3 surel di folder Spam"),
        ({"theirs": 12, "ours": 12, "ago": 40}, ("late", "calm"), "belum terbaca lebih dari 15 menit"),
    ],
)
async def test_the_mailbox_in_words(
    given: dict[str, int], tones: tuple[str, str], words: str, database: Database
) -> None:
    found = await told(database, **given)

    assert tuple(tone for tone, _ in found) == tones
    assert any(words in text for _, text in found)


async def test_an_office_without_a_mailbox_says_nothing(database: Database) -> None:
    await create_all(database)
    async with database.read() as tx:
        assert await mailbox_lines(tx, "3574", Access(), NOW) == []


async def test_the_page_of_the_channels_opens_without_a_mailbox(staging: Staging) -> None:
    sari = await staging.signed_in("3574", "Sari")

    page = await sari.get("/inbox/kanal")

    assert page.status == 200
    assert "Kotak masuk" not in page.text
