"""SQLite connections whose transactions do not hop between threads.

aiosqlite runs everything in a thread of its own, four hops for each statement; under load the hops cost more than the
statements, which take microseconds in a transaction that has the write lock. So these are executed at once. What may
wait, for the disk (COMMIT), for another process (BEGIN IMMEDIATE) or for a long search (everything that only reads),
stays in the thread and holds nobody up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import aiosqlite

LARGE = 100_000  # bytes of one value; a long write is the thread's business too
_CHUNK = 64


class Connection(aiosqlite.Connection):
    """Knows from the statements that pass whether it is in a transaction that writes."""

    _writing = False

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # aiosqlite leads every operation of a connection and of its cursors through here.
        ends = getattr(fn, "__name__", "") in ("commit", "rollback")
        if self._writing and not ends and not _large(args):
            return fn(*args, **kwargs)
        if ends:
            self._writing = False
        result = await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        if args and args[0] == "BEGIN IMMEDIATE":
            self._writing = True
        return result


def connect(path: str, **options: Any) -> Connection:
    """For SQLAlchemy's `async_creator_fn`. The thread ends with the process."""
    known = {**options, "check_same_thread": False}  # one at a time, though not always the same
    made = Connection(lambda: sqlite3.connect(path, **known), _CHUNK)
    made._thread.daemon = True
    return made


def _large(args: tuple[Any, ...]) -> bool:
    values = args[1] if len(args) > 1 and isinstance(args[1], tuple | list) else ()
    return any(isinstance(value, bytes | str) and len(value) > LARGE for value in values)
