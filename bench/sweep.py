"""Does the sweep's time depend on what is due, or on what is stored? `python -m bench.sweep [--full]`.

Fifty offices; a year of closed consultations with their clocks, messages sent and webhooks done, multiplied in the
database from one that the service itself has made; among them always the same number of live ones, of which a fixed
number is due. The sweep of the due ones (each reminds a citizen, in a transaction of its own), a sweep with nothing
due, and the looks of the idle worker are timed on SQLite and, where there is a server, on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from bench.sweep_rows import DUE, LIVE, multiply
from bot.brain_file import packaged_brain
from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings, load_settings
from bot.simulation.world import World
from bot.store import listing
from bot.store.database import Database, open_database
from bot.store.schema import upgrade

SIZES, FULL = (10_000, 100_000), (10_000, 100_000, 1_000_000)
OFFICES = 50
START = datetime(2026, 11, 16, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))  # a Monday
DUE_AT = datetime(2026, 11, 18, 9, 0, tzinfo=START.tzinfo)
LOOKS = 30
POSTGRES = os.environ.get("PST_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
OPENING = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
PHONE = "+6281230000001"
QUIET = DUE_AT - timedelta(hours=1)


@dataclass(frozen=True)
class Times:
    """Milliseconds: of a sweep and a look with nothing to do, and of each due deadline."""

    sweep: float
    look: float
    each: float


def main(arguments: list[str] | None = None) -> int:
    sizes = FULL if "--full" in (arguments or []) else SIZES
    settings, brain = _fifty_offices(), packaged_brain()
    print(f"{OFFICES} offices, {LIVE} live consultations of which {DUE} are due; milliseconds")
    print(f"{'database':<12}{'stored':>10}{'idle sweep':>12}{'idle worker':>13}{'each due':>10}{'filling (s)':>13}")
    for name in ("sqlite", "postgresql"):
        asyncio.run(_measure_all(name, sizes, settings, brain))
    return 0


async def _measure_all(name: str, sizes: tuple[int, ...], settings: Settings, brain: Brain) -> None:
    for size in sizes:
        async with _database(name) as database:
            if database is None:
                print(f"{name:<12} no server at {POSTGRES}")
                return
            began = time.perf_counter()
            world = await _one_answered(settings, brain, database)
            await multiply(database, size, DUE_AT)
            filled = time.perf_counter() - began
            t = await _measure(world)
            print(f"{name:<12}{size:>10}{t.sweep:>12.2f}{t.look:>13.2f}{t.each:>10.2f}{filled:>13.0f}", flush=True)


async def _measure(world: World) -> Times:
    service = world.service
    sweep = await _median(lambda: service.engine.sweep(QUIET))

    async def look() -> None:
        await service.engine.attend_all(QUIET)
        await service.outbox.deliver(lambda: QUIET)
        await service.outbox.reconcile(QUIET)

    idle = await _median(look)
    began, done = time.perf_counter(), 0
    while count := await service.engine.sweep(DUE_AT):
        done += count
    each = 1000 * (time.perf_counter() - began) / DUE
    if done != DUE:
        raise SystemExit(f"{done} deadlines were done instead of {DUE}")
    return Times(sweep, idle, each)


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        await work()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


# --- the ground -------------------------------------------------------------------------------------------------------


def _fifty_offices() -> Settings:
    settings = load_settings({}, demo=True)
    model = settings.offices["3574"]
    offices = {f"{number:04d}": replace(model, code=f"{number:04d}") for number in range(1, OFFICES + 1)}
    return replace(settings, offices=offices, access=dict.fromkeys(offices, settings.access["3574"]))


async def _one_answered(settings: Settings, brain: Brain, database: Database) -> World:
    """The service's own doing: a question of the first office, answered and delivered. Its silence clock runs."""
    await upgrade(database)
    world = World(settings, brain, database, START)
    officer = await world.officer("0001", "petugas")
    fields: dict[str, Any] = {"text": OPENING, "button": None, "media": [], "profile_name": "Rina", "phone": PHONE}
    world.network.heard("0001", PHONE)
    received = Received("0001", Channel.WHATSAPP, "message", "SM1", PHONE, world.now, world.now, fields)
    await world.service.engine.receive([received])
    await world.run_until(world.now + timedelta(seconds=5))
    async with database.read() as tx:
        number = (await listing.all_of(tx))[0]["number"]
    await world.service.engine.act(officer, number, lambda at, by: ev.Answered(at, by, "Silakan."), world.now)
    await world.run_until(world.now + timedelta(seconds=5))
    return world


@contextlib.asynccontextmanager
async def _database(name: str) -> AsyncIterator[Database | None]:
    """An empty one of that kind, gone afterwards; None where there is no server."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            database = open_database(f"sqlite:///{Path(folder) / 'pst.db'}")
            yield database
            await database.close()
        return
    made = f"pst_bench_{uuid.uuid4().hex[:8]}"
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        yield None
        return
    with admin:
        admin.execute(f"create database {made}".encode())
        database = open_database(f"{POSTGRES.rpartition('/')[0]}/{made}")
        try:
            yield database
        finally:
            await database.close()
            admin.execute(f"drop database {made} with (force)".encode())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
