"""Edits of the knowledge base: entries in their JSON form, laid over the packaged ones by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from bot.store.database import Transaction
from bot.store.tables import base_edit


async def base_edits(tx: Transaction) -> list[Mapping[str, Any]]:
    """Every edited entry, by topic."""
    query = select(base_edit.c.entry).order_by(base_edit.c.topic)
    return list((await tx.execute(query)).scalars())


async def lay_over(tx: Transaction, entries: Sequence[Mapping[str, Any]], by: str, at: datetime) -> None:
    """A later edit of a topic replaces the earlier one."""
    if not entries:
        return
    topics = [entry["id"] for entry in entries]
    await tx.execute(delete(base_edit).where(base_edit.c.topic.in_(topics)))
    rows = [{"topic": entry["id"], "entry": dict(entry), "by": by, "at": at} for entry in entries]
    await tx.execute(insert(base_edit), rows)
