"""Opening the database, and transactions.

SQLite: WAL, foreign keys, `synchronous=FULL` (we acknowledge webhooks after commit), and every transaction that may
write begins IMMEDIATE: a read followed by a write in a deferred one fails at once with SQLITE_BUSY_SNAPSHOT, whatever
the busy timeout. PostgreSQL: psycopg, one row lock on the conversation a citizen's transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from bot.store import sqlite_connection
from bot.store.turns import Turns

Transaction = AsyncConnection
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class StoreError(Exception):
    """The database cannot be used as asked; one line says why."""


class Database:
    """The engine and its transactions. `write` and `read` are the only ways in."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._reader = engine.execution_options(pst_read=True)
        self._turns = Turns() if self.sqlite else None

    @asynccontextmanager
    async def write(self, *, door: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that commits at the end of the block, and rolls back when the block raises.

        SQLite has one writer: waiting for it here is fair and cheap, in its busy handler neither. `door`: somebody
        outside waits for an answer, so it goes before what only has to be done.
        """
        turn = self._turns.mine(door=door) if self._turns else nullcontext()
        async with turn, self.engine.begin() as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that only reads and never holds up a writer."""
        async with self._reader.connect() as tx:
            yield tx

    async def close(self) -> None:
        await self.engine.dispose()

    async def ping(self) -> None:
        """Raises StoreError when the database does not answer."""
        try:
            async with self.read() as tx:
                await tx.execute(text("select 1"))
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"database does not answer: {first_line(error)}") from error


def async_url(address: str) -> URL:
    """The URL with its async driver; raises StoreError for what is no database address of ours."""
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StoreError("not a database address") from error
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise StoreError(f"unknown database {backend!r}: sqlite:///path or postgresql://...")
    return url.set(drivername=_DRIVERS[backend])


def open_database(address: str, *, pool_size: int = 5) -> Database:
    """A database by its address. Nothing is connected yet."""
    url = async_url(address)
    if not url.drivername.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=pool_size, max_overflow=5, pool_pre_ping=True, hide_parameters=True)
        return Database(engine)
    options: dict[str, Any] = {"hide_parameters": True}
    options["connect_args"] = {"timeout": 30, "async_creator_fn": sqlite_connection.connect}
    if url.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    engine = create_async_engine(url, **options)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return Database(engine)


def inserted_id(result: CursorResult[Any]) -> int:
    """The key that the database gave to a new row."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def make_folder(address: str) -> None:
    """The folder of an SQLite file, if it is missing; raises StoreError."""
    path = sqlite_file(address)
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make the folder of {path}: {error.strerror}") from error


def sqlite_file(address: str) -> Path | None:
    """The file behind an SQLite address; None for memory and for other databases."""
    url = async_url(address)
    if not url.drivername.startswith("sqlite") or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def first_line(error: BaseException) -> str:
    """The driver's own complaint, in one line and without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).strip().split("\n", 1)[0]


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("pst_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
