"""An office with a mailbox, for tests of the intake: a real store on SQLite, and what has come into it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.channels.imap_client import Patience
from bot.channels.imap_intake import LARGEST, Intake
from bot.channels.imap_mailbox import Mailbox, Surroundings
from bot.channels.mail_access import Server
from bot.store import mail_tables, mailboxes
from bot.store.database import Database, open_database
from bot.store.mail_ledger import MailLedger
from bot.store.schema import create_all
from bot.store.tables import inbound

OFFICE = "3574"
WITHIN = 10.0  # seconds; what a test waits for comes sooner
QUICK = Patience(connect=5.0, answer=0.3, idle_start=0.3, round=5.0)
"""For servers that are made to keep silent; those that answer do so within milliseconds."""


def letter(number: int, *, sender: str = "rina@contoh.id", body: str = "Berapa inflasi Oktober?") -> bytes:
    return (
        f"From: Rina <{sender}>\r\nTo: pst@contoh.id\r\nMessage-ID: <{number}@contoh.id>\r\n"
        f"Date: Fri, 20 Nov 2026 09:00:00 +0700\r\nSubject: Tanya {number}\r\n\r\n{body} ({number})\r\n"
    ).encode()


class Scene:
    """`notes`: what the health page was told. `waits`: pauses between connections, which are not slept."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.changed = asyncio.Event()
        self.notes: list[str] = []
        self.waits: list[float] = []
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def mailbox(self, server: Server, *, largest: int = LARGEST, **around: Any) -> Mailbox:
        ledger = around.pop("ledger", None) or MailLedger(self.database, OFFICE)
        known: dict[str, Any] = {
            "clock": lambda: self.now(), "dice": lambda: 0.0, "beat": self._beat, "arrived": self.changed.set,
            "pause": self._pause,
        }  # fmt: skip
        intake = Intake(OFFICE, ledger, known["clock"], largest=largest)
        return Mailbox(server, OFFICE, intake, Surroundings(**known | around))

    async def _beat(self, name: str, note: str) -> None:
        assert name == f"channel:{OFFICE}:imap"
        self.notes.append(note)
        self.changed.set()

    async def _pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.changed.set()
        await asyncio.sleep(0)

    async def stored(self) -> list[dict[str, Any]]:
        async with self.database.read() as tx:
            return [dict(row) for row in (await tx.execute(select(inbound).order_by(inbound.c.id))).mappings()]

    async def subjects(self) -> list[str]:
        raws = [row["raw"].decode() for row in await self.stored()]
        return [line.partition(" ")[2] for raw in raws for line in raw.split("\r\n") if line.startswith("Subject:")]

    async def states(self) -> dict[str, mailboxes.MailboxState]:
        async with self.database.read() as tx:
            return {state.folder: state for state in await mailboxes.states(tx, OFFICE)}

    async def copies(self) -> int:
        query = select(mail_tables.mail_seen).where(mail_tables.mail_seen.c.is_copy)
        async with self.database.read() as tx:
            return len((await tx.execute(query)).all())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Looks again whenever the mailbox has done something."""
        async with asyncio.timeout(WITHIN):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    async def until_stored(self, count: int) -> None:
        """Waits for so many mails in all."""
        async with asyncio.timeout(WITHIN):
            while True:
                self.changed.clear()
                if len(await self.stored()) >= count:
                    return
                await self.changed.wait()

    @asynccontextmanager
    async def reading(self, mailbox: Mailbox) -> AsyncIterator[None]:
        """The mailbox is read for ever, in the background."""
        task = asyncio.create_task(mailbox.run())
        try:
            yield
            assert not task.done(), "the loop has ended"
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    database = open_database(f"sqlite:///{folder}/pst.db")
    await create_all(database)
    try:
        yield Scene(database)
    finally:
        await database.close()


async def within(work: Awaitable[Any], seconds: float = WITHIN) -> Any:
    async with asyncio.timeout(seconds):
        return await work
