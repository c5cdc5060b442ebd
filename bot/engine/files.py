"""Files that go with a message, kept once under a key made of their content and the conversation they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.channels.port import File
from bot.store import records
from bot.store.conversations import Stored
from bot.store.database import Transaction


async def keep(tx: Transaction, stored: Stored, file: File, at: datetime) -> dict[str, Any]:
    """The file's entry in the transcript; what nobody must open is listed but not kept."""
    row = {"filename": file.filename, "content_type": file.content_type, "size": len(file.content)}
    if file.refusal:
        return {**row, "refusal": file.refusal}
    key = hashlib.sha256(b"%d:" % stored.id + file.content).hexdigest()
    await records.keep_attachment(tx, stored, key, file.filename, file.content_type, file.content, at)
    return {**row, "key": key}


async def keep_all(tx: Transaction, stored: Stored, files: Sequence[File], at: datetime) -> tuple[str, ...]:
    """Their keys, in order, without repetition; refused files have none."""
    rows = [await keep(tx, stored, file, at) for file in files]
    return tuple(dict.fromkeys(row["key"] for row in rows if "key" in row))
