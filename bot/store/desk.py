"""What an officer's desk shows beside the lists of consultations: search, news, registers, what became of a message.

Every function takes the office and sees nothing of another one's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, or_, select

from bot.core.model import Channel
from bot.store.database import Transaction
from bot.store.tables import (
    appointment,
    attachment,
    complaint,
    consultation,
    conversation,
    data_request,
    inbound,
    message,
    notification,
    outbound,
)

Row = Mapping[str, Any]
SPOKEN = ("citizen", "staff", "note")
_CONTACT = (
    conversation.c.address, conversation.c.name, conversation.c.profile_name,
    conversation.c.details.label("known"), conversation.c.channel.label("by_channel"),
)  # fmt: skip


async def search(tx: Transaction, office: str, words: str, limit: int = 50) -> list[Row]:
    """Consultations by number, name or address, newest first, in the shape of bot.store.listing."""
    query = (
        select(consultation, *_CONTACT, conversation.c.window_until, conversation.c.opted_out)
        .join(conversation, consultation.c.conversation_id == conversation.c.id)
        .where(consultation.c.office == office, or_(*_matches(words)))
        .order_by(consultation.c.id.desc()).limit(limit)
    )  # fmt: skip
    return await _rows(tx, query)


async def last_spoken(tx: Transaction, conversation_id: int) -> Row | None:
    """The last line that a person wrote: a citizen, an officer's answer, a note."""
    mine = (message.c.conversation_id == conversation_id, message.c.author.in_(SPOKEN))
    return await _first(tx, select(message).where(*mine).order_by(message.c.id.desc()).limit(1))


async def line(tx: Transaction, office: str, message_id: int) -> Row | None:
    """One line of a transcript."""
    return await _first(tx, select(message).where(message.c.id == message_id, message.c.office == office))


async def sendings(tx: Transaction, conversation_id: int) -> list[Row]:
    """What became of everything that was sent in a conversation, oldest first."""
    columns = (
        outbound.c.id, outbound.c.token, outbound.c.dedupe_key, outbound.c.channel, outbound.c.recipient,
        outbound.c.purpose, outbound.c.state, outbound.c.status_rank, outbound.c.error, outbound.c.sent_at,
        outbound.c.possibly_duplicate,
    )  # fmt: skip
    query = select(*columns).where(outbound.c.conversation_id == conversation_id, outbound.c.purpose != "staff")
    return await _rows(tx, query.order_by(outbound.c.id))


async def files(tx: Transaction, office: str, keys: Sequence[str]) -> dict[str, Row]:
    """Names and sizes of stored files by their key; not their content."""
    columns = (attachment.c.id, attachment.c.filename, attachment.c.content_type, attachment.c.size)
    query = select(*columns).where(attachment.c.office == office, attachment.c.id.in_(keys))
    return {row["id"]: row for row in await _rows(tx, query)} if keys else {}


async def raw_mail(tx: Transaction, office: str, inbound_id: int) -> bytes | None:
    """The bytes of a mail as it came in; None when it was no mail, or was erased."""
    query = select(inbound.c.raw).where(inbound.c.id == inbound_id, inbound.c.office == office)
    found: bytes | None = (await tx.execute(query)).scalar()
    return found


async def conversation_id(tx: Transaction, office: str, channel: Channel, address: str) -> int | None:
    mine = (conversation.c.office == office, conversation.c.channel == channel, conversation.c.address == address)
    found: int | None = (await tx.execute(select(conversation.c.id).where(*mine))).scalar()
    return found


async def conversation_of(tx: Transaction, office: str, wanted: int) -> Row | None:
    """A conversation's contact and its newest consultation's number, if it has any."""
    columns = (conversation.c.id, *_CONTACT, conversation.c.opted_out, conversation.c.erased_at, _newest_number())
    return await _first(tx, select(*columns).where(conversation.c.id == wanted, conversation.c.office == office))


async def news(tx: Transaction, office: str, limit: int = 20) -> list[Row]:
    """What staff were told, newest first, with the consultation's number."""
    query = (
        select(notification, consultation.c.number)
        .outerjoin(consultation, notification.c.consultation_id == consultation.c.id)
        .where(notification.c.office == office).order_by(notification.c.id.desc()).limit(limit)
    )  # fmt: skip
    return await _rows(tx, query)


async def complaints(tx: Transaction, office: str, limit: int = 200) -> list[Row]:
    """Complaints with who made them: those that wait first, then the newest."""
    ordering = (complaint.c.handled_at.is_not(None), complaint.c.id.desc())
    return await _rows(tx, _register(complaint, office).order_by(*ordering).limit(limit))


async def appointments(tx: Transaction, office: str, since: datetime, limit: int = 200) -> list[Row]:
    """Appointments from a moment on, soonest first, and wishes for one that are younger."""
    query = _register(appointment, office).where(appointment.c.at >= since)
    return await _rows(tx, query.order_by(appointment.c.at).limit(limit))


async def data_requests(tx: Transaction, office: str, limit: int = 200) -> list[Row]:
    """Requests under the data protection act: open ones first, by their due time."""
    ordering = (data_request.c.done_at.is_not(None), data_request.c.due_at)
    return await _rows(tx, _register(data_request, office).order_by(*ordering).limit(limit))


async def quarantined(tx: Transaction, office: str) -> list[Row]:
    """Messages that broke the engine, without their content: it may be anything."""
    columns = (
        inbound.c.id, inbound.c.channel, inbound.c.kind, inbound.c.address, inbound.c.received_at, inbound.c.error,
    )  # fmt: skip
    query = select(*columns).where(inbound.c.office == office, inbound.c.state == "quarantined")
    return await _rows(tx, query.order_by(inbound.c.id))


async def badges(tx: Transaction, office: str) -> dict[str, int]:
    """How much waits in each register."""
    waiting: Mapping[str, tuple[Table, ColumnElement[bool]]] = {
        "complaints": (complaint, complaint.c.handled_at.is_(None)),
        "requests": (data_request, data_request.c.done_at.is_(None)),
        "quarantined": (inbound, inbound.c.state == "quarantined"),
    }
    counts = {}
    for name, (table, condition) in waiting.items():
        query = select(func.count()).select_from(table).where(table.c.office == office, condition)
        counts[name] = int((await tx.execute(query)).scalar_one())
    return counts


def _matches(words: str) -> list[ColumnElement[bool]]:
    texts = (
        consultation.c.number, conversation.c.name, conversation.c.profile_name, conversation.c.address,
        consultation.c.details["name"].as_string(), consultation.c.details["email"].as_string(),
    )  # fmt: skip
    found: list[ColumnElement[bool]] = [text.icontains(words, autoescape=True) for text in texts]
    digits = re.sub(r"\D", "", words)
    if len(digits) >= 4:
        phone = f"62{digits[1:]}" if digits.startswith("0") else digits
        found.append(conversation.c.address.contains(phone, autoescape=True))
    return found


def _register(table: Table, office: str) -> Select[Any]:
    """Rows of a register with who they are about; `number`: that citizen's newest consultation."""
    query = select(table, *_CONTACT, _newest_number()).join(conversation, table.c.conversation_id == conversation.c.id)
    return query.where(table.c.office == office)


def _newest_number() -> ColumnElement[Any]:
    mine = consultation.c.conversation_id == conversation.c.id
    newest = select(consultation.c.number).where(mine).order_by(consultation.c.id.desc()).limit(1)
    return newest.correlate(conversation).scalar_subquery().label("number")


async def _rows(tx: Transaction, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def _first(tx: Transaction, query: Select[Any]) -> Row | None:
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None
