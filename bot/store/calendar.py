"""Closed days and other hours that staff announce in the inbox, on top of the office file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select, update

from bot.store.database import Transaction, inserted_id
from bot.store.tables import calendar_change


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """From `first` to `last`, both included: service from `opens` to `closes`, or none at all where they are None."""

    id: int
    office: str
    first: date
    last: date
    opens: time | None
    closes: time | None
    reason: str
    by: str
    at: datetime
    withdrawn_at: datetime | None = None


async def add(tx: Transaction, change: CalendarChange) -> int:
    values = {
        "office": change.office, "first": change.first.isoformat(), "last": change.last.isoformat(),
        "opens": _clock(change.opens), "closes": _clock(change.closes), "reason": change.reason, "by": change.by,
        "at": change.at,
    }  # fmt: skip
    return inserted_id(await tx.execute(insert(calendar_change).values(values)))


async def withdraw(tx: Transaction, office: str, change_id: int, at: datetime) -> bool:
    """False when there is no such change of that office in force."""
    c = calendar_change.c
    mine = (c.id == change_id, c.office == office, c.withdrawn_at.is_(None))
    return (await tx.execute(update(calendar_change).where(*mine).values(withdrawn_at=at))).rowcount == 1


async def calendar_changes(tx: Transaction, office: str | None = None) -> list[CalendarChange]:
    """Changes in force, oldest first: a later one overrides an earlier."""
    query = select(calendar_change).where(calendar_change.c.withdrawn_at.is_(None)).order_by(calendar_change.c.id)
    if office is not None:
        query = query.where(calendar_change.c.office == office)
    return [_change(row) for row in (await tx.execute(query)).mappings()]


def _change(row: Mapping[Any, Any]) -> CalendarChange:
    return CalendarChange(
        row["id"], row["office"], date.fromisoformat(row["first"]), date.fromisoformat(row["last"]),
        _time(row["opens"]), _time(row["closes"]), row["reason"], row["by"], row["at"], row["withdrawn_at"],
    )  # fmt: skip


def _clock(value: time | None) -> str | None:
    return value.strftime("%H:%M") if value else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
