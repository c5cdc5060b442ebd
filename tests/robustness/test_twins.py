"""Two of everything over one database: nothing is done twice. After an outage the overdue is caught up in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.simulation import world as worlds
from bot.simulation.player import Player
from bot.simulation.scenario import Scenario
from bot.simulation.world import World, open_world
from bot.store import listing
from bot.store.database import Database, open_database
from tests.channels.imap_scene import letter
from tests.conftest import wib

OFFICE = "3574"
START = wib("2026-11-23 08:30")  # a Monday
OPENING = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
STORY = {
    "office": OFFICE, "start": START, "closed_days": [],
    "citizens": {
        "c1": {"channel": "whatsapp", "address": "+6281230000001", "name": "Rina"},
        "c2": {"channel": "email", "address": "sari@contoh.id", "name": "Sari"},
    },
    "step": [
        {"citizen": "c1", "says": OPENING}, {"citizen": "c2", "says": OPENING, "subject": "Riset panel"},
        {"wait": "4 working days"},  # due today, and over
        {"staff": "answer", "text": "Silakan kirim surat resmi.", "consultation": "3574-2026-000001"},
        {"staff": "answer", "text": "Silakan kirim surat resmi.", "consultation": "3574-2026-000002"},
        {"citizen": "c1", "says": "terima kasih"}, {"wait": "2 working days"}, {"wait": "4 working days"},
    ],
}  # fmt: skip
Work = Callable[[], Awaitable[int]]


class TwinWorld(World):
    """Every job is done by two services at the same moment, each with a database connection of its own."""

    def __init__(self, settings: Settings, brain: Brain, database: Database, other: Database, start: datetime) -> None:
        super().__init__(settings, brain, database, start)
        twin = World(settings, brain, other, start)
        twin.network.__dict__ = self.network.__dict__
        engine, second = self.service.engine, twin.service.engine
        engine.attend_all = _both(engine.attend_all, second.attend_all)
        engine.sweep = _both(engine.sweep, second.sweep)
        outbox = self.service.outbox
        outbox.deliver = _both(outbox.deliver, twin.service.outbox.deliver)  # type: ignore[method-assign]
        outbox.reconcile = _both(outbox.reconcile, twin.service.outbox.reconcile)  # type: ignore[method-assign]


def _both(one: Callable[..., Awaitable[int]], other: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
    async def work(now: Any) -> int:
        return sum(await asyncio.gather(one(now), other(now)))

    return work


@pytest.fixture(autouse=True)
def one_row_of_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two services never give the same name twice."""
    made = worlds.seeded_tokens(1)
    monkeypatch.setattr(worlds, "seeded_tokens", lambda seed: made)
    yield


async def test_two_services_at_once_do_nothing_twice(
    settings: Settings, brain: Brain, database: Database, database_url: str, tmp_path: Path
) -> None:
    alone_in = open_database(f"sqlite:///{tmp_path}/alone.db")
    alone = await open_world(settings, brain, START, alone_in)
    other = open_database(database_url)
    await open_world(settings, brain, START, database)
    both = TwinWorld(settings, brain, database, other, START)
    for world in (alone, both):
        async for record in Player(Scenario.model_validate(STORY), world).play():
            assert not record.failed
    assert _delivered(both) == _delivered(alone)
    assert await _told(database) == await _told(alone_in)
    async with database.read() as tx:
        assert [c["closed_reason"] for c in await listing.all_of(tx)] == ["silent", "silent"]
    await other.close()
    await alone_in.close()


def _delivered(world: World) -> Counter[tuple[str, str, str]]:
    return Counter((d.to, d.purpose, d.subject or d.body) for d in world.network.deliveries)


async def _told(database: Database) -> Counter[tuple[str, str]]:
    async with database.read() as tx:
        return Counter((row["kind"], row["text"]) for row in await listing.everything(tx, "notification"))


# --- after an outage --------------------------------------------------------------------------------------------------

CITIZENS = 24


async def test_an_outage_is_caught_up_in_order_and_nobody_is_closed_unreminded(
    settings: Settings, brain: Brain, tmp_path: Path
) -> None:
    database = open_database(f"sqlite:///{tmp_path}/pst.db")
    world = await open_world(settings, brain, START, database)
    await _ask_and_answer(world, database)
    back = START + timedelta(days=21, hours=2)
    world.now = back  # nobody was there: reminders and closings are overdue by weeks
    before = len(world.network.deliveries)
    await world.run_until(back + timedelta(minutes=30))
    late = [d for d in world.network.deliveries[before:] if d.purpose != "staff"]
    assert {d.purpose for d in late} == {"reminder"}
    assert [d.to for d in late if d.channel is Channel.WHATSAPP] == [_phone(n) for n in range(0, CITIZENS, 2)]
    assert [d.to for d in late if d.channel is Channel.EMAIL] == [_mail(n) for n in range(1, CITIZENS, 2)]
    _at_most_one_a_second(late)
    await world.run_until(back + timedelta(days=4))
    async with database.read() as tx:
        closed = await listing.all_of(tx)
    assert [c["closed_reason"] for c in closed] == ["silent"] * CITIZENS
    for c in closed:
        assert c["closed_at"] - c["reminded_at"] > timedelta(hours=20), "time to answer after the reminder"
    _at_most_one_a_second([d for d in world.network.deliveries[before:] if d.purpose != "staff"])
    await database.close()


async def _ask_and_answer(world: World, database: Database) -> None:
    """One after the other, so that their deadlines fall due in this order."""
    officer = await world.officer(OFFICE, "petugas")
    for number in range(CITIZENS):
        await world.service.engine.receive([_question(world, number)])
        await world.run_until(world.now + timedelta(minutes=5))
        async with database.read() as tx:
            name = (await listing.all_of(tx))[-1]["number"]
        await world.service.engine.act(
            officer, name, lambda at, by: ev.Answered(at, by, "Silakan kirim surat resmi."), world.now
        )
        await world.run_until(world.now + timedelta(minutes=5))
    async with database.read() as tx:
        answered = await listing.all_of(tx)
    assert [c["closes_at"] is not None for c in answered] == [True] * CITIZENS


def _question(world: World, number: int) -> Received:
    if number % 2:
        own = world.service.marks[OFFICE].address.encode()
        raw = letter(number, sender=_mail(number), body=OPENING).replace(b"pst@contoh.id", own)
        return Received(OFFICE, Channel.EMAIL, "message", f"{number}", _mail(number), world.now, world.now, {}, raw)
    world.network.heard(OFFICE, _phone(number))
    fields = {"text": OPENING, "button": None, "media": [], "profile_name": "Rina", "phone": _phone(number)}
    return Received(OFFICE, Channel.WHATSAPP, "message", f"SM{number}", _phone(number), world.now, world.now, fields)


def _phone(number: int) -> str:
    return f"+62812300001{number:02d}"


def _mail(number: int) -> str:
    return f"warga{number:02d}@contoh.id"


def _at_most_one_a_second(deliveries: list[Any]) -> None:
    for _, of_channel in groupby(sorted(deliveries, key=lambda d: (d.channel, d.at)), key=lambda d: d.channel):
        for earlier, later in pairwise(of_channel):
            assert later.at - earlier.at >= timedelta(seconds=1), (earlier.to, later.to)
