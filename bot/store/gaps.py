"""Up to when everything that an office was sent is known to have arrived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from bot.core.model import Channel
from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.whatsapp_tables import seen_until


async def known_until(tx: Transaction, office: str, channel: Channel) -> datetime | None:
    """None when nobody has ever looked."""
    mine = (seen_until.c.office == office, seen_until.c.channel == channel)
    found: datetime | None = (await tx.execute(select(seen_until.c.moment).where(*mine))).scalar()
    return found


async def complete_until(tx: Transaction, office: str, channel: Channel, moment: datetime) -> None:
    """Nothing before this moment is missing; a moment that was known already stays."""
    await tx.execute(insert_new(tx, seen_until).values(office=office, channel=channel, moment=moment))
    mine = (seen_until.c.office == office, seen_until.c.channel == channel, seen_until.c.moment < moment)
    await tx.execute(update(seen_until).where(*mine).values(moment=moment))
