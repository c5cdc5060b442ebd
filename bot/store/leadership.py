"""Who runs the clock. PostgreSQL: an advisory lock on a connection of its own; SQLite: a lock on a file beside it.

Losing the connection is losing the lock. Two leaders by mistake do no harm: the rows they act on are claimed one by
one; leadership only saves the work.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import Database, StoreError, Transaction

LEADER_KEY = 3514_3574


class FileLock:
    """An exclusive lock on a file, held until the process ends; raises StoreError when another process has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> FileLock:
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise StoreError(f"another process works on {self._path.stem} already (SQLite serves one)") from error
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


class Leadership:
    """Asks for the ticker's lead; on SQLite the process holds the file lock anyway and always leads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Transaction | None = None

    async def held(self) -> bool:
        """Whether this process leads now; tries to when nobody does."""
        if self._database.sqlite:
            return True
        try:
            if self._connection is None:
                self._connection = await self._database.engine.connect()
                await self._connection.execution_options(isolation_level="AUTOCOMMIT")
                won = await self._connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": LEADER_KEY})
            else:
                won = await self._connection.scalar(text("select true"))
        except (SQLAlchemyError, OSError):
            won = False
        if not won:
            await self.resign()
        return bool(won)

    async def resign(self) -> None:
        """Give the lead up, whatever state the connection is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except (SQLAlchemyError, OSError):
                pass
