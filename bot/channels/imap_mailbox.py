"""An office's mailbox, read for ever: connect, look, rest, look again; whatever happens, begin anew.

The ground is a look every round (a minute); IDLE only makes it quicker, because IDLE loses events. Four times a
day the last week is compared with the server, and Spam is counted.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NoReturn

from bot.channels.imap_client import Imap, ImapDenied, ImapError, ImapLost, ImapRefused, Patience, Selected
from bot.channels.imap_connect import connect
from bot.channels.imap_intake import Intake, Tally
from bot.channels.imap_reading import wire_name
from bot.channels.mail_access import Beat, Server, Tokens, no_beat

BACK_OFF: Final = (1.0, 2.0, 5.0, 15.0, 60.0)  # seconds before the next connection
LOCKED_OUT: Final = 300.0  # after a refused login: providers lock accounts that insist
JITTER: Final = 0.2  # up to so much longer, so that many offices do not come back at the same moment
IDLE_FAULTS: Final = 3  # connections lost in IDLE, one after the other; then it is left alone for some hours
RECONCILE_EVERY: Final = timedelta(hours=6)


def back_off(failures: int, dice: float) -> float:
    """Seconds to wait after so many failures in a row; `dice` in [0, 1)."""
    return BACK_OFF[min(failures, len(BACK_OFF)) - 1] * (1 + JITTER * dice)


@dataclass(frozen=True)
class Surroundings:
    """What the composition root gives to a mailbox. `arrived`: mails were stored. `dice`: a number in [0, 1)."""

    clock: Callable[[], datetime]
    dice: Callable[[], float]
    beat: Beat = no_beat
    arrived: Callable[[], None] = field(default=lambda: None)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    tokens: Tokens | None = None
    tls: ssl.SSLContext | None = None
    patience: Patience = field(default_factory=Patience)


class Mailbox:
    """One office's folder. `run` it in one task; `poll_once` is for the command line and for tests."""

    def __init__(self, server: Server, office: str, intake: Intake, around: Surroundings) -> None:
        self._server = server
        self._office = office
        self._intake = intake
        self._around = around
        self._failures = 0
        self._idle_faults = 0
        self._reconciled_at: datetime | None = None
        self._to_reconcile = False
        self._note = ""
        self._log = logging.getLogger("pst.mail")

    @property
    def name(self) -> str:
        """Under this name its signs of life are given."""
        return f"channel:{self._office}:imap"

    async def run(self) -> NoReturn:
        """Read the mailbox until cancelled. Nothing ends it: what breaks a connection is noted, and a new one made."""
        while True:
            await self._around.pause(await self._connection())

    async def poll_once(self) -> int:
        """One connection, one look; returns how many mails were new. Raises ImapError."""
        async with self._connected() as (imap, box):
            return await self._look(imap, box)

    async def reconcile(self) -> Tally:
        """One connection, one comparison with the server. Raises ImapError."""
        async with self._connected() as (imap, box):
            await self._look(imap, box)
            return await self._reconcile(imap, box)

    async def check(self) -> None:
        """Whether the account lets us in and has the folder. Raises ImapError, whose `words` say what to do."""
        async with self._connected():
            return

    # --- one connection --------------------------------------------------------------------------------------------

    async def _connection(self) -> float:
        """Reads until the connection breaks; returns how many seconds to wait before the next."""
        try:
            async with self._connected() as (imap, box):
                await self._attend(imap, box)
        except ImapDenied as error:
            await self._report(error)
            return LOCKED_OUT
        except ImapError as error:
            await self._report(error)
        except Exception as error:
            self._log.error("mail intake failed", extra={"office": self._office, "error": _described(error)})
        self._failures += 1
        return back_off(self._failures, self._around.dice())

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[Imap, Selected]]:
        around = self._around
        imap = await connect(self._server, around.patience, tokens=around.tokens, tls=around.tls)
        try:
            yield imap, await imap.select(wire_name(self._server.folder))
            await imap.close()
        finally:
            imap.drop()

    async def _attend(self, imap: Imap, box: Selected) -> NoReturn:
        while True:
            self._begin_period()
            await self._look(imap, box)
            if self._to_reconcile:
                await self._reconcile(imap, box)
            if not imap.news.is_set():
                await self._rest(imap)

    def _begin_period(self) -> None:
        now = self._around.clock()
        if self._reconciled_at is None or now - self._reconciled_at >= RECONCILE_EVERY:
            self._reconciled_at, self._to_reconcile = now, True
            self._idle_faults = 0
            self._intake.forgive()

    async def _look(self, imap: Imap, box: Selected) -> int:
        taken = await self._intake.look(imap, box)
        self._failures = 0
        if taken:
            self._around.arrived()
        await self._around.beat(self.name, self._note)
        return taken

    async def _reconcile(self, imap: Imap, box: Selected) -> Tally:
        tally = await self._intake.reconcile(imap, box)
        self._to_reconcile = False
        self._note = note(tally)
        self._around.arrived()
        await self._around.beat(self.name, self._note)
        return tally

    async def _rest(self, imap: Imap) -> None:
        """Until there is news, or for a round."""
        if not imap.can_idle or self._idle_faults >= IDLE_FAULTS:
            await imap.rest()
            return
        try:
            await imap.idle()
        except ImapRefused:
            self._idle_faults = IDLE_FAULTS
            return
        except ImapLost:
            self._idle_faults += 1
            raise
        self._idle_faults = 0

    async def _report(self, error: ImapError) -> None:
        self._log.warning("mailbox: %s", error, extra={"office": self._office})
        try:
            await self._around.beat(self.name, error.words)
        except Exception as failure:
            self._log.error("no sign of life", extra={"office": self._office, "error": _described(failure)})


def _described(error: Exception) -> str:
    """Kind and place of an error; its text may hold a mail (a database tells what it would not store)."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join([type(error).__name__, *(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))])


def note(tally: Tally) -> str:
    """What the operator should know of a reconciliation; "" when nothing."""
    parts = []
    if tally.ours < tally.theirs:
        missing = f"{tally.theirs - tally.ours} surel belum dapat diambil"
        parts.append(f"{missing} (di server {tally.theirs}, pada kami {tally.ours}); jawab langsung dari kotak surel.")
    if tally.spam:
        parts.append(f"{tally.spam} surel belum dibaca di folder Spam: surel pertama warga sering masuk ke sana.")
    return " ".join(parts)
