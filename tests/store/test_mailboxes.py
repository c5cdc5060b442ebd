"""Cursor, epochs and the mails seen, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.store import mail_tables, mailboxes
from bot.store.database import Database
from bot.store.mail_ledger import MailLedger
from bot.store.mailboxes import Position
from bot.store.schema import create_all
from bot.store.tables import inbound
from tests.conftest import wib

assert mail_tables
T0 = wib("2026-11-20 10:00")


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Database]:
    await create_all(database)
    yield database


@pytest.fixture
def ledger(store: Database) -> MailLedger:
    return MailLedger(store, "3574")


def mail(uid: int, validity: int = 7, office: str = "3574") -> Received:
    key = f"INBOX/{validity}/{uid}"
    return Received(office, Channel.EMAIL, "message", key, "rina@contoh.id", T0, T0, {"sha256": "x"}, b"raw")


async def count(store: Database) -> int:
    async with store.read() as tx:
        return len((await tx.execute(select(inbound.c.id))).all())


async def test_a_new_folder_begins_behind_what_was_there(ledger: MailLedger) -> None:
    first = await ledger.open("INBOX", 7, 11, T0)
    assert first == Position(floor=10, last_uid=10, since=date(2026, 11, 19))
    assert await ledger.open("INBOX", 7, 20, T0 + timedelta(days=1)) == first, "until its history was read"
    await ledger.scanned("INBOX", 7)
    assert await ledger.open("INBOX", 7, 20, T0) == Position(10, 10, None)


async def test_a_mail_and_the_cursor_move_together(ledger: MailLedger, store: Database) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    assert await ledger.take("INBOX", 7, 5, "a" * 64, mail(5))
    assert (await ledger.open("INBOX", 7, 1, T0)).last_uid == 5
    assert await ledger.take("INBOX", 7, 3, "b" * 64, mail(3))
    assert (await ledger.open("INBOX", 7, 1, T0)).last_uid == 5, "it never moves back"
    assert await ledger.unknown("INBOX", 7, [5, 4, 3, 2]) == [4, 2]
    assert await ledger.unknown("INBOX", 7, []) == []
    assert await count(store) == 2


async def test_what_breaks_takes_both_back(ledger: MailLedger, store: Database) -> None:
    await ledger.open("INBOX", 7, 1, T0)

    async def break_off() -> None:
        async with store.write() as tx:
            await mailboxes.take(tx, "INBOX", 7, 5, "a" * 64, mail(5), T0)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await break_off()
    assert (await ledger.open("INBOX", 7, 1, T0)).last_uid == 0
    assert await ledger.unknown("INBOX", 7, [5]) == [5]
    assert await count(store) == 0


async def test_the_same_content_is_taken_once_and_known_everywhere(ledger: MailLedger, store: Database) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    assert await ledger.take("INBOX", 7, 1, "a" * 64, mail(1))
    assert not await ledger.take("INBOX", 7, 2, "a" * 64, mail(2))
    assert not await ledger.take("INBOX", 7, 1, "a" * 64, mail(1))
    assert await ledger.unknown("INBOX", 7, [1, 2]) == []
    assert await count(store) == 1


async def test_the_same_content_at_two_offices_is_two_mails(ledger: MailLedger, store: Database) -> None:
    other = MailLedger(store, "3514")
    for book, office in ((ledger, "3574"), (other, "3514")):
        await book.open("INBOX", 7, 1, T0)
        assert await book.take("INBOX", 7, 1, "a" * 64, mail(1, office=office))
    assert await count(store) == 2


async def test_many_takers_of_one_mail_store_it_once(ledger: MailLedger, store: Database) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    taken = await asyncio.gather(*(ledger.take("INBOX", 7, 1, "a" * 64, mail(1)) for _ in range(8)))
    assert sum(taken) == 1
    assert await count(store) == 1


async def test_new_numbers_are_a_new_epoch_that_looks_back_a_week_before_the_last_success(ledger: MailLedger) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    await ledger.scanned("INBOX", 7)
    await ledger.looked("INBOX", T0)
    later = T0 + timedelta(days=3)
    assert await ledger.open("INBOX", 8, 40, later) == Position(39, 39, date(2026, 11, 13))
    assert await ledger.take("INBOX", 8, 12, "a" * 64, mail(12, 8))
    assert (await ledger.open("INBOX", 8, 40, later)).last_uid == 39


async def test_old_numbers_that_come_back_are_known(ledger: MailLedger) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    await ledger.take("INBOX", 7, 9, "a" * 64, mail(9))
    await ledger.scanned("INBOX", 7)
    await ledger.open("INBOX", 8, 40, T0)
    assert await ledger.open("INBOX", 7, 12, T0) == Position(0, 9, date(2026, 11, 13))
    assert await ledger.unknown("INBOX", 7, [9, 10]) == [10]


async def test_many_who_open_a_folder_at_once_begin_one_epoch(store: Database) -> None:
    books = [MailLedger(store, "3574") for _ in range(8)]
    opened = await asyncio.gather(*(book.open("INBOX", 7, 11, T0) for book in books))
    assert set(opened) == {Position(10, 10, date(2026, 11, 19))}


async def test_the_health_page_sees_every_folder(ledger: MailLedger, store: Database) -> None:
    await ledger.open("INBOX", 7, 1, T0)
    await ledger.looked("INBOX", T0)
    await ledger.counted("INBOX", 7, 300, 298, T0)
    await ledger.counted("Junk", 9, 4, 0, T0)
    await ledger.counted("Junk", 9, 5, 0, T0)
    async with store.read() as tx:
        found = {s.folder: (s.checked_at, s.server_count, s.our_count) for s in await mailboxes.states(tx)}
    assert found == {"INBOX": (T0, 300, 298), "Junk": (T0, 5, 0)}
