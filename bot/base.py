"""The base as it is served: the packaged entries with the database's edits laid over them."""

from __future__ import annotations

from bot.store.base_edits import base_edits
from bot.store.database import Database
from knowledge.entries import Entry, entry_from, overlaid, read_faq


async def served_entries(database: Database) -> tuple[Entry, ...]:
    """Raises knowledge.entries.EntryError for an edit that can no longer be read."""
    async with database.read() as tx:
        edits = [entry_from(data, data.get("group", "")) for data in await base_edits(tx)]
    return overlaid(read_faq(), edits)
