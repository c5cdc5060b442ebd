"""Signs of life, and what was turned away at the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from bot.store.conversations import insert_new
from bot.store.database import Transaction, inserted_id
from bot.store.tables import heartbeat, inbound, outbound, rejected

MOST_REJECTED = 500


async def beat(tx: Transaction, name: str, at: datetime, note: str = "") -> None:
    await tx.execute(insert_new(tx, heartbeat).values(name=name, at=at, note=note))
    await tx.execute(update(heartbeat).where(heartbeat.c.name == name).values(at=at, note=note[:400]))


async def beats(tx: Transaction) -> dict[str, tuple[datetime, str]]:
    return {row.name: (row.at, row.note) for row in await tx.execute(select(heartbeat))}


async def reject(
    tx: Transaction, office: str, channel: str, at: datetime, reason: str, fields: Mapping[str, Any]
) -> None:
    """Keep what was turned away, the newest few hundred of an office."""
    values = {"office": office, "channel": channel, "at": at, "reason": reason, "fields": dict(fields)}
    result = await tx.execute(insert(rejected).values(values))
    newest = inserted_id(result)
    old = (rejected.c.office == office, rejected.c.id <= newest - MOST_REJECTED)
    await tx.execute(delete(rejected).where(*old))


async def rejected_since(tx: Transaction, office: str, since: datetime) -> int:
    query = select(func.count()).where(rejected.c.office == office, rejected.c.at >= since)
    return int((await tx.execute(query)).scalar_one())


async def queues(tx: Transaction) -> dict[tuple[str, str], int]:
    """How many rows wait in each queue and state; finished ones are not counted."""
    found: dict[tuple[str, str], int] = {}
    for table, states in ((inbound, ("new", "quarantined")), (outbound, ("pending", "sending", "uncertain", "held"))):
        query = select(table.c.state, func.count()).where(table.c.state.in_(states)).group_by(table.c.state)
        found |= {(table.name, state): count for state, count in await tx.execute(query)}
    return found
