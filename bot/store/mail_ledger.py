"""One office's memory of its mailbox, as the intake uses it: each call a transaction. Fills imap_ledger.Ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.arrivals import Received
from bot.store import mailboxes
from bot.store.database import Database
from bot.store.mailboxes import Position


class MailLedger:
    """Any number of processes may read the same mailbox with it: each mail is taken in once."""

    def __init__(self, database: Database, office: str) -> None:
        self._database = database
        self._office = office

    async def open(self, folder: str, uidvalidity: int, uidnext: int, now: datetime) -> Position:
        async with self._database.read() as tx:
            known = await mailboxes.position(tx, self._office, folder, uidvalidity)
        if known is not None:
            return known
        async with self._database.write() as tx:
            await mailboxes.begin(tx, self._office, folder, uidvalidity, uidnext, now)
            begun = await mailboxes.position(tx, self._office, folder, uidvalidity)
        assert begun is not None, "an epoch that was just begun"
        return begun

    async def unknown(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
        async with self._database.read() as tx:
            return await mailboxes.unknown(tx, self._office, folder, uidvalidity, uids)

    async def take(self, folder: str, uidvalidity: int, uid: int, digest: str, received: Received) -> bool:
        async with self._database.write() as tx:
            return await mailboxes.take(tx, folder, uidvalidity, uid, digest, received, received.ready_at)

    async def scanned(self, folder: str, uidvalidity: int) -> None:
        async with self._database.write() as tx:
            await mailboxes.scanned(tx, self._office, folder, uidvalidity)

    async def looked(self, folder: str, now: datetime) -> None:
        async with self._database.write() as tx:
            await mailboxes.looked(tx, self._office, folder, now)

    async def counted(self, folder: str, uidvalidity: int, theirs: int, ours: int, now: datetime) -> None:
        async with self._database.write() as tx:
            await mailboxes.counted(tx, self._office, folder, uidvalidity, theirs, ours, now)
