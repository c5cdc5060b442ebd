"""What has been kept for long enough. Nothing of a live consultation or of a coming appointment is ever touched.

Rows stay, so that numbers, clocks, ratings and counts can be accounted for; what is personal in them goes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, select, update

from bot.store import tables as t
from bot.store.conversations import lock_by_id
from bot.store.database import Transaction
from bot.store.erasure import erase

EXPIRED = "[masa simpan berakhir]"
_NOBODY = "-"
NIGHTLY = "retention:"  # + office: the heartbeat that says when it was last done
_SETTLED_IN = ("done", "quarantined")
_SETTLED_OUT = ("sent", "failed", "replaced")


async def last_night(tx: Transaction, office: str) -> datetime | None:
    """When this was last done for an office."""
    query = select(t.heartbeat.c.at).where(t.heartbeat.c.name == f"{NIGHTLY}{office}")
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def forget_raw(tx: Transaction, office: str, before: datetime) -> int:
    """Raw messages, sent contents and turned-away webhooks from before; the transcript keeps what was said."""
    came = and_(t.inbound.c.office == office, t.inbound.c.received_at < before, t.inbound.c.state.in_(_SETTLED_IN))
    emptied: dict[str, Any] = {"fields": {}, "raw": None, "address": _NOBODY, "state": "done"}
    count = await _done(tx, update(t.inbound).where(came, t.inbound.c.address != _NOBODY).values(emptied))
    went = and_(t.outbound.c.office == office, t.outbound.c.created_at < before, t.outbound.c.state.in_(_SETTLED_OUT))
    blank: dict[str, Any] = {"content": {"text": EXPIRED, "options": []}, "recipient": _NOBODY}
    count += await _done(tx, update(t.outbound).where(went, t.outbound.c.recipient != _NOBODY).values(blank))
    return count + await _done(tx, delete(t.rejected).where(t.rejected.c.office == office, t.rejected.c.at < before))


async def forget_files(tx: Transaction, office: str, before: datetime) -> int:
    """Files from before; their names stay in the transcript. What lay in the media folder is swept away there."""
    kept = (t.attachment.c.content.is_not(None)) | (t.attachment.c.on_disk.is_(True))
    old = and_(t.attachment.c.office == office, t.attachment.c.created_at < before, kept)
    forgotten = update(t.attachment).where(old, ~_live(t.attachment.c.conversation_id))
    return await _done(tx, forgotten.values(content=None, on_disk=False))


async def over(tx: Transaction, office: str, before: datetime, limit: int) -> list[int]:
    """Conversations in which nothing has happened since then."""
    c = t.conversation.c
    mine = (c.office == office, c.erased_at.is_(None), func.coalesce(c.last_heard_at, c.created_at) < before)
    coming = exists().where(t.appointment.c.conversation_id == c.id, t.appointment.c.at >= before)
    late = exists().where(t.consultation.c.conversation_id == c.id, t.consultation.c.closed_at >= before)
    query = select(c.id).where(*mine, ~_live(c.id), ~coming, ~late).order_by(c.id).limit(limit)
    return list((await tx.execute(query)).scalars())


async def forget_talk(tx: Transaction, conversation_id: int, now: datetime) -> None:
    """Take who somebody was, and what was said, out of one conversation."""
    stored = await lock_by_id(tx, conversation_id)
    if stored is None:
        return
    await erase(tx, stored, now, EXPIRED)
    waiting = (t.data_request.c.conversation_id == conversation_id, t.data_request.c.done_at.is_(None))
    await tx.execute(update(t.data_request).where(*waiting).values(done_at=now, done_by=EXPIRED))


def _live(conversation_id: Any) -> Any:
    return exists().where(t.consultation.c.conversation_id == conversation_id, t.consultation.c.state != "closed")


async def _done(tx: Transaction, statement: Any) -> int:
    return int((await tx.execute(statement)).rowcount)
