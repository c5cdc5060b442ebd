"""How many messages an office has exchanged in a month: what the provider charges for, in and out, by category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.tables import outbound
from bot.store.whatsapp_tables import traffic


@dataclass(frozen=True, order=True, slots=True)
class Line:
    """`month`: "2026-11" on the office's clock. `direction`: in or out. `category`: the provider's price category."""

    office: str
    month: str
    direction: str
    category: str


async def add(tx: Transaction, counts: Mapping[Line, int]) -> None:
    """Count messages. Always in the same order, so that two transactions never wait for each other."""
    for line in sorted(counts):
        key = {
            "office": line.office, "month": line.month, "direction": line.direction, "category": line.category,
        }  # fmt: skip
        await tx.execute(insert_new(tx, traffic).values(**key, messages=0))
        mine = [traffic.c[name] == value for name, value in key.items()]
        await tx.execute(update(traffic).where(*mine).values(messages=traffic.c.messages + counts[line]))


async def sent(tx: Transaction, outbound_id: int, line: Line, messages: int) -> None:
    """Count a message that has left, once, however often it is learnt that it has."""
    mine = (outbound.c.id == outbound_id, outbound.c.counted == 0)
    if (await tx.execute(update(outbound).where(*mine).values(counted=messages))).rowcount:
        await add(tx, {line: messages})


async def of_month(tx: Transaction, office: str, month: str) -> dict[tuple[str, str], int]:
    """(direction, category) -> messages."""
    query = select(traffic.c.direction, traffic.c.category, traffic.c.messages)
    rows = await tx.execute(query.where(traffic.c.office == office, traffic.c.month == month))
    return {(row.direction, row.category): row.messages for row in rows}


async def months(tx: Transaction, office: str, limit: int = 12) -> list[str]:
    """Months with any traffic, newest first."""
    query = select(traffic.c.month).where(traffic.c.office == office).distinct()
    return list((await tx.execute(query.order_by(traffic.c.month.desc()).limit(limit))).scalars())
