"""What the inbox shows: consultations with what an officer needs to choose the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from bot.store.database import Transaction
from bot.store.tables import appointment, complaint, consultation, conversation, message, notification, outbound

Row = Mapping[str, Any]
VIEWS = ("open", "answered", "silent", "undeliverable", "closed", "all")


async def consultations(
    tx: Transaction, office: str, view: str = "open", limit: int = 200, now: datetime | None = None
) -> list[Row]:
    """One view of an office's list, what burns first on top: the earlier of due time and window end.

    A window that has ended by `now` burns no more.
    """
    query = _base().where(consultation.c.office == office)
    query = query.where(_VIEWS[view]) if view in _VIEWS else query
    ordering = (
        (consultation.c.closed_at.desc(),) if view == "closed"
        else (func.coalesce(_burns(now), consultation.c.opened_at), consultation.c.id)
    )  # fmt: skip
    return [dict(row) for row in (await tx.execute(query.order_by(*ordering).limit(limit))).mappings()]


async def counts(tx: Transaction, office: str) -> dict[str, int]:
    """How many there are in each view."""
    found = {}
    for view, condition in _VIEWS.items():
        query = select(func.count()).select_from(consultation).where(consultation.c.office == office, condition)
        found[view] = int((await tx.execute(query)).scalar_one())
    return found


async def live_before(tx: Transaction, office: str, moment: datetime) -> bool:
    """Whether anything that was opened before a moment is still going on."""
    query = select(consultation.c.id).where(
        consultation.c.office == office, consultation.c.state != "closed", consultation.c.opened_at < moment
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def due_counts(tx: Transaction, office: str, start: datetime, end: datetime, now: datetime) -> dict[str, int]:
    """Of the open ones: due between `start` and `end`, and overdue at `now`."""
    mine = (consultation.c.office == office, consultation.c.state == "open")
    today = (consultation.c.due_at >= start, consultation.c.due_at < end)
    count = select(func.count()).select_from(consultation)
    due = (await tx.execute(count.where(*mine, *today))).scalar_one()
    overdue = (await tx.execute(count.where(*mine, consultation.c.due_at < now))).scalar_one()
    return {"due_today": int(due), "overdue": int(overdue)}


async def one(tx: Transaction, office: str, number: str) -> Row | None:
    query = _base().where(consultation.c.office == office, consultation.c.number == number)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def number(tx: Transaction, consultation_id: int | None) -> str | None:
    query = select(consultation.c.number).where(consultation.c.id == consultation_id)
    return (await tx.execute(query)).scalar()


async def live_conversations(tx: Transaction, office: str) -> list[int]:
    """Conversations whose consultation has a running clock."""
    query = select(consultation.c.conversation_id).where(
        consultation.c.office == office, consultation.c.state != "closed"
    )
    return list((await tx.execute(query.order_by(consultation.c.id))).scalars())


async def of_conversation(tx: Transaction, conversation_id: int) -> list[Row]:
    query = _base().where(consultation.c.conversation_id == conversation_id).order_by(consultation.c.id)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def all_of(tx: Transaction) -> list[Row]:
    """Every consultation in the order of opening; for stories and reports, not for pages."""
    return [dict(row) for row in (await tx.execute(_base().order_by(consultation.c.id))).mappings()]


async def held_count(tx: Transaction, conversation_id: int) -> int:
    query = select(func.count()).where(outbound.c.conversation_id == conversation_id, outbound.c.state == "held")
    return int((await tx.execute(query)).scalar_one())


async def everything(tx: Transaction, what: str) -> list[Row]:
    """All rows of a kind with the address they belong to, oldest first; for stories and exports, not for pages.

    `what`: notification, complaint, appointment, message or held.
    """
    table = _KINDS[what]
    query = select(table, conversation.c.address, conversation.c.channel.label("by_channel")).outerjoin(
        conversation, table.c.conversation_id == conversation.c.id
    )
    if what == "held":
        query = query.where(outbound.c.state == "held")
    return [dict(row) for row in (await tx.execute(query.order_by(table.c.id))).mappings()]


_KINDS = {
    "notification": notification, "complaint": complaint, "appointment": appointment, "message": message,
    "held": outbound,
}  # fmt: skip
_VIEWS = {
    "open": consultation.c.state == "open",
    "answered": consultation.c.state == "answered",
    "silent": (consultation.c.state == "answered") & consultation.c.silent.is_(True),
    "undeliverable": (consultation.c.state != "closed") & consultation.c.undeliverable.is_(True),
    "closed": consultation.c.state == "closed",
}


def _base() -> Select[Any]:
    contact = (
        conversation.c.address, conversation.c.name, conversation.c.profile_name, conversation.c.window_until,
        conversation.c.details.label("known"), conversation.c.opted_out,
    )  # fmt: skip
    return select(consultation, *contact).join(conversation, consultation.c.conversation_id == conversation.c.id)


def _burns(now: datetime | None) -> Any:
    """The earlier of the due time and, on WhatsApp, the window's end while it is open and staff owe an answer."""
    open_still = conversation.c.window_until > now if now else conversation.c.window_until.is_not(None)
    window = case((and_(consultation.c.channel == "whatsapp", open_still), conversation.c.window_until), else_=None)
    earlier = case((window < consultation.c.due_at, window), else_=consultation.c.due_at)
    return case((consultation.c.state == "open", earlier), else_=consultation.c.closes_at)
