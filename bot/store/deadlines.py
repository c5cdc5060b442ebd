"""Due work as rows: one pending clock of a kind and conversation; the sweep takes what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, update

from bot.core.effects import ClockKind, DropDeadline, SetDeadline
from bot.store.database import Transaction
from bot.store.tables import deadline


@dataclass(frozen=True, slots=True)
class Clock:
    """A pending deadline row."""

    id: int
    office: str
    conversation_id: int
    consultation_id: int | None
    kind: ClockKind
    due_at: datetime
    version: int


async def apply(
    tx: Transaction, office: str, conversation_id: int, consultation_id: int | None, version: int,
    effects: Iterable[SetDeadline | DropDeadline], now: datetime, why: str = "",
) -> None:  # fmt: skip
    """Replace or drop a conversation's clocks; the old rows stay, for the history, with the event that ended them."""
    ended = {"state": "dropped", "ended_at": now, "ended_by": why or None}
    for effect in effects:
        pending = _pending(conversation_id, effect.kind)
        await tx.execute(update(deadline).where(pending).values(ended))
        if isinstance(effect, SetDeadline):
            values = {
                "office": office, "conversation_id": conversation_id, "consultation_id": consultation_id,
                "kind": effect.kind, "due_at": effect.due_at, "state": "pending", "version": version,
                "explanation": effect.explanation, "calendar_version": effect.calendar_version, "set_at": now,
            }  # fmt: skip
            await tx.execute(insert(deadline).values(values))


async def due(tx: Transaction, now: datetime, limit: int) -> list[Clock]:
    """What is due, oldest first. The number of stored rows does not matter, only the number of due ones."""
    query = select(deadline).where(deadline.c.state == "pending", deadline.c.due_at <= now)
    return [_clock(row) for row in (await tx.execute(query.order_by(deadline.c.due_at).limit(limit))).mappings()]


async def take(tx: Transaction, clock_id: int) -> bool:
    """Mark a clock as done; False when it was replaced, dropped or taken meanwhile. Under the conversation's lock."""
    mine = (deadline.c.id == clock_id, deadline.c.state == "pending")
    return (await tx.execute(update(deadline).where(*mine).values(state="done"))).rowcount == 1


async def next_due(tx: Transaction) -> datetime | None:
    query = select(func.min(deadline.c.due_at)).where(deadline.c.state == "pending")
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def postpone(tx: Transaction, clock_id: int, until: datetime) -> None:
    """A sweep that came too late for its hour waits for the next allowed one."""
    await tx.execute(update(deadline).where(deadline.c.id == clock_id).values(due_at=until))


async def of_consultation(tx: Transaction, consultation_id: int) -> list[Mapping[Any, Any]]:
    """All clocks that ever ran, for the `why` view."""
    query = select(deadline).where(deadline.c.consultation_id == consultation_id).order_by(deadline.c.id)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


def _pending(conversation_id: int, kind: ClockKind) -> Any:
    return and_(deadline.c.conversation_id == conversation_id, deadline.c.kind == kind, deadline.c.state == "pending")


def _clock(row: Mapping[Any, Any]) -> Clock:
    return Clock(
        row["id"], row["office"], row["conversation_id"], row["consultation_id"], ClockKind(row["kind"]),
        row["due_at"], row["version"],
    )  # fmt: skip
