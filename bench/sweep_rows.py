"""Many stored consultations out of one: its rows are multiplied inside the database, column by column.

What is not named here is as in the one that the service has made, so a new column needs no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Table, text

from bot.store.database import Database, Transaction
from bot.store.tables import consultation, conversation, deadline, inbound, message, outbound

LIVE, DUE = 2_000, 500
FIRST = 1_000  # the first number of the multiplied ones
_OFFICE = "{pad}"
_Expressions = Mapping[str, str]


async def multiply(database: Database, stored: int, due_at: datetime) -> None:
    """`stored` closed consultations, LIVE answered ones after them; the first DUE of those are due at `due_at`."""
    last = FIRST + stored + LIVE
    async with database.write() as tx:
        if not database.sqlite:
            await tx.execute(text("set local synchronous_commit = off"))
        await _fill(tx, conversation, "id = 1", last, {"address": "'+62' || n.i", "office": _OFFICE})
        await _fill(tx, consultation, "id = 1", last, _CONSULTATION | {
            "state": _closed_until(stored, "'closed'", "t.state"),
            "closes_at": _closed_until(stored, "null", "t.closes_at"),
        })  # fmt: skip
        for kind in ("warn", "breach"):
            await _fill(tx, deadline, f"id = (select max(id) from deadline where kind = '{kind}')", last, _OF_ONE)
        await _running(tx, stored, due_at)
        await _fill(tx, inbound, "id = 1", last, {"provider_key": "'SM' || n.i", "office": _OFFICE})
        await _fill(tx, message, "id = 1", last, _OF_ONE)
        await _fill(tx, outbound, "id = 1", last, _OF_ONE | {
            "token": "'token-' || n.i", "dedupe_key": "'in:' || n.i", "provider_id": "'SM' || n.i",
        })  # fmt: skip
    async with database.engine.connect() as connection:
        if not database.sqlite:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("analyze"))  # as the server does by itself after a while


async def _running(tx: Transaction, stored: int, due_at: datetime) -> None:
    """The reminder and the closing of those that are live; what is not due yet is due in a week."""
    moments = {"now": due_at, "later": due_at.replace(day=due_at.day + 7)}
    for kind in ("remind", "close"):
        due = f"case when n.i < {FIRST + stored + DUE} then :now else :later end" if kind == "remind" else ":later"
        await _fill(
            tx, deadline, f"id = (select max(id) from deadline where kind = '{kind}' and state = 'pending')",
            FIRST + stored + LIVE, _OF_ONE | {"due_at": due}, first=FIRST + stored, moments=moments,
        )  # fmt: skip
    await tx.execute(text("update deadline set due_at = :later where id < 100"), _bound(tx, moments, ("later",)))


async def _fill(
    tx: Transaction, table: Table, model: str, last: int, own: _Expressions, *, first: int = FIRST,
    moments: Mapping[str, datetime] | None = None,
) -> None:  # fmt: skip
    """Rows `first` to `last` of a table, each as the model but for its own columns. `n.i` is the number."""
    names = [c.name for c in table.columns if c.name != "id" or table in (conversation, consultation)]
    own = {"id": "n.i", **own}
    pad = _padded(tx)
    values = ", ".join(own.get(name, f"t.{name}").replace("{pad}", pad) for name in names)
    series = _series(tx, first, last)
    columns = ", ".join(f'"{name}"' for name in names)
    source = f'{series} n, (select * from "{table.name}" where {model}) t'
    query = f'insert into "{table.name}" ({columns}) select {values} from {source}'
    known = [name for name in moments or {} if f":{name}" in values]
    await tx.execute(text(query), _bound(tx, moments or {}, known))


def _bound(tx: Transaction, moments: Mapping[str, datetime], names: Iterable[str]) -> dict[str, object]:
    """Moments as the tables keep them: aware on PostgreSQL, text in UTC on SQLite."""
    if tx.dialect.name == "postgresql":
        return {name: moments[name] for name in names}
    return {name: moments[name].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") for name in names}


def _series(tx: Transaction, first: int, last: int) -> str:
    if tx.dialect.name == "postgresql":
        return f"(select i from generate_series({first}, {last - 1}) i)"
    return (
        f"(with recursive s(i) as (select {first} union all select i + 1 from s where i < {last - 1}) select i from s)"
    )


def _padded(tx: Transaction) -> str:
    """The n-th citizen's office, "0001" to "0050"."""
    if tx.dialect.name == "postgresql":
        return "lpad((1 + n.i % 50)::text, 4, '0')"
    return "printf('%04d', 1 + n.i % 50)"


def _closed_until(stored: int, closed: str, live: str) -> str:
    return f"case when n.i < {FIRST + stored} then {closed} else {live} end"


_OF_ONE: _Expressions = {"office": _OFFICE, "conversation_id": "n.i", "consultation_id": "n.i"}
_CONSULTATION: _Expressions = {
    "office": _OFFICE, "conversation_id": "n.i", "number": "'X-' || n.i",
}  # fmt: skip
