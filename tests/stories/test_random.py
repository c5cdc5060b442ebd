"""Random stories: crashes, restarts, repeated ticks and twins change nothing about how a story ends.

A story is made from a seed and played twice: in peace, and by a service that dies between any two steps of its work
(before a commit or after one), comes back on the same database, ticks too often and at odd moments. Both leave the
same rows. A failing seed is a story that can be played again: `pytest tests/stories/test_random.py -k "[7]"`; more
stories than the suite plays: `PST_TEST_STORIES=200`. The morning's summary is left out: it tells the hour's state.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.reader import Brain
from bot.settings import Settings
from bot.simulation import world as worlds
from bot.simulation.player import Player
from bot.simulation.scenario import Scenario
from bot.simulation.world import World
from bot.store import tables
from bot.store.database import Database, Transaction, open_database
from bot.store.schema import create_all
from tests.conftest import wib

SEEDS = range(1, 1 + int(os.environ.get("PST_TEST_STORIES", "5")))
START = wib("2026-11-19 14:10")
CITIZENS = {
    "c1": {"channel": "whatsapp", "address": "+6281230000001", "name": "Rina"},
    "c2": {"channel": "whatsapp", "address": "+6281230000002", "name": "Budi"},
    "c3": {"channel": "email", "address": "sari@contoh.id", "name": "Sari"},
}
OPENING = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
WORDS = (
    "jam buka hari jumat?", "halo min", "apa itu inflasi?", "terima kasih", "sudah sesuai", "belum sesuai", "5",
    "bagus sekali", "saya mau mengadu, petugasnya tidak sopan", "mau bicara dengan petugas", "status konsultasi saya",
    "menu", "saya Rina, perempuan, rina@contoh.id", "1", "berhenti", "mulai", "mau janji temu", "HAPUS DATA",
    "Tolong teruskan ke petugas: tabel silang upah menurut pendidikan tahun 2024",
)  # fmt: skip
DEEDS = ("answer", "answer", "answer", "take_over", "release", "note", "close", "reopen")
WAITS = ("20 minutes", "5 hours", "1 working days", "2 working days", "3 working days", "9 hours")
FAULTS = ("timeout", "accept-then-drop", "63016", "4xx")
_UNREPEATABLE = {
    "token", "attempt_id", "provider_id", "started_at", "sent_at", "not_before", "attempts", "possibly_duplicate",
    "message_id",
}  # fmt: skip
_NAMES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_WRITTEN = (
    "inbound", "conversation", "identity", "consultation", "consultation_counter", "message", "outbound", "deadline",
    "event_log", "notification", "complaint", "appointment", "data_request",
)  # fmt: skip


def story(seed: int) -> Scenario:
    """A made-up story of sixteen steps and more; it always has a consultation."""
    dice = random.Random(seed)
    office = dice.choice(("3514", "3574"))
    steps: list[dict[str, Any]] = [{"citizen": dice.choice(list(CITIZENS)), "says": OPENING}]
    while len(steps) < 16:
        steps += _next_steps(dice)
    return Scenario.model_validate({"office": office, "start": START, "citizens": CITIZENS, "step": steps})


def _next_steps(dice: random.Random) -> list[dict[str, Any]]:
    kind = dice.random()
    if kind < 0.40:
        return [{"citizen": dice.choice(list(CITIZENS)), "says": dice.choice(WORDS)}]
    if kind < 0.65:
        return [{"staff": dice.choice(DEEDS), "text": f"Silakan kirim surat resmi ({dice.randrange(1000)})."}]
    if kind < 0.72:
        return [{"network": {"channel": "whatsapp", "next_send": dice.choice(FAULTS)}}]
    return [{"wait": dice.choice(WAITS)}]


class Killed(BaseException):
    """The process is gone: nobody can catch it, and its transaction with it."""


class ShakyDatabase(Database):
    """Dies at a commit, before or after it, when its fate says so."""

    fate: Callable[[], str] = staticmethod(lambda: "")

    @asynccontextmanager
    async def write(self, *, door: bool = False) -> AsyncIterator[Transaction]:
        fate = self.fate()
        async with super().write(door=door) as tx:
            yield tx
            if fate == "before":
                raise Killed
        if fate == "after":
            raise Killed


class RestlessWorld(World):
    """The same world with a service that has no luck. What it does by itself may die; what others do to it may not."""

    def __init__(self, settings: Settings, brain: Brain, database: ShakyDatabase, start: datetime, seed: int) -> None:
        super().__init__(settings, brain, database, start)
        self._parts = (settings, brain, database)
        self._shaky = database
        self._dice = random.Random(f"restless {seed}")
        self.deaths = 0
        self._shake()

    async def run_until(self, target: datetime) -> None:
        """Looks at odd moments on the way, and twice."""
        while self._dice.random() < 0.6 and target > self.now:
            await super().run_until(self.now + (target - self.now) * self._dice.random())
        await super().run_until(target)
        await super().run_until(target)

    async def _work(self) -> None:
        if self._dice.random() < 0.05:
            self._rise_again()
        await super()._work()

    def _rise_again(self) -> None:
        """A new process on the same database; the network outside has not noticed."""
        fresh = World(*self._parts, self.now)
        fresh.network.__dict__ = self.network.__dict__
        self.service = fresh.service
        self._shake()

    def _shake(self) -> None:
        engine = self.service.engine
        engine.digest = _no_digest
        engine.attend_all = self._mortal("attend_all", engine.attend_all)
        engine.sweep = self._mortal("sweep", engine.sweep)

    def _mortal(self, name: str, job: Callable[[datetime], Awaitable[int]]) -> Callable[[datetime], Awaitable[int]]:
        async def work(now: datetime) -> int:
            self._shaky.fate = self._fate
            try:
                return await job(now)
            except Killed:
                self.deaths += 1
                self._rise_again()
            finally:
                self._shaky.fate = lambda: ""
            return 1 + await getattr(self.service.engine, name)(now)

        return work

    def _fate(self) -> str:
        return self._dice.choice(("", "", "", "before", "after"))


@pytest.fixture(autouse=True)
def one_row_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that rises again goes on with new names, as a real one does."""
    made = worlds.seeded_tokens(1)
    monkeypatch.setattr(worlds, "seeded_tokens", lambda seed: made)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_story_ends_the_same_with_crashes_and_without(
    seed: int, settings: Settings, brain: Brain, tmp_path: Path
) -> None:
    peaceful, shaky = await _opened(tmp_path / "peace.db"), await _opened(tmp_path / "shaky.db")
    calm = World(settings, brain, peaceful, START)
    restless = RestlessWorld(settings, brain, shaky, START, seed)
    calm.service.engine.digest = _no_digest
    for world in (calm, restless):
        await _play(story(seed), world)
    assert restless.deaths > 0
    expected, found = await _rows(peaceful), await _rows(shaky)
    for name in _WRITTEN:
        assert found[name] == expected[name], name
    assert _delivered(restless) == _delivered(calm)
    await peaceful.close()
    await shaky.close()


async def _no_digest(now: datetime) -> None:
    """See above."""


async def _opened(path: Path) -> ShakyDatabase:
    database = ShakyDatabase(open_database(f"sqlite:///{path}").engine)
    await create_all(database)
    return database


async def _play(scenario: Scenario, world: World) -> None:
    await world.officer(scenario.office, "petugas")
    async for record in Player(scenario, world).play():
        assert not record.failed
    await world.run_until(world.now + timedelta(days=12))  # whatever the clock has still to do


async def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """What a story has left behind, without what no two runs can have in common."""
    found = {}
    async with database.read() as tx:
        for name in _WRITTEN:
            table = tables.metadata.tables[name]
            query = select(table).order_by(*table.primary_key)
            found[name] = [_plain(dict(row)) for row in (await tx.execute(query)).mappings()]
    found["inbound"] = [row for row in found["inbound"] if row["kind"] == "message"]
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    row = {key: value for key, value in row.items() if key not in _UNREPEATABLE}
    return {key: _NAMES.sub("~", str(value)) for key, value in row.items()}


def _delivered(world: World) -> list[tuple[str, str, str]]:
    return sorted((d.to, d.purpose, _NAMES.sub("~", d.body)) for d in world.network.deliveries)


@pytest.fixture(autouse=True)
def no_noise(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Deaths are not logged as failures of the engine."""
    yield
    assert "inbound failed" not in caplog.text
