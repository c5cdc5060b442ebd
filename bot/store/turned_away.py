"""Webhooks that were turned away at the door: kept for a while, counted, and brought in once they prove to be real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from bot.store.database import Transaction
from bot.store.tables import rejected

MOST_KEPT = 500  # of an office
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request that was turned away. `provider_key`: of a message, None for anything else; `fields`: its form."""

    office: str
    channel: str
    at: datetime
    cause: str
    reason: str
    provider_key: str | None
    fields: Mapping[str, Any]


async def keep(tx: Transaction, refusal: Refusal) -> None:
    """Keep it, and the newest few hundred of its office."""
    values = {
        "office": refusal.office, "channel": refusal.channel, "at": refusal.at, "cause": refusal.cause[:16],
        "reason": refusal.reason[:200], "provider_key": (refusal.provider_key or "")[:200] or None,
        "fields": dict(refusal.fields),
    }  # fmt: skip
    await tx.execute(insert(rejected).values(values))
    mine = rejected.c.office == refusal.office
    oldest = select(rejected.c.id).where(mine).order_by(rejected.c.id.desc()).offset(MOST_KEPT).limit(1)
    last = (await tx.execute(oldest)).scalar()
    if last is not None:
        await tx.execute(delete(rejected).where(mine, rejected.c.id <= last))


async def causes(tx: Transaction, office: str, since: datetime) -> list[Row]:
    """What was turned away since then, by cause, the newest cause first: {cause, reason, count, first, last}."""
    query = (
        select(
            rejected.c.cause, func.max(rejected.c.reason).label("reason"), func.count().label("count"),
            func.min(rejected.c.at).label("first"), func.max(rejected.c.at).label("last"),
        )
        .where(rejected.c.office == office, rejected.c.at >= since).group_by(rejected.c.cause)
    )  # fmt: skip
    rows = [dict(row) for row in (await tx.execute(query)).mappings()]
    return sorted(rows, key=lambda row: row["last"], reverse=True)


async def waiting(tx: Transaction, office: str, limit: int = 100) -> list[Row]:
    """Messages among them that were not brought in, newest first, without their content: it is not proven."""
    columns = (rejected.c.id, rejected.c.at, rejected.c.cause, rejected.c.reason, rejected.c.provider_key)
    mine = (rejected.c.office == office, rejected.c.provider_key.is_not(None), rejected.c.brought_in_at.is_(None))
    query = select(*columns).where(*mine).order_by(rejected.c.id.desc()).limit(limit)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def one(tx: Transaction, rejected_id: int) -> Row | None:
    row = (await tx.execute(select(rejected).where(rejected.c.id == rejected_id))).mappings().first()
    return dict(row) if row else None


async def forms(tx: Transaction, office: str, provider_keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The forms that came with these messages, by their key."""
    mine = (rejected.c.office == office, rejected.c.provider_key.in_(list(provider_keys)))
    query = select(rejected.c.provider_key, rejected.c.fields).where(*mine).order_by(rejected.c.id)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def brought_in(tx: Transaction, office: str, provider_keys: Sequence[str], now: datetime) -> None:
    """These messages are inside by now, whichever way they came."""
    mine = (rejected.c.office == office, rejected.c.provider_key.in_(list(provider_keys)))
    await tx.execute(update(rejected).where(*mine, rejected.c.brought_in_at.is_(None)).values(brought_in_at=now))


async def forget(tx: Transaction, office: str, addresses: Sequence[str]) -> None:
    """What somebody with one of these WhatsApp addresses wrote, real or not."""
    names = [f"whatsapp:{address}" for address in addresses]
    his = or_(*(rejected.c.fields[name].as_string().in_(names) for name in ("From", "ExternalUserId")))
    await tx.execute(delete(rejected).where(rejected.c.office == office, his))


async def count_since(tx: Transaction, office: str, since: datetime) -> int:
    query = select(func.count()).where(rejected.c.office == office, rejected.c.at >= since)
    return int((await tx.execute(query)).scalar_one())
