"""Everything that is held about one citizen, for the copy that he may ask for (UU PDP 27/2022)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from bot.store import tables as t
from bot.store.conversations import Stored
from bot.store.database import Transaction

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OwnData:
    """The rows of one conversation, oldest first; internal notes of staff are not his words and not told to him."""

    consultations: list[Row]
    messages: list[Row]
    complaints: list[Row]
    appointments: list[Row]
    surveys: list[Row]
    requests: list[Row]
    files: list[Row]


async def of(tx: Transaction, stored: Stored) -> OwnData:
    async def rows(table: Table) -> list[Row]:
        query = select(table).where(table.c.conversation_id == stored.id)
        return [dict(row) for row in (await tx.execute(query)).mappings()]

    messages = sorted(await rows(t.message), key=lambda row: row["id"])
    return OwnData(
        sorted(await rows(t.consultation), key=lambda row: row["id"]),
        [row for row in messages if row["author"] != "note"], await rows(t.complaint), await rows(t.appointment),
        await rows(t.survey), await rows(t.data_request), await rows(t.attachment),
    )  # fmt: skip
