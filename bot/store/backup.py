"""All rows of the database as plain JSON values, and back: the same on SQLite and PostgreSQL.

Logical on purpose: what one kind of database wrote, the other can read, and no server tool is needed. A dump is taken
in one transaction and is therefore of one moment; a load is one transaction and is therefore whole or not there.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Column, Date, LargeBinary, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot.store import mail_tables, whatsapp_tables  # noqa: F401 -- declare their tables
from bot.store.database import Database, StoreError, Transaction, first_line
from bot.store.leadership import LEADER_KEY
from bot.store.tables import Moment, attachment, metadata

BATCH: Final = 500
_SIGNS_OF_LIFE: Final = frozenset({"heartbeat"})  # a service that was only started once has some
Json = dict[str, Any]


def table_names() -> tuple[str, ...]:
    """Every table, those first that others point to."""
    return tuple(table.name for table in metadata.sorted_tables)


@asynccontextmanager
async def one_moment(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that sees the database as it is now, however long the reading takes."""
    async with database.read() as tx:
        if not database.sqlite:  # SQLite's readers see one moment anyway
            await tx.execute(text("set transaction isolation level repeatable read, read only"))
        yield tx


async def rows(tx: Transaction, name: str) -> AsyncIterator[Json]:
    """All rows of a table by its key, as values that JSON can hold."""
    table = metadata.tables[name]
    result = await tx.stream(select(table).order_by(*table.primary_key.columns))
    async for row in result.mappings():
        yield {column.name: _plain(row[column.name]) for column in table.columns}


async def files_on_disk(tx: Transaction) -> list[str]:
    """Keys of the files in the media folder that belong to somebody."""
    query = select(attachment.c.id).where(attachment.c.on_disk.is_(True)).order_by(attachment.c.id)
    return [str(key) for key in (await tx.execute(query)).scalars()]


async def is_empty(tx: Transaction) -> bool:
    """Whether nobody has worked with this database yet."""
    for table in metadata.sorted_tables:
        if table.name not in _SIGNS_OF_LIFE and (await tx.execute(select(table).limit(1))).first() is not None:
            return False
    return True


async def claim_alone(tx: Transaction) -> bool:
    """Whether no service is at work on this database, as far as its ticker tells; nobody can take over meanwhile.

    SQLite's processes exclude each other by a file (bot/store/leadership.py).
    """
    if tx.dialect.name == "sqlite":
        return True
    return bool(await tx.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": LEADER_KEY}))


async def clear(tx: Transaction) -> None:
    """Delete every row there is."""
    for table in reversed(metadata.sorted_tables):
        await tx.execute(delete(table))


async def load(tx: Transaction, name: str, found: Iterable[Mapping[str, Any]]) -> int:
    """Insert the rows of one table; returns how many. Raises StoreError for what the table does not take."""
    table = metadata.tables[name]
    tidy = _tidy if tx.dialect.name == "postgresql" else _as_it_is
    read = (_read(table, row, tidy) for row in found)
    count = 0
    try:
        while batch := list(islice(read, BATCH)):
            await tx.execute(insert(table), batch)
            count += len(batch)
    except (SQLAlchemyError, ValueError, TypeError, KeyError) as error:
        raise StoreError(f"table {name}, after row {count}: {first_line(error)}") from error
    await _go_on_counting(tx, table)
    return count


async def _go_on_counting(tx: Transaction, table: Table) -> None:
    """PostgreSQL numbers new rows by a sequence of its own, which knows nothing of rows that brought their numbers."""
    key = table.autoincrement_column
    if tx.dialect.name != "postgresql" or key is None:
        return
    last = await tx.scalar(select(func.max(key)))
    if last is not None:
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        await tx.execute(select(func.setval(sequence, last)))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value


def _read(table: Table, row: Mapping[str, Any], tidy: Any) -> Json:
    unknown = set(row) - set(table.columns.keys())
    if unknown:
        raise ValueError(f"unknown column {', '.join(sorted(unknown))}")
    return {column.name: _value(column, tidy(row[column.name])) for column in table.columns}


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value, validate=True) if isinstance(column.type, LargeBinary) else value


def _as_it_is(value: Any) -> Any:
    return value


def _tidy(value: Any) -> Any:
    """PostgreSQL holds neither NUL nor halves of surrogate pairs, which SQLite lets pass."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_tidy(key): _tidy(inner) for key, inner in value.items()}
    return [_tidy(inner) for inner in value] if isinstance(value, Sequence) else value
