"""What a simulated network has to remember after a restart: it lives in memory, its messages do not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from bot.core.model import Channel
from bot.store.database import Transaction
from bot.store.outbound import Outgoing, outgoing
from bot.store.tables import conversation, message, outbound


async def newest_sent(tx: Transaction, limit: int) -> list[Outgoing]:
    """What has left last, oldest first; not what was erased since."""
    known = (outbound.c.recipient.not_like("erased:%"), outbound.c.recipient != "-")
    query = select(outbound).where(outbound.c.state == "sent", outbound.c.provider_id.is_not(None), *known)
    found = (await tx.execute(query.order_by(outbound.c.sent_at.desc(), outbound.c.id.desc()).limit(limit))).mappings()
    return [outgoing(row) for row in reversed(list(found))]


async def heard(tx: Transaction) -> Mapping[int, tuple[str, str, list[datetime]]]:
    """Of each conversation on WhatsApp: office, address, and when its citizen wrote."""
    query = (
        select(conversation.c.id, conversation.c.office, conversation.c.address, message.c.at)
        .join(message, message.c.conversation_id == conversation.c.id)
        .where(conversation.c.channel == Channel.WHATSAPP, message.c.author.in_(("citizen", "machine")))
        .order_by(message.c.at)
    )
    known: dict[int, tuple[str, str, list[datetime]]] = {}
    for conversation_id, office, address, at in await tx.execute(query):
        known.setdefault(conversation_id, (office, address, []))[2].append(at)
    return known
