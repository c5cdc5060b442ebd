"""Who writes next: the door before the back office, and nobody is forgotten when somebody gives up waiting."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store.database import Database, Transaction, open_database
from bot.store.sqlite_connection import LARGE
from bot.store.turns import Turns


async def _ask(turns: Turns, name: str, done: list[str], *, door: bool = False) -> None:
    async with turns.mine(door=door):
        done.append(name)
        await asyncio.sleep(0)


async def _all_asked() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_door_goes_first_and_the_others_in_order() -> None:
    turns, done = Turns(), list[str]()
    async with turns.mine(door=False):
        asked = [asyncio.create_task(_ask(turns, n, done, door=n.startswith("door"))) for n in ("a", "b", "door", "c")]
        await _all_asked()
        assert done == []
    await asyncio.gather(*asked)
    assert done == ["door", "a", "b", "c"]


@pytest.mark.parametrize("called", [False, True], ids=["while he waits", "when he has just been called"])
async def test_whoever_gives_up_holds_nobody_up(called: bool) -> None:
    turns, done = Turns(), list[str]()
    async with turns.mine(door=False):
        impatient = asyncio.create_task(_ask(turns, "impatient", done))
        patient = asyncio.create_task(_ask(turns, "patient", done))
        await _all_asked()
        if not called:
            impatient.cancel()
    if called:
        impatient.cancel()  # the turn was passed on to him a moment ago
    async with asyncio.timeout(1):
        await asyncio.gather(impatient, patient, return_exceptions=True)
    assert done == ["patient"]
    async with asyncio.timeout(1), turns.mine(door=True):
        pass


async def test_a_block_that_raises_passes_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        async with turns.mine(door=False):
            _ = 1 // 0
    async with asyncio.timeout(1), turns.mine(door=False):
        pass


async def test_what_was_written_at_once_and_what_beside_the_loop_is_one_transaction(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/pst.db")
    async with database.write() as tx:
        await tx.execute(text("create table note (text blob not null unique)"))
    add, count = text("insert into note values (:words)"), text("select count(*) from note")
    with pytest.raises(ZeroDivisionError):
        async with database.write() as tx:
            for words in (b"short", b"x" * (LARGE + 1), b"short again"):
                await tx.execute(add, {"words": words})
            _ = 1 // 0
    async with database.write() as tx:
        assert (await tx.execute(count)).scalar_one() == 0
        await tx.execute(add, {"words": b"short"})
    async with database.read() as tx:
        assert (await tx.execute(count)).scalar_one() == 1
    await database.close()


async def test_a_writer_that_has_to_wait_for_another_process_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    ours, theirs = (open_database(f"sqlite:///{tmp_path}/pst.db") for _ in range(2))
    async with theirs.write() as tx:
        await tx.execute(text("create table note (text text)"))
        waiting = asyncio.create_task(_add(ours))
        for _ in range(20):
            await asyncio.sleep(0.001)  # the loop goes on
        assert not waiting.done()
    async with asyncio.timeout(10):
        await waiting
    await ours.close()
    await theirs.close()


async def _add(database: Database) -> None:
    async with database.write() as tx:
        await tx.execute(text("insert into note values ('x')"))


async def test_only_what_writes_is_done_in_our_own_thread(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/pst.db")
    assert await _thread_of(database.write()) == threading.get_ident()
    assert await _thread_of(database.read()) != threading.get_ident(), "a long search holds nobody up"
    assert await _thread_of(database.write()) == threading.get_ident()
    await database.close()


async def _thread_of(transaction: AbstractAsyncContextManager[Transaction]) -> int:
    async with transaction as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.create_function("thread", 0, threading.get_ident)
        return int((await tx.execute(text("select thread()"))).scalar_one())
