"""Signs of life, and what waits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.tables import heartbeat, inbound, outbound


async def beat(tx: Transaction, name: str, at: datetime, note: str = "") -> None:
    await tx.execute(insert_new(tx, heartbeat).values(name=name, at=at, note=note))
    await tx.execute(update(heartbeat).where(heartbeat.c.name == name).values(at=at, note=note[:400]))


async def beats(tx: Transaction) -> dict[str, tuple[datetime, str]]:
    return {row.name: (row.at, row.note) for row in await tx.execute(select(heartbeat))}


async def queues(tx: Transaction) -> dict[tuple[str, str], int]:
    """How many rows wait in each queue and state; finished ones are not counted."""
    found: dict[tuple[str, str], int] = {}
    for table, states in ((inbound, ("new", "quarantined")), (outbound, ("pending", "sending", "uncertain", "held"))):
        for state in states:  # one by one: each has its index, all together they have none on SQLite
            query = select(func.count()).select_from(table).where(table.c.state == state)
            if count := (await tx.execute(query)).scalar_one():
                found[table.name, state] = count
    return found
