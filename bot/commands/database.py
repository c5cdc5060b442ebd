"""`pst db upgrade` and `pst replay`."""

from __future__ import annotations

import asyncio
import re
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


def replay(settings: Settings, number: str) -> int:
    """`number`: of a quarantined message ("12"), or of a webhook that was turned away ("w12")."""
    if not re.fullmatch(r"w?[0-9]{1,15}", number):
        fail(WRONG_USAGE, f"{number!r}: a number like 12, or w12 for a webhook that was turned away")
    if number.startswith("w"):
        return _bring_in(settings, int(number[1:]))

    async def work(database: Database) -> bool:
        async with database.write() as tx:
            return await inbound.replay(tx, int(number), system_clock())

    if not with_database(settings, work):
        fail(BAD, f"there is no quarantined message {number}")
    say(f"message {number} is in line again")
    return DONE


def _bring_in(settings: Settings, rejected_id: int) -> int:
    """A message that was turned away is believed when the provider knows it."""
    from bot.live import bring_in_refused  # the whole service: not for `pst db upgrade`

    problem = with_database(settings, lambda database: bring_in_refused(settings, database, rejected_id))
    if problem:
        fail(BAD, f"w{rejected_id}: {problem}")
    say(f"the message of w{rejected_id} is in line")
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
