"""A process that reads a mailbox once and kills itself (-9) at a named step: `python -m tests.channels.imap_crasher`.

Arguments: database address, port, user, step, and how often the step is passed before.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.channels.imap_client import Imap
from bot.channels.imap_intake import Intake
from bot.channels.imap_mailbox import Mailbox, Surroundings
from bot.channels.imap_reading import Headline
from bot.core.arrivals import Received
from bot.store import mailboxes
from bot.store.database import open_database
from bot.store.mail_ledger import MailLedger
from bot.store.mailboxes import Position
from tests.channels.imap_scene import OFFICE
from tests.standins.dovecot import PASSWORD
from tests.standins.imap_scripted import Login, Word

STEPS = ("opened", "listed", "fetched", "storing", "stored", "marking", "marked", "scanned", "looked")


class Fuse:
    """Burns down at the n-th passing of one step."""

    def __init__(self, step: str, passes: int) -> None:
        assert step in STEPS, step
        self._step, self._passes = step, passes

    def __call__(self, step: str) -> None:
        if step != self._step:
            return
        if self._passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._passes -= 1


class FusedLedger(MailLedger):
    fuse: Fuse

    async def open(self, folder: str, uidvalidity: int, uidnext: int, now: datetime) -> Position:
        position = await super().open(folder, uidvalidity, uidnext, now)
        self.fuse("opened")
        return position

    async def take(self, folder: str, uidvalidity: int, uid: int, digest: str, received: Received) -> bool:
        async with self._database.write() as tx:
            new = await mailboxes.take(tx, folder, uidvalidity, uid, digest, received, received.ready_at)
            self.fuse("storing")
        self.fuse("stored")
        return new

    async def scanned(self, folder: str, uidvalidity: int) -> None:
        await super().scanned(folder, uidvalidity)
        self.fuse("scanned")

    async def looked(self, folder: str, now: datetime) -> None:
        await super().looked(folder, now)
        self.fuse("looked")


def put_in(fuse: Fuse) -> None:
    """The same in the connection, whose class has no seam of its own for it."""
    headlines, section, mark = Imap.headlines, Imap.section, Imap.mark

    async def fused_headlines(self: Imap, wanted: Sequence[int]) -> list[Headline]:
        found = await headlines(self, wanted)
        fuse("listed")
        return found

    async def fused_section(self: Imap, uid: int, name: str, size: int, most: int | None = None) -> bytes | None:
        found = await section(self, uid, name, size, most)
        fuse("fetched")
        return found

    async def fused_mark(self: Imap, handled: Iterable[int]) -> None:
        fuse("marking")
        await mark(self, handled)
        fuse("marked")

    Imap.headlines, Imap.section, Imap.mark = fused_headlines, fused_section, fused_mark  # type: ignore[method-assign, assignment]


async def read_once(database_url: str, port: int, user: str, fuse: Fuse) -> None:
    database = open_database(database_url)
    ledger = FusedLedger(database, OFFICE)
    ledger.fuse = fuse
    put_in(fuse)
    around = Surroundings(lambda: datetime.now(UTC), lambda: 0.0)
    server = Login(port, user=user, password=Word(PASSWORD))
    await Mailbox(server, OFFICE, Intake(OFFICE, ledger, around.clock), around).poll_once()


if __name__ == "__main__":
    url, port_number, name, wanted_step, passes_before = sys.argv[1:]
    asyncio.run(read_once(url, int(port_number), name, Fuse(wanted_step, int(passes_before))))
