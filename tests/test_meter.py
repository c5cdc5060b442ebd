"""What WhatsApp costs: counted once, and warned about on the way to the ceiling."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.core.charges import month_of
from bot.core.model import Channel, Office
from bot.meter import Meter
from bot.staff_wording import StaffWording
from bot.store import conversations, outbound, people, records, traffic
from bot.store.database import Database
from bot.store.outbound import Draft
from bot.store.schema import create_all
from bot.store.traffic import Line
from tests.conftest import wib

TOKENS = count()
NOW = wib("2026-11-20 10:00")
OUT, IN = Line("3574", "2026-11", "out", "service"), Line("3574", "2026-11", "in", "service")


def meter(database: Database, offices: dict[str, Office], ceiling: int, now: datetime = NOW) -> Meter:
    words = StaffWording("http://127.0.0.1")
    return Meter(
        database, offices, {"3574": ceiling}, now=lambda: now, new_token=lambda: f"t{next(TOKENS)}", words=words
    )


async def told(database: Database) -> list[str]:
    async with database.read() as tx:
        return [row["text"][:39] for row in reversed(await records.notifications(tx, "3574"))]


@pytest.mark.parametrize(
    ("used", "warnings"),
    [(79, []), (80, ["80 %"]), (99, ["80 %"]), (100, ["100 %"]), (5000, ["100 %"])],
)
async def test_staff_are_warned_on_the_way_to_the_ceiling(
    database: Database, offices: dict[str, Office], used: int, warnings: list[str]
) -> None:
    await create_all(database)
    async with database.write() as tx:
        await traffic.add(tx, {OUT: used - 30, IN: 30})
    for _ in range(3):
        await meter(database, offices, 100).watch()
    async with database.read() as tx:
        rows = await records.notifications(tx, "3574")
    assert [w for row in rows for w in ("80 %", "100 %") if f"({w})" in row["text"]] == warnings


async def test_each_warning_comes_once_a_month_and_by_mail_to_the_head(
    database: Database, offices: dict[str, Office]
) -> None:
    await create_all(database)
    async with database.write() as tx:
        await people.add(tx, "3574", "Dewi", "dewi@contoh.id", "head", "!", NOW)
        await people.add(tx, "3574", "Sari", "sari@contoh.id", "officer", "!", NOW)
        await traffic.add(tx, {OUT: 85})
    await meter(database, offices, 100).watch()
    async with database.write() as tx:
        await traffic.add(tx, {OUT: 20})
    await meter(database, offices, 100).watch()
    await meter(database, offices, 100).watch()
    assert [text[-8:].strip() for text in await told(database)] == ["85 dari", "105 dari"]
    mails = []
    async with database.write() as tx:
        while claimed := await outbound.claim(tx, NOW + timedelta(hours=1), "a", 10):
            mails += [(m.draft.recipient, m.draft.content["subject"]) for m in claimed]
            for mail in claimed:
                assert await outbound.sent(tx, mail, "a", NOW, None)
    assert mails == [
        ("dewi@contoh.id", "Pesan WhatsApp bulan ini 80 % dari batas"),
        ("dewi@contoh.id", "Pesan WhatsApp bulan ini 100 % dari batas"),
    ]
    await meter(database, offices, 100, wib("2026-12-01 00:30")).watch()  # a new month
    assert len(await told(database)) == 2


async def test_a_message_is_counted_once_however_often_it_is_learnt_that_it_left(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, "+6281230000001", NOW)
        draft = Draft("t", "3574", Channel.WHATSAPP, "+6281230000001", "reply", "k", {"text": "x"}, NOW, NOW, stored.id)
        number = await outbound.add(tx, draft)
        assert number is not None
        for messages in (3, 1, 3):
            await traffic.sent(tx, number, OUT, messages)
        assert await traffic.of_month(tx, "3574", "2026-11") == {("out", "service"): 3}
        assert await traffic.months(tx, "3574") == ["2026-11"]


async def test_counting_at_the_same_time_loses_nothing(database: Database) -> None:
    await create_all(database)

    async def counts() -> None:
        async with database.write() as tx:
            await traffic.add(tx, {IN: 1, OUT: 2, Line("3514", "2026-11", "in", "service"): 1})

    await asyncio.gather(*(counts() for _ in range(20)))
    async with database.read() as tx:
        assert await traffic.of_month(tx, "3574", "2026-11") == {("in", "service"): 20, ("out", "service"): 40}


def test_a_month_begins_at_midnight_of_the_office(offices: dict[str, Office]) -> None:
    assert month_of(offices["3574"], datetime.fromisoformat("2026-11-30T16:59:59+00:00")) == "2026-11"
    assert month_of(offices["3574"], datetime.fromisoformat("2026-11-30T17:00:00+00:00")) == "2026-12"
