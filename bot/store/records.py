"""What is written down along the way: transcript, history, notifications, complaints, appointments, requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, update

from bot.core.model import Appointment
from bot.store.conversations import Stored, insert_new
from bot.store.database import Transaction, inserted_id
from bot.store.tables import (
    appointment,
    attachment,
    complaint,
    data_request,
    event_log,
    message,
    notification,
    survey,
)

Row = Mapping[str, Any]


async def say(
    tx: Transaction, stored: Stored, at: datetime, author: str, text: str, *, by: str | None = None,
    subject: str | None = None, attachments: Sequence[Row] = (), inbound_id: int | None = None,
    outbound_id: int | None = None, consultation_id: int | None = None, doubt: str | None = None,
) -> int:  # fmt: skip
    """A line of the transcript. `author`: citizen, bot, staff, note or machine. `doubt`: "unverified" or None."""
    values = {
        "office": stored.conversation.office, "conversation_id": stored.id, "consultation_id": consultation_id,
        "at": at, "author": author, "by": by, "text": text, "subject": subject,
        "attachments": [dict(a) for a in attachments], "inbound_id": inbound_id, "outbound_id": outbound_id,
        "doubt": doubt,
    }  # fmt: skip
    result = await tx.execute(insert(message).values(values))
    return inserted_id(result)


async def assign(tx: Transaction, message_ids: Sequence[int], consultation_id: int) -> None:
    """Lines that turned out to open a consultation belong to it."""
    await tx.execute(update(message).where(message.c.id.in_(message_ids)).values(consultation_id=consultation_id))


async def adopt_files(
    tx: Transaction, conversation_id: int, consultation_id: int, since: datetime, before: int | None
) -> None:
    """Files that came without a word, after `since`, belong to the consultation that was opened with them.

    `before`: the citizen's earlier consultation, to which they were counted until now.
    """
    owner = message.c.consultation_id.is_(None) | (message.c.consultation_id == before)
    mine = (message.c.conversation_id == conversation_id, message.c.author == "citizen", message.c.at > since, owner)
    rows = (await tx.execute(select(message.c.id, message.c.attachments).where(*mine))).all()
    await assign(tx, [row.id for row in rows if row.attachments], consultation_id)


async def transcript(tx: Transaction, conversation_id: int) -> list[Row]:
    query = select(message).where(message.c.conversation_id == conversation_id).order_by(message.c.id)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def said_since(tx: Transaction, conversation_id: int, moment: datetime, limit: int = 100) -> list[str]:
    """What the citizen (or his machine) wrote since then, newest first."""
    mine = (message.c.conversation_id == conversation_id, message.c.author.in_(("citizen", "machine")))
    query = select(message.c.text).where(*mine, message.c.at >= moment).order_by(message.c.id.desc())
    return list((await tx.execute(query.limit(limit))).scalars())


async def log(tx: Transaction, stored: Stored, at: datetime, event: str, what: str, detail: str) -> None:
    values = {
        "office": stored.conversation.office, "conversation_id": stored.id,
        "consultation_id": stored.consultation_id, "at": at, "event": event, "what": what, "detail": detail,
    }  # fmt: skip
    await tx.execute(insert(event_log).values(values))


async def history(tx: Transaction, consultation_id: int) -> list[Row]:
    query = select(event_log).where(event_log.c.consultation_id == consultation_id).order_by(event_log.c.id)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def notify(
    tx: Transaction, office: str, kind: str, text: str, at: datetime, dedupe_key: str, *,
    conversation_id: int | None = None, consultation_id: int | None = None,
) -> bool:  # fmt: skip
    """Tell staff in the inbox; False when they were already told exactly this."""
    values = {
        "office": office, "kind": kind, "text": text, "at": at, "dedupe_key": dedupe_key,
        "conversation_id": conversation_id, "consultation_id": consultation_id,
    }  # fmt: skip
    result = await tx.execute(insert_new(tx, notification).values(values).returning(notification.c.id))
    return result.scalar() is not None


async def notifications(tx: Transaction, office: str, limit: int = 50) -> list[Row]:
    query = select(notification).where(notification.c.office == office).order_by(notification.c.id.desc())
    return [dict(row) for row in (await tx.execute(query.limit(limit))).mappings()]


async def complain(tx: Transaction, stored: Stored, text: str, at: datetime, dedupe_key: str) -> None:
    values = {
        "office": stored.conversation.office, "conversation_id": stored.id, "text": text, "at": at,
        "dedupe_key": dedupe_key,
    }  # fmt: skip
    await tx.execute(insert_new(tx, complaint).values(values))


async def complaints(tx: Transaction, office: str) -> list[Row]:
    query = select(complaint).where(complaint.c.office == office).order_by(complaint.c.id.desc())
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def complaint_handled(tx: Transaction, office: str, complaint_id: int, by: str, at: datetime) -> bool:
    mine = (complaint.c.id == complaint_id, complaint.c.office == office, complaint.c.handled_at.is_(None))
    return (await tx.execute(update(complaint).where(*mine).values(handled_at=at, handled_by=by))).rowcount == 1


async def book(tx: Transaction, stored: Stored, new: Appointment, previous: Appointment | None, at: datetime) -> None:
    """Record an appointment; the one before it is released first. A taken slot raises IntegrityError."""
    if previous is not None:
        old = and_(appointment.c.conversation_id == stored.id, appointment.c.state == "booked")
        state = "moved" if new.state == "booked" else new.state
        await tx.execute(update(appointment).where(old).values(state=state))
    if new.state != "cancelled":
        values = {
            "office": stored.conversation.office, "conversation_id": stored.id, "at": new.at, "state": new.state,
            "made_at": at,
        }  # fmt: skip
        await tx.execute(insert(appointment).values(values))


async def booked(tx: Transaction, office: str, since: datetime) -> frozenset[datetime]:
    """Taken slots from a moment on."""
    query = select(appointment.c.at).where(
        appointment.c.office == office, appointment.c.state == "booked", appointment.c.at >= since
    )
    return frozenset((await tx.execute(query)).scalars())


async def with_appointment(tx: Transaction, office: str, since: datetime) -> list[int]:
    """Conversations that have an appointment from a moment on."""
    query = select(appointment.c.conversation_id).where(
        appointment.c.office == office, appointment.c.state == "booked", appointment.c.at >= since
    )
    return list((await tx.execute(query.order_by(appointment.c.at))).scalars())


async def appointments(tx: Transaction, office: str) -> list[Row]:
    query = select(appointment).where(appointment.c.office == office).order_by(appointment.c.at)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def request_data(tx: Transaction, stored: Stored, kind: str, asked_at: datetime, due_at: datetime) -> None:
    """A request under the data protection act; one of a kind is open at a time."""
    open_one = select(data_request.c.id).where(
        data_request.c.conversation_id == stored.id, data_request.c.kind == kind, data_request.c.done_at.is_(None)
    )
    if (await tx.execute(open_one)).first() is None:
        values = {
            "office": stored.conversation.office, "conversation_id": stored.id, "kind": kind,
            "asked_at": asked_at, "due_at": due_at,
        }  # fmt: skip
        await tx.execute(insert(data_request).values(values))


async def data_requests(tx: Transaction, office: str) -> list[Row]:
    query = select(data_request).where(data_request.c.office == office).order_by(data_request.c.id.desc())
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def data_request_of(tx: Transaction, office: str, request_id: int) -> Row | None:
    query = select(data_request).where(data_request.c.id == request_id, data_request.c.office == office)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def data_request_done(tx: Transaction, request_id: int, by: str, at: datetime) -> bool:
    mine = (data_request.c.id == request_id, data_request.c.done_at.is_(None))
    return (await tx.execute(update(data_request).where(*mine).values(done_at=at, done_by=by))).rowcount == 1


async def keep_attachment(
    tx: Transaction, stored: Stored, key: str, filename: str, content_type: str, content: bytes, at: datetime
) -> None:
    """Store a file by its hash; the same file twice is one row."""
    values = {
        "id": key, "office": stored.conversation.office, "conversation_id": stored.id, "filename": filename,
        "content_type": content_type, "size": len(content), "content": content, "created_at": at,
    }  # fmt: skip
    await tx.execute(insert_new(tx, attachment).values(values))


async def attachment_of(tx: Transaction, office: str, key: str) -> Row | None:
    query = select(attachment).where(attachment.c.id == key, attachment.c.office == office)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def answer_survey(tx: Transaction, stored: Stored, scores: Sequence[int], at: datetime) -> None:
    values = {"office": stored.conversation.office, "conversation_id": stored.id, "at": at, "scores": list(scores)}
    await tx.execute(insert(survey).values(values))
