"""One connection to an IMAP server, on which nothing can wait for ever.

Every wait ends with an answer, with the connection, or with its time; after the latter two the connection is thrown
away and `ImapLost` is raised. Exceptions of the library are never chained: some carry the LOGIN line with them.
Sources: RFC 3501 (IMAP4rev1), RFC 2177 (IDLE), RFC 2971 (ID), RFC 5530 (response codes).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final

from aioimaplib import quoted

from bot.channels import imap_reading as reading
from bot.channels.imap_protocol import ImapProtocol
from bot.channels.imap_reading import Folder, Headline
from bot.channels.mail_access import Server

SLICE: Final = 200  # mails in one command
KEYWORD: Final = "$DiprosesBot"
SLOWEST: Final = 32_000  # bytes a second that a line must carry for a mail to be fetched
_PASSING: Final = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"})  # why a good login may be refused


class ImapError(Exception):
    """`words`: what the operator is told, in Indonesian. The text never holds what the server said."""

    words = "Server surel tidak dapat dihubungi; dicoba lagi dengan sendirinya."


class ImapLost(ImapError):
    """The connection is gone, or as good as gone."""


class ImapRefused(ImapError):
    """The server said no to one command; the connection may be used further."""

    words = "Server surel menolak perintah (folder tidak ada atau akun dibatasi). Periksa setelan IMAP_URL."


class ImapDenied(ImapError):
    """The server does not let us in."""

    words = "Server surel menolak nama pengguna, kata sandi, atau token. Periksa IMAP_URL; dicoba lagi tiap 5 menit."


class ImapUntrusted(ImapError):
    """The server is not who it should be; nothing was said to it."""

    words = "Sertifikat server surel tidak sah; tidak ada yang dibaca. Periksa alamat server di IMAP_URL."


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `round`: the rest between two looks into the folder, in IDLE or without (RFC 2177: under 29 min)."""

    connect: float = 30.0
    answer: float = 30.0
    idle_start: float = 20.0
    round: float = 60.0


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as the server opened it; `uidnext` is None where it did not say."""

    name: str
    uidvalidity: int
    uidnext: int | None
    takes_keywords: bool


def settle(lost: asyncio.Future[None]) -> None:
    """The connection has ended; may be called twice."""
    if not lost.done():
        lost.set_result(None)


class Imap:
    """What the mail rooms do with a mailbox. All methods raise ImapLost; those that say so, ImapRefused."""

    def __init__(self, protocol: ImapProtocol, lost: asyncio.Future[None], patience: Patience) -> None:
        self._protocol = protocol
        self._lost = lost
        self._patience = patience

    # --- coming and going ------------------------------------------------------------------------------------------

    async def sign_in(self, server: Server, token: str | None) -> None:
        """Raises ImapDenied; ImapRefused when the server has no time for us now."""
        protocol = self._protocol
        await self._ask(protocol.wait("AUTH|NONAUTH"), self._patience.connect)
        protocol.authenticating = True
        if token is None:
            answer = await self._ask(protocol.login(quoted(server.user), server.password.value))
        else:
            answer = await self._ask(protocol.xoauth2(server.user, token))
        protocol.authenticating = False
        if answer.result != "OK":
            code = reading.response_code(answer.lines)
            raise (ImapRefused if code in _PASSING else ImapDenied)(f"login: {answer.result} {code}".strip())
        await self._ask(protocol.capability())  # what it parses out of a login's answer is not to be trusted
        if "ID" in protocol.capabilities:
            await self._ask(protocol.id(name="pst-konsultasi"))

    async def close(self) -> None:
        """Leaves politely, if that is quick."""
        try:
            await self._ask(self._protocol.logout(), min(2.0, self._patience.answer))
        except ImapLost:
            return
        finally:
            self.drop()

    def drop(self) -> None:
        """Leaves at once; what still waits ends."""
        settle(self._lost)
        if self._protocol.transport is not None:
            self._protocol.transport.abort()
        for task in list(self._protocol.tasks):
            task.cancel()

    # --- folders ---------------------------------------------------------------------------------------------------

    async def select(self, folder: str) -> Selected:
        """Opens a folder; `folder` as the server spells it (imap_reading.wire_name). Raises ImapRefused."""
        lines = await self._obeyed(self._protocol.select(quoted(folder)))
        return Selected(
            folder, reading.number(lines, "UIDVALIDITY") or 0, reading.number(lines, "UIDNEXT"),
            reading.takes_keywords(lines, KEYWORD),
        )  # fmt: skip

    async def folders(self) -> list[Folder]:
        return reading.folders(await self._obeyed(self._protocol.simple_command("LIST", '""', '"*"')))

    async def status(self, folder: str, *names: str) -> dict[str, int]:
        """Figures of a folder that need not be selected, as far as the server tells them. Raises ImapRefused."""
        asked = self._protocol.simple_command("STATUS", quoted(folder), f"({' '.join(names)})")
        lines = await self._obeyed(asked)
        found = ((name, reading.number(lines, name)) for name in names)
        return {name: count for name, count in found if count is not None}

    # --- mails -----------------------------------------------------------------------------------------------------

    async def search(self, *criteria: str) -> list[int]:
        """UIDs, ascending. No CHARSET is named: some servers refuse any. Raises ImapRefused."""
        return reading.uids(await self._obeyed(self._protocol.search(*criteria, by_uid=True, charset=None)))

    async def headlines(self, wanted: Iterable[int]) -> list[Headline]:
        """Of at most SLICE mails; those that are gone are missing. Raises ImapRefused."""
        lines = await self._fetch(",".join(map(str, wanted)), "(UID RFC822.SIZE INTERNALDATE FLAGS)")
        return reading.headlines(lines)

    async def section(self, uid: int, name: str, size: int, most: int | None = None) -> bytes | None:
        """BODY[name], unread marks untouched; the first `most` bytes of it. None: gone. Raises ImapRefused."""
        part = f"<0.{most}>" if most is not None else ""
        lines = await self._fetch(str(uid), f"(UID BODY.PEEK[{name}]{part})", size)
        return reading.section(lines, uid, name)

    async def mark(self, handled: Iterable[int]) -> None:
        """Shows people who read the same mailbox what has been taken in. Raises ImapRefused."""
        await self._obeyed(self._protocol.uid("STORE", ",".join(map(str, handled)), "+FLAGS.SILENT", f"({KEYWORD})"))

    async def _fetch(self, wanted: str, items: str, size: int = 0) -> list[bytes]:
        """The library's own timer runs between two pieces of an answer, ours over the whole."""
        fetch = self._protocol.fetch(wanted, items, by_uid=True, timeout=self._patience.answer)
        return await self._obeyed(fetch, self._patience.answer + size / SLOWEST)

    # --- waiting ---------------------------------------------------------------------------------------------------

    @property
    def news(self) -> asyncio.Event:
        """Set when there may be further mails; whoever looks clears it before he looks."""
        return self._protocol.news

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._protocol.capabilities

    async def rest(self) -> None:
        """One round without IDLE."""
        await self._first(self._patience.round, self._protocol.news.wait())

    async def idle(self) -> None:
        """One round in IDLE, ended at once by news. Raises ImapRefused where the server will not have it."""
        protocol = self._protocol
        idle = asyncio.ensure_future(protocol.idle())
        try:
            if not await self._first(self._patience.idle_start, idle, protocol.wait_for_idle_response()):
                raise self._gone("no answer to IDLE")
            if idle.done():
                raise ImapRefused("IDLE")
            await self._first(self._patience.round, idle, protocol.news.wait())
            if idle.done():
                raise ImapRefused("IDLE was ended by the server")
            protocol.idle_done()
            await self._ask(idle)
        finally:
            _abandon(idle)

    # --- asking ----------------------------------------------------------------------------------------------------

    async def _obeyed(self, work: Coroutine[Any, Any, Any], seconds: float | None = None) -> list[bytes]:
        """The lines of an answer without its last, which is the server's prose. Raises ImapRefused."""
        answer = await self._ask(work, seconds)
        if answer.result != "OK":
            raise ImapRefused(f"{answer.result} {reading.response_code(answer.lines)}".strip())
        return list(answer.lines[:-1])

    async def _ask(self, work: Awaitable[Any], seconds: float | None = None) -> Any:
        task = asyncio.ensure_future(work)
        try:
            if not await self._first(seconds or self._patience.answer, task):
                raise self._gone("no answer")
            return task.result()
        except (ImapError, asyncio.CancelledError):
            raise
        except Exception as error:  # the library raises what it likes
            raise self._gone(type(error).__name__) from None
        finally:
            _abandon(task)

    async def _first(self, seconds: float, *works: Awaitable[Any]) -> bool:
        """Whether one of them was done in time. Raises ImapLost when the connection ends first."""
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            done, _ = await asyncio.wait([*tasks, self._lost], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        for task in tasks:
            if not task.done() and task not in works:
                task.cancel()
        if self._lost in done and len(done) == 1:
            raise self._gone("connection lost")
        return bool(done)

    def _gone(self, why: str) -> ImapLost:
        self.drop()
        return ImapLost(why)


def _abandon(task: asyncio.Future[Any]) -> None:
    """Ends a task that nobody waits for any more; what it still has to say is of no interest."""
    task.cancel()
    if task.done() and not task.cancelled():
        task.exception()
