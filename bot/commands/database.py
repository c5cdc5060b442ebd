"""`pst db upgrade` and `pst replay`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.clock import system_clock
from bot.commands.output import BAD, DONE, WRONG_USAGE, fail, say
from bot.settings import Settings
from bot.store import inbound
from bot.store.database import Database, StoreError, make_folder, open_database
from bot.store.schema import revision
from bot.store.schema import upgrade as upgrade_schema

T = TypeVar("T")


def upgrade(settings: Settings) -> int:
    async def work(database: Database) -> str | None:
        await upgrade_schema(database)
        async with database.read() as tx:
            return await revision(tx)

    say(f"database is at revision {with_database(settings, work)}")
    return DONE


def replay(settings: Settings, inbound_id: int) -> int:
    async def work(database: Database) -> bool:
        async with database.write() as tx:
            return await inbound.replay(tx, inbound_id, system_clock())

    if not with_database(settings, work):
        fail(BAD, f"there is no quarantined message {inbound_id}")
    say(f"message {inbound_id} is in line again")
    return DONE


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run something with the configured database; what is wrong with it is one line and exit status 2."""

    async def run() -> T:
        database = open_database(settings.database_url)
        try:
            await database.ping()
            return await work(database)
        finally:
            await database.close()

    try:
        make_folder(settings.database_url)
        return asyncio.run(run())
    except StoreError as error:
        fail(WRONG_USAGE, str(error))
