"""What is remembered of the offices' mailboxes: cursors, epochs, mails seen, reconciliations.

Theory: (folder, UIDVALIDITY, UID) names a mail for ever, so the set of names in `mail_seen` is the truth, and the
cursor only says where it is worth looking. A server may number a folder anew; then its last days are looked through
again, and the digest, unique among an office's mails, keeps out what was handled under the old numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.engine import RowMapping

from bot.core.arrivals import Received
from bot.store import inbound
from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.mail_tables import mail_epoch, mail_seen
from bot.store.tables import mailbox

FIRST_LOOK = timedelta(days=1)  # how far back a mailbox is answered when the service first meets it
RENUMBERED_LOOK = timedelta(days=7)  # how far before the last success, when the server numbered anew


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder has been read within one UIDVALIDITY; see bot/channels/imap_ledger.py."""

    floor: int
    last_uid: int
    since: date | None


@dataclass(frozen=True, slots=True)
class MailboxState:
    """One folder for the health page. `checked_at`: the last time that it was read to its end."""

    office: str
    folder: str
    checked_at: datetime | None
    server_count: int | None
    our_count: int | None


async def position(tx: Transaction, office: str, folder: str, uidvalidity: int) -> Position | None:
    """Where the folder's current epoch stands; None when these numbers are not the ones we know it by."""
    row = await _mailbox(tx, office, folder)
    if row is None or row["uidvalidity"] != uidvalidity:
        return None
    query = select(mail_epoch).where(*_epoch(office, folder, uidvalidity))
    epoch = (await tx.execute(query)).mappings().first()
    return Position(epoch["floor_uid"], row["last_uid"], epoch["since"]) if epoch else None


async def begin(tx: Transaction, office: str, folder: str, uidvalidity: int, uidnext: int, now: datetime) -> None:
    """A new epoch: the folder is new to us, or its numbers are. Harmless when another process has begun it."""
    row = await _mailbox(tx, office, folder)
    known = row["uidvalidity"] if row else uidvalidity
    since = now - FIRST_LOOK
    if row and known != uidvalidity:
        since = (row["checked_at"] or now) - RENUMBERED_LOOK
    place = {"office": office, "folder": folder, "uidvalidity": uidvalidity}
    epoch = insert_new(tx, mail_epoch).values(**place, floor_uid=uidnext - 1, since=since.date(), began_at=now)
    await tx.execute(epoch)
    await tx.execute(insert_new(tx, mailbox).values(**place, last_uid=uidnext - 1))
    if known != uidvalidity:
        await tx.execute(update(mail_epoch).where(*_epoch(office, folder, uidvalidity)).values(since=since.date()))
        last = await _last_seen(tx, office, folder, uidvalidity) or uidnext - 1
        await tx.execute(update(mailbox).where(*_folder(office, folder)).values(uidvalidity=uidvalidity, last_uid=last))


async def unknown(tx: Transaction, office: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
    """Those that have not been taken in, in the order given."""
    if not uids:
        return []
    place = (mail_seen.c.office == office, mail_seen.c.folder == folder, mail_seen.c.uidvalidity == uidvalidity)
    query = select(mail_seen.c.uid).where(*place, mail_seen.c.uid.between(min(uids), max(uids)))
    known = set((await tx.execute(query)).scalars())
    return [uid for uid in uids if uid not in known]


async def take(
    tx: Transaction, folder: str, uidvalidity: int, uid: int, digest: str, received: Received, now: datetime
) -> bool:
    """Store a mail with its raw bytes, and move the cursor past it; False when it has been taken before."""
    place = {"office": received.office, "folder": folder, "uidvalidity": uidvalidity, "uid": uid}
    row = {**place, "digest": digest, "at": now}
    first = insert_new(tx, mail_seen).values(**row, is_copy=False).returning(mail_seen.c.uid)
    new = (await tx.execute(first)).scalar() is not None
    if new:
        await inbound.add(tx, [received])
    else:
        await tx.execute(insert_new(tx, mail_seen).values(**row, is_copy=True))
    behind = (*_folder(received.office, folder), mailbox.c.uidvalidity == uidvalidity, mailbox.c.last_uid < uid)
    await tx.execute(update(mailbox).where(*behind).values(last_uid=uid))
    return new


async def scanned(tx: Transaction, office: str, folder: str, uidvalidity: int) -> None:
    """The folder's history, as far as it concerns us, has been taken in."""
    await tx.execute(update(mail_epoch).where(*_epoch(office, folder, uidvalidity)).values(since=None))


async def looked(tx: Transaction, office: str, folder: str, now: datetime) -> None:
    """The folder was read to its end: what came before now is with us."""
    await tx.execute(update(mailbox).where(*_folder(office, folder)).values(checked_at=now))


async def counted(
    tx: Transaction, office: str, folder: str, uidvalidity: int, theirs: int, ours: int, now: datetime
) -> None:
    """Result of a reconciliation; also of folders that are only counted, such as Spam."""
    values = {"server_count": theirs, "our_count": ours}
    fresh = {"office": office, "folder": folder, "uidvalidity": uidvalidity, "last_uid": 0, "checked_at": now}
    await tx.execute(insert_new(tx, mailbox).values(**fresh, **values))
    await tx.execute(update(mailbox).where(*_folder(office, folder)).values(checked_at=now, **values))


async def states(tx: Transaction, office: str | None = None) -> list[MailboxState]:
    """All folders that are read or counted, for the health page."""
    query = select(mailbox).order_by(mailbox.c.office, mailbox.c.folder)
    if office is not None:
        query = query.where(mailbox.c.office == office)
    rows = (await tx.execute(query)).mappings()
    return [MailboxState(r["office"], r["folder"], r["checked_at"], r["server_count"], r["our_count"]) for r in rows]


async def _mailbox(tx: Transaction, office: str, folder: str) -> RowMapping | None:
    return (await tx.execute(select(mailbox).where(*_folder(office, folder)))).mappings().first()


async def _last_seen(tx: Transaction, office: str, folder: str, uidvalidity: int) -> int | None:
    place = (mail_seen.c.office == office, mail_seen.c.folder == folder, mail_seen.c.uidvalidity == uidvalidity)
    found: int | None = (await tx.execute(select(func.max(mail_seen.c.uid)).where(*place))).scalar()
    return found


def _folder(office: str, folder: str) -> tuple:  # type: ignore[type-arg]
    return mailbox.c.office == office, mailbox.c.folder == folder


def _epoch(office: str, folder: str, uidvalidity: int) -> tuple:  # type: ignore[type-arg]
    return mail_epoch.c.office == office, mail_epoch.c.folder == folder, mail_epoch.c.uidvalidity == uidvalidity
