"""What came in: stored raw under its unique key before anything is understood, and done once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.store.database import Transaction
from bot.store.tables import inbound

MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Pending:
    """A stored one, to be handled."""

    id: int
    received: Received
    attempts: int


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose turn it is: one conversation's worth of waiting messages."""

    office: str
    channel: Channel
    address: str


async def add(tx: Transaction, received: Iterable[Received]) -> set[tuple[str, str, str]]:
    """Store what is new; returns the keys (office, channel, provider_key) that were not there before."""
    rows = [_row(r) for r in received]
    if not rows:
        return set()
    maker = pg_insert if tx.dialect.name == "postgresql" else sqlite_insert
    key = (inbound.c.office, inbound.c.channel, inbound.c.provider_key)
    query = maker(inbound).values(rows).on_conflict_do_nothing().returning(*key)
    return {(o, c, k) for o, c, k in await tx.execute(query)}


async def due(tx: Transaction, now: datetime, limit: int) -> list[Sender]:
    """Senders whose last message has rested long enough, those who wait longest first."""
    key = (inbound.c.office, inbound.c.channel, inbound.c.address)
    query = (
        select(*key).where(inbound.c.state == "new").group_by(*key)
        .having(func.max(inbound.c.ready_at) <= now)
        .order_by(func.min(inbound.c.received_at)).limit(limit)
    )  # fmt: skip
    return [Sender(office, Channel(channel), address) for office, channel, address in await tx.execute(query)]


async def next_due(tx: Transaction) -> datetime | None:
    """When the next waiting message is to be handled."""
    key = (inbound.c.office, inbound.c.channel, inbound.c.address)
    last = func.max(inbound.c.ready_at).label("ready")
    waiting = select(last).where(inbound.c.state == "new").group_by(*key).subquery()
    found: datetime | None = (await tx.execute(select(func.min(waiting.c.ready)))).scalar()
    return found


async def last_received(tx: Transaction, office: str, channel: Channel) -> datetime | None:
    """When the last message of a citizen came in."""
    mine = (inbound.c.office == office, inbound.c.channel == channel, inbound.c.kind == "message")
    query = select(inbound.c.received_at).where(*mine).order_by(inbound.c.id.desc()).limit(1)
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def of_sender(tx: Transaction, sender: Sender) -> list[Pending]:
    """A sender's waiting messages in the order of their arrival; call it under the conversation's lock."""
    query = select(inbound).where(_by(sender), inbound.c.state == "new").order_by(inbound.c.id)
    return [_pending(row) for row in (await tx.execute(query)).mappings()]


async def waits(tx: Transaction, inbound_id: int) -> bool:
    """Whether it has not been handled yet; call it under the lock of what it concerns."""
    mine = (inbound.c.id == inbound_id, inbound.c.state == "new")
    return (await tx.execute(select(inbound.c.id).where(*mine))).first() is not None


async def done(tx: Transaction, ids: Sequence[int]) -> None:
    await tx.execute(update(inbound).where(inbound.c.id.in_(ids)).values(state="done", error=None))


async def failed(tx: Transaction, ids: Sequence[int], error: str, retry_at: datetime) -> bool:
    """A message broke the engine: try again later, or keep it aside. True when it was quarantined."""
    mine = inbound.c.id.in_(ids)
    values = {"attempts": inbound.c.attempts + 1, "error": error[:2000], "ready_at": retry_at}
    await tx.execute(update(inbound).where(mine).values(values))
    spent = and_(mine, inbound.c.attempts >= MOST_ATTEMPTS)
    result = await tx.execute(update(inbound).where(spent).values(state="quarantined"))
    return bool(result.rowcount)


async def replay(tx: Transaction, inbound_id: int, now: datetime) -> bool:
    """Put a quarantined message back in line; False when there is none with that id."""
    mine = (inbound.c.id == inbound_id, inbound.c.state == "quarantined")
    result = await tx.execute(update(inbound).where(*mine).values(state="new", attempts=0, ready_at=now))
    return result.rowcount == 1


async def quarantined(tx: Transaction, office: str | None = None) -> list[Pending]:
    query = select(inbound).where(inbound.c.state == "quarantined").order_by(inbound.c.id)
    if office is not None:
        query = query.where(inbound.c.office == office)
    return [_pending(row) for row in (await tx.execute(query)).mappings()]


def _by(sender: Sender) -> Any:
    return and_(
        inbound.c.office == sender.office, inbound.c.channel == sender.channel, inbound.c.address == sender.address
    )


def _row(r: Received) -> dict[str, Any]:
    return {
        "office": r.office, "channel": r.channel, "kind": r.kind, "provider_key": r.provider_key[:200],
        "address": r.address[:254], "received_at": r.received_at, "ready_at": r.ready_at, "state": "new",
        "fields": dict(r.fields), "raw": r.raw,
    }  # fmt: skip


def _pending(row: Mapping[Any, Any]) -> Pending:
    received = Received(
        row["office"], Channel(row["channel"]), row["kind"], row["provider_key"], row["address"],
        row["received_at"], row["ready_at"], row["fields"], row["raw"],
    )  # fmt: skip
    return Pending(row["id"], received, row["attempts"])
