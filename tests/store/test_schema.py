"""The migrations make exactly what bot/store/tables.py declares."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, StatementError

from bot.store.database import Database, StoreError, open_database
from bot.store.schema import create_all, revision, upgrade
from bot.store.tables import heartbeat, metadata
from tests.conftest import wib


async def test_migrated_equals_declared(database: Database) -> None:
    await upgrade(database)
    async with database.read() as tx:
        differences = await tx.run_sync(_differences)
    assert differences == []


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_upgrading_again_and_at_the_same_time_is_harmless(database: Database) -> None:
    await asyncio.gather(upgrade(database), upgrade(database))
    await upgrade(database)
    async with database.read() as tx:
        assert await revision(tx) is not None


async def test_a_moment_comes_back_aware_and_a_naive_one_is_refused(database: Database) -> None:
    await create_all(database)
    moment = wib("2026-11-20 16:30")
    async with database.write() as tx:
        await tx.execute(heartbeat.insert().values(name="x", at=moment, note=""))
    async with database.read() as tx:
        found = (await tx.execute(heartbeat.select())).one().at
    assert found == moment
    assert found.tzinfo is not None
    with pytest.raises((StatementError, ValueError)):
        async with database.write() as tx:
            await tx.execute(heartbeat.insert().values(name="y", at=moment.replace(tzinfo=None), note=""))


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    await create_all(database)
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await tx.execute(heartbeat.insert().values(name="x", at=wib("2026-11-20 10:00"), note=""))
            await tx.execute(heartbeat.insert().values(name="x", at=wib("2026-11-20 10:00"), note=""))
    async with database.read() as tx:
        assert (await tx.execute(text("select count(*) from heartbeat"))).scalar() == 0


@pytest.mark.parametrize("address", ["mysql://x", "nonsense", "http://x/y"])
def test_an_address_that_is_no_database_of_ours_is_one_clear_line(address: str) -> None:
    with pytest.raises(StoreError) as error:
        open_database(address)
    assert "\n" not in str(error.value)


async def test_a_database_that_does_not_answer_is_one_clear_line() -> None:
    opened = open_database("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(StoreError, match="does not answer"):
        await opened.ping()
    await opened.close()
