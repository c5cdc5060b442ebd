"""Making and upgrading the schema."""

from __future__ import annotations

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.store import mail_tables, whatsapp_tables  # noqa: F401 -- declare their tables
from bot.store.database import Database, Transaction
from bot.store.tables import metadata

_ONE_AT_A_TIME = 3514_0001


async def create_all(database: Database) -> None:
    """Every table at once, for a database that lives no longer than a story."""
    async with database.write() as tx:
        await tx.run_sync(metadata.create_all)


async def upgrade(database: Database) -> None:
    """Bring a database to the newest revision; safe to repeat, also while others do the same."""
    async with database.write() as tx:
        if not database.sqlite:
            await tx.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        await tx.run_sync(_upgrade)


async def revision(tx: Transaction) -> str | None:
    """The revision that a database is at; None for an empty one."""
    return await tx.run_sync(_revision)


def newest_revision() -> str:
    """The revision that this version of the program works with."""
    scripts = ScriptDirectory(str(resources.files("bot.store") / "migrations"))
    return str(scripts.get_current_head())


def migrations(connection: Connection) -> Config:
    """Alembic's configuration for one connection."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("bot.store") / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(migrations(connection), "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    return str(found) if found else None
