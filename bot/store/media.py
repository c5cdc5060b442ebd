"""Files that a provider keeps for us: wanted until they are kept, or lost for good.

wanted --take--> wanted (not before the lease ends) --kept--> kept
                    \\--later--> wanted (not before later)     \\--lost--> lost
What has become of a file is also written into its line of the transcript, which is what pages read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from bot.core.model import Channel
from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.tables import attachment, consultation, conversation, message
from bot.store.whatsapp_tables import media

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to be fetched. `number`: its place in the line; `attempts`: how often it was tried, this time too."""

    id: int
    office: str
    channel: Channel
    conversation_id: int
    message_id: int
    number: int
    url: str
    content_type: str
    filename: str
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the media folder under its `key`; `refusal`: why it was not kept, as in bot/channels/port.py."""

    key: str
    filename: str
    content_type: str
    size: int
    refusal: str = ""


async def want(
    tx: Transaction, office: str, channel: Channel, conversation_id: int, message_id: int,
    files: Sequence[tuple[int, Row]], now: datetime,
) -> None:  # fmt: skip
    """Note files to be fetched: (place in the line, {url, content_type, filename})."""
    rows = [
        {
            "office": office, "channel": channel, "conversation_id": conversation_id, "message_id": message_id,
            "number": number, "url": file["url"], "content_type": file["content_type"][:120],
            "filename": file["filename"][:200], "state": "wanted", "attempts": 0, "not_before": now,
            "created_at": now,
        }
        for number, file in files
    ]  # fmt: skip
    if rows:
        await tx.execute(insert(media).values(rows))


async def is_due(tx: Transaction, now: datetime) -> bool:
    query = select(media.c.id).where(media.c.state == "wanted", media.c.not_before <= now).limit(1)
    return (await tx.execute(query)).first() is not None


async def take(tx: Transaction, now: datetime, lease_until: datetime, limit: int) -> list[Wanted]:
    """Files to be fetched now, oldest first; nobody else takes them before the lease ends."""
    query = (
        select(media).where(media.c.state == "wanted", media.c.not_before <= now)
        .order_by(media.c.id).limit(limit).with_for_update(skip_locked=True)
    )  # fmt: skip
    taken = [_wanted(row) for row in (await tx.execute(query)).mappings()]
    values = {"not_before": lease_until, "attempts": media.c.attempts + 1}
    await tx.execute(update(media).where(media.c.id.in_([w.id for w in taken])).values(values))
    return taken


async def later(tx: Transaction, wanted: Wanted, not_before: datetime, error: str, *, counted: bool = True) -> None:
    """Not this time. Not `counted`: the fault was not the file's."""
    values: dict[str, Any] = {"not_before": not_before, "error": error[:400]}
    if not counted:
        values["attempts"] = wanted.attempts - 1
    await tx.execute(update(media).where(*_still(wanted)).values(values))


async def kept(tx: Transaction, wanted: Wanted, file: Kept, now: datetime) -> bool:
    """It lies in the media folder; False when it is not wanted any more (the citizen had it all erased)."""
    if not await _settled(tx, wanted, state="kept", error=None, url=""):
        return False
    told = {"filename": file.filename, "content_type": file.content_type, "size": file.size}
    if file.refusal:
        await _tell(tx, wanted, {**told, "refusal": file.refusal})
        return True
    values = {
        "id": file.key, "office": wanted.office, "conversation_id": wanted.conversation_id, **told, "on_disk": True,
        "created_at": now,
    }  # fmt: skip
    await tx.execute(insert_new(tx, attachment).values(values))
    await _tell(tx, wanted, {**told, "key": file.key})
    return True


async def lost(tx: Transaction, wanted: Wanted, words: str) -> bool:
    """It will never be had; `words` say why. False when that was known already."""
    if not await _settled(tx, wanted, state="lost", error=words[:400]):
        return False
    told = {"filename": wanted.filename, "content_type": wanted.content_type, "lost": words[:400]}
    await _tell(tx, wanted, told)
    return True


async def newest_consultation(tx: Transaction, conversation_id: int) -> int | None:
    """The consultation that an officer would look for a file in."""
    mine = consultation.c.conversation_id == conversation_id
    query = select(consultation.c.id).where(mine).order_by(consultation.c.id.desc()).limit(1)
    found: int | None = (await tx.execute(query)).scalar()
    return found


async def on_disk(tx: Transaction, keys: Sequence[str]) -> set[str]:
    """Which of these files of the media folder still belong to somebody."""
    mine = (attachment.c.id.in_(list(keys)), attachment.c.on_disk.is_(True))
    return {str(key) for key in (await tx.execute(select(attachment.c.id).where(*mine))).scalars()}


async def counts(tx: Transaction, office: str) -> dict[str, int]:
    """How many files are wanted, kept and lost."""
    query = select(media.c.state, func.count()).where(media.c.office == office).group_by(media.c.state)
    return {"wanted": 0, "kept": 0, "lost": 0} | {row[0]: row[1] for row in await tx.execute(query)}


async def _settled(tx: Transaction, wanted: Wanted, **values: Any) -> bool:
    """The conversation is locked first, as everywhere: its lines change one at a time."""
    await tx.execute(select(conversation.c.id).where(conversation.c.id == wanted.conversation_id).with_for_update())
    return (await tx.execute(update(media).where(*_still(wanted)).values(values))).rowcount == 1


async def _tell(tx: Transaction, wanted: Wanted, file: Row) -> None:
    """Write into the line of the transcript what has become of one of its files."""
    mine = message.c.id == wanted.message_id
    files = (await tx.execute(select(message.c.attachments).where(mine))).scalar()
    if files and wanted.number < len(files):
        changed = [*files[: wanted.number], dict(file), *files[wanted.number + 1 :]]
        await tx.execute(update(message).where(mine).values(attachments=changed))


def _still(wanted: Wanted) -> tuple[Any, Any]:
    return media.c.id == wanted.id, media.c.state == "wanted"


def _wanted(row: Mapping[Any, Any]) -> Wanted:
    return Wanted(
        row["id"], row["office"], Channel(row["channel"]), row["conversation_id"], row["message_id"], row["number"],
        row["url"], row["content_type"], row["filename"], row["attempts"] + 1, row["created_at"],
    )  # fmt: skip
