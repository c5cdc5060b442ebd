"""Mail out: one office's SMTP account behind the port that every channel fills.

One mail, one recipient, one transaction; a resend is the same bytes with the same Message-ID, so that the citizen's
server and program can tell the double. `find` looks into the Sent folder, which Gmail and Exchange fill by themselves.
Where there is none, or no IMAP, it answers None, and the outbox sends again: the price of an unknown outcome is then a
second copy that most programs show as one.

All mails of an office share one connection, in turn. A `send` takes less than three minutes in any case, its turn
included: the outbox gives a message up for lost after that.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.channels import email_verdicts as verdicts
from bot.channels.email_wire import Limits, SmtpWire, dial
from bot.channels.imap_client import ImapError, Patience
from bot.channels.imap_sent import was_sent
from bot.channels.mail_access import Access, Beat, Tokens, masked, no_beat
from bot.channels.mailing import Postmark, message_id, write_mail
from bot.channels.port import DeliveryError, Letter, Receipt, Verdict

MOST_MAILS: Final = 50  # over one connection
_BROKEN: Final = ("putus", "waktu habis", "421")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `idle`: an unused connection is kept so long; `turn`: so long a mail waits for its turn.

    After the server could not be reached it is left alone for `unreachable`, after it refused us for `refused`.
    """

    idle: float = 60.0
    turn: float = 30.0
    unreachable: float = 30.0
    refused: float = 300.0
    limits: Limits = field(default_factory=Limits)


class Mail:
    """The e-mail channel of one office. `tls`: for tests with a certificate of their own."""

    def __init__(
        self, access: Access, mark: Postmark, *, office: str, tokens: Tokens | None = None, beat: Beat = no_beat,
        tls: ssl.SSLContext | None = None, pace: Pace | None = None, patience: Patience | None = None,
    ) -> None:  # fmt: skip
        self._access = access
        self._mark = mark
        self._name = f"channel:{office}:smtp"
        self._tokens = tokens
        self._beat = beat
        self._tls = tls
        self._pace = pace or Pace()
        self._patience = patience or Patience()
        self._turn = asyncio.Lock()
        self._wire: SmtpWire | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._stopped: tuple[float, DeliveryError] | None = None
        self._log = logging.getLogger("pst.mail")

    async def send(self, letter: Letter) -> Receipt:
        """Hand over one letter. Raises DeliveryError and nothing else."""
        raw = self._written(letter)
        try:
            await self._in_turn(letter.recipient, raw)
        except DeliveryError as error:
            await self._report(letter, error)
            raise scheduled(error, letter) from error.__cause__
        await self._sign_of_life("")
        return Receipt(message_id(letter.token, self._mark), readable=True)

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """Its Message-ID, if the letter lies in the Sent folder. None: it does not, or nobody can say."""
        if self._access.imap is None:
            return None
        wanted = message_id(letter.token, self._mark)
        try:
            there = await was_sent(self._access.imap, wanted, since, self._patience, tokens=self._tokens, tls=self._tls)
        except ImapError as error:
            raise DeliveryError(Verdict.TRY_AGAIN, "imap", error.words) from error
        return wanted if there else None

    async def check(self) -> None:
        """Whether the server lets us in; sends nothing. Raises DeliveryError."""
        wire = await self._dial()
        wire.hang_up()

    async def close(self) -> None:
        async with self._turn:
            self._hang_up()

    # --- sending ---------------------------------------------------------------------------------------------------

    def _written(self, letter: Letter) -> bytes:
        try:
            return write_mail(letter, self._mark)
        except ValueError as error:
            raise DeliveryError(Verdict.REFUSED, "alamat", verdicts.words("unsendable")) from error

    async def _in_turn(self, recipient: str, raw: bytes) -> None:
        try:
            async with asyncio.timeout(self._pace.turn):
                await self._turn.acquire()
        except TimeoutError:
            raise DeliveryError(Verdict.TRY_AGAIN, "antre", verdicts.words("later")) from None
        try:
            await self._hand_over(recipient, raw)
        except BaseException:
            self._hang_up()
            raise
        finally:
            self._turn.release()

    async def _hand_over(self, recipient: str, raw: bytes) -> None:
        used = self._kept()
        if used is not None:
            try:
                await used.hand_over(self._access.sender, recipient, raw)
            except DeliveryError as error:
                if not _died_of_age(error):
                    raise
                self._hang_up()
            else:
                self._keep(used)
                return
        fresh = self._wire = await self._dial()
        await fresh.hand_over(self._access.sender, recipient, raw)
        self._keep(fresh)

    async def _dial(self) -> SmtpWire:
        """A new connection; not while the last attempt to make one is too recent a failure."""
        now = asyncio.get_running_loop().time()
        if self._stopped is not None and now < self._stopped[0]:
            held = self._stopped[1]
            raise DeliveryError(held.verdict, held.code, held.words)
        try:
            server, limits = self._access.smtp, self._pace.limits
            wire = await dial(server, self._mark.domain, limits, tokens=self._tokens, tls=self._tls)
        except DeliveryError as error:
            ours = error.verdict is Verdict.CONFIGURATION
            self._stopped = (now + (self._pace.refused if ours else self._pace.unreachable), error)
            raise
        self._stopped = None
        return wire

    # --- the connection --------------------------------------------------------------------------------------------

    def _kept(self) -> SmtpWire | None:
        """The connection of the mail before, if it still stands."""
        if self._closing is not None:
            self._closing.cancel()
        if self._wire is not None and not self._wire.alive:
            self._hang_up()
        return self._wire

    def _keep(self, wire: SmtpWire) -> None:
        if wire.mails >= MOST_MAILS:
            self._hang_up()
            return
        self._closing = asyncio.get_running_loop().call_later(self._pace.idle, self._hang_up)

    def _hang_up(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        if self._wire is not None:
            self._wire.hang_up()
        self._wire = self._closing = None

    # --- telling ---------------------------------------------------------------------------------------------------

    async def _report(self, letter: Letter, error: DeliveryError) -> None:
        self._log.warning(
            "mail not sent",
            extra={"recipient": masked(letter.recipient), "verdict": error.verdict.value, "code": error.code},
        )
        if error.verdict is Verdict.CONFIGURATION:
            await self._sign_of_life(error.words)

    async def _sign_of_life(self, note: str) -> None:
        """Never makes a sent mail look unsent."""
        try:
            await self._beat(self._name, note)
        except Exception:
            self._log.exception("no sign of life")


def scheduled(error: DeliveryError, letter: Letter) -> DeliveryError:
    """The error with the seconds until the next try, which grow with the tries there were."""
    if error.verdict is not Verdict.TRY_AGAIN:
        return error
    return DeliveryError(error.verdict, error.code, error.words, verdicts.retry_after(letter.attempts))


def _died_of_age(error: DeliveryError) -> bool:
    """A connection that was kept may have been closed meanwhile; the mail has certainly not left over it."""
    return error.verdict is Verdict.TRY_AGAIN and error.code.startswith(_BROKEN)
