"""One citizen who was known as two: his number and his business-scoped id wrote apart, and now both arrive together.

Everything of the one conversation becomes the other's. Two open consultations are never thrown together: then both stay
as they are, until one is closed and the citizen writes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.core.model import Channel
from bot.store.database import Transaction
from bot.store.tables import consultation, conversation, deadline, metadata

Row = Mapping[Any, Any]
_EITHER = ("name", "profile_name", "appointment", "introduced", "opted_out")
_LATEST = ("last_heard_at", "window_until", "survey_at")


async def unite(tx: Transaction, office: str, channel: Channel, addresses: Sequence[str]) -> None:
    """Make one conversation of those that have one of these addresses, where that is safe."""
    here = (conversation.c.office == office, conversation.c.channel == channel)
    query = select(conversation).where(*here, conversation.c.address.in_(list(addresses)))
    rows = list((await tx.execute(query.order_by(conversation.c.id).with_for_update())).mappings())
    if len(rows) == 2:
        kept = await _which_stays(tx, rows)
        if kept is not None:
            await _fold(tx, rows[kept], rows[1 - kept])


async def _which_stays(tx: Transaction, rows: Sequence[Row]) -> int | None:
    """The place of the one with the open consultation, else with the newest; None when they must stay apart."""
    ids = [row["id"] for row in rows]
    columns = (consultation.c.conversation_id, consultation.c.state)
    found = (await tx.execute(
        select(*columns).where(consultation.c.conversation_id.in_(ids)).order_by(consultation.c.id)
    )).all()  # fmt: skip
    live = {row.conversation_id for row in found if row.state != "closed"}
    newest = found[-1].conversation_id if found else ids[0]
    if len(live) > 1 or (live and newest not in live) or await _same_clocks(tx, ids):
        return None
    return ids.index(newest)


async def _same_clocks(tx: Transaction, ids: Sequence[int]) -> bool:
    """Whether both have a running clock of one kind (two appointments)."""
    query = select(deadline.c.kind).where(deadline.c.conversation_id.in_(list(ids)), deadline.c.state == "pending")
    kinds = list((await tx.execute(query)).scalars())
    return len(kinds) > len(set(kinds))


async def _fold(tx: Transaction, kept: Row, other: Row) -> None:
    for table in metadata.sorted_tables:
        if "conversation_id" in table.c:
            mine = table.c.conversation_id == other["id"]
            await tx.execute(update(table).where(mine).values(conversation_id=kept["id"]))
    await tx.execute(update(conversation).where(conversation.c.id == kept["id"]).values(_both(kept, other)))
    await tx.execute(delete(conversation).where(conversation.c.id == other["id"]))


def _both(kept: Row, other: Row) -> dict[str, Any]:
    """What is known of him: what the conversation that stays does not know, the other one tells."""
    known = {name: value for name, value in kept["details"].items() if value is not None}
    told = {name: kept[name] or other[name] for name in _EITHER}
    latest = {name: _later(kept[name], other[name]) for name in _LATEST}
    return {**told, **latest, "details": {**other["details"], **known}}


def _later(one: datetime | None, two: datetime | None) -> datetime | None:
    return max((moment for moment in (one, two) if moment is not None), default=None)
