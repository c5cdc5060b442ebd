"""Erasing a citizen's personal data, on his request (UU PDP 27/2022) or because the term is over; what the office must
account for is kept.

What stays: that there was a consultation, its clocks, its outcome and rating. What goes: who he was and what was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, select, update

from bot.store import tables as t
from bot.store import turned_away
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.whatsapp_tables import media

ERASED = "[dihapus atas permintaan]"
UNSENT = ("pending", "sending", "uncertain")  # these leave once more, then the outbox forgets their receiver too


async def erase(tx: Transaction, stored: Stored, now: datetime, words: str = ERASED) -> None:
    """Take everything personal out of one conversation's rows; `words` stand in its place."""
    mine = stored.id
    await tx.execute(
        update(t.conversation).where(t.conversation.c.id == mine).values(
            address=f"erased:{mine}", name=None, profile_name=None, details={}, question="", thread={}, topic=None,
            appointment=None, erased_at=now,
        )
    )  # fmt: skip
    await tx.execute(
        update(t.message).where(t.message.c.conversation_id == mine).values(text=words, subject=None, attachments=[])
    )
    await tx.execute(
        update(t.consultation).where(t.consultation.c.conversation_id == mine).values(question=words, details={})
    )
    addresses = [stored.conversation.address, *await _other_addresses(tx, mine)]
    await tx.execute(delete(t.identity).where(t.identity.c.conversation_id == mine))
    for table in (t.notification, t.complaint):
        await tx.execute(update(table).where(table.c.conversation_id == mine).values(text=words))
    his_files = update(t.attachment).where(t.attachment.c.conversation_id == mine)
    await tx.execute(his_files.values(content=None, on_disk=False))
    await tx.execute(update(media).where(media.c.conversation_id == mine).values(state="lost", url="", filename=""))
    await turned_away.forget(tx, stored.conversation.office, addresses)
    await _erase_traffic(tx, stored, addresses, words)


async def _other_addresses(tx: Transaction, conversation_id: int) -> list[str]:
    """A number beside a business-scoped id."""
    query = select(t.identity.c.address).where(t.identity.c.conversation_id == conversation_id)
    return list((await tx.execute(query)).scalars())


async def _erase_traffic(tx: Transaction, stored: Stored, addresses: Sequence[str], words: str) -> None:
    c = stored.conversation
    from_him = t.inbound.c.address.in_(addresses)
    his = and_(t.inbound.c.office == c.office, t.inbound.c.channel == c.channel, from_him)
    await tx.execute(
        update(t.inbound).where(his).values(fields={}, raw=None, state="done", address=f"erased:{stored.id}")
    )
    his_mail = t.outbound.c.conversation_id == stored.id
    waits = and_(his_mail, t.outbound.c.state == "held")
    await tx.execute(update(t.outbound).where(waits).values(state="replaced"))
    done = and_(his_mail, t.outbound.c.state.not_in(UNSENT))
    blank = {"text": words, "options": []}
    await tx.execute(update(t.outbound).where(done).values(content=blank, recipient=f"erased:{stored.id}"))
    still = select(t.outbound.c.id, t.outbound.c.content).where(his_mail, t.outbound.c.state.in_(UNSENT))
    for row in (await tx.execute(still)).mappings().all():
        last = {**row["content"], "forget": f"erased:{stored.id}"}
        await tx.execute(update(t.outbound).where(t.outbound.c.id == row["id"]).values(content=last))
    about = select(t.consultation.c.id).where(t.consultation.c.conversation_id == stored.id)
    to_staff = and_(t.outbound.c.purpose == "staff", t.outbound.c.consultation_id.in_(about))
    await tx.execute(update(t.outbound).where(to_staff).values(content=blank))
