"""A small IMAP server on loopback that misbehaves when told to, each time once.

    async with ScriptedImap() as server:
        server.deliver(raw)
        server.misbehave("IDLE", Bye())        # the next IDLE is answered with BYE and then with nothing
        server.misbehave("UID FETCH", *[HalfLiteral()] * 2)

Otherwise it is honest and knows just enough: one account, one folder, UIDs from 1. Everything that was said to it is
in `heard`. It ends with its block; whatever it keeps silent about ends with it.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections import defaultdict, deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

CAPABILITIES: Final = "IMAP4rev1 IDLE SASL-IR AUTH=XOAUTH2"


class Silence:
    """No answer, and the connection stays: a dead line."""


class Cut:
    """The connection is closed without a word."""


class Bye:
    """BYE, and then nothing; the connection stays."""


class HalfLiteral:
    """The answer stops in the middle of a mail."""


@dataclass(frozen=True)
class Say:
    """This instead of the right answer; `%s` is the tag. `last`: and then nothing more."""

    text: str
    last: bool = False


@dataclass(frozen=True)
class Flood:
    """So many lines before the right answer, in one packet."""

    lines: int


Fault = Silence | Cut | Bye | HalfLiteral | Say | Flood


class ScriptedImap:
    """`token`: what XOAUTH2 accepts. `user` and `password` are not looked at unless `locked`."""

    def __init__(self, *, capabilities: str = CAPABILITIES, token: str = "sah", uidvalidity: int = 7) -> None:
        self.capabilities, self.token, self.uidvalidity = capabilities, token, uidvalidity
        self.mails: dict[int, bytes] = {}
        self.locked = False
        self.heard: list[str] = []
        self.connections = 0
        self.idling: set[asyncio.StreamWriter] = set()
        self.idles = asyncio.Event()
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> ScriptedImap:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def misbehave(self, command: str, *faults: Fault) -> None:
        self._faults[command].extend(faults)

    def deliver(self, *mails: bytes) -> None:
        for raw in mails:
            self.mails[max(self.mails, default=0) + 1] = raw
        for line in self.idling:
            line.write(b"* %d EXISTS\r\n" % len(self.mails))

    # --- one connection --------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            self.idling.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._misbehaved("GREETING", "", writer):
            writer.write(b"* OK siap\r\n")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            self.heard.append(line)
            tag, _, rest = line.partition(" ")
            name = " ".join(rest.split()[: 2 if rest.upper().startswith("UID ") else 1]).upper()
            if await self._misbehaved(name, tag, writer):
                continue
            answer = await self._answer(name, rest, reader, writer)
            writer.write(answer + f"{tag} {self._result(name, rest)}\r\n".encode())
            if name == "LOGOUT":
                return

    async def _misbehaved(self, name: str, tag: str, writer: asyncio.StreamWriter) -> bool:
        """Whether there is no right answer any more."""
        if not self._faults[name]:
            return False
        fault = self._faults[name].popleft()
        if isinstance(fault, Flood):
            writer.write(b"".join(b"* %d EXPUNGE\r\n" % (n + 1) for n in range(fault.lines)))
            return False
        if isinstance(fault, Cut):
            raise ConnectionAbortedError
        if isinstance(fault, Say):
            writer.write(fault.text.replace("%s", tag).encode() + b"\r\n")
            if not fault.last:
                return True
        elif isinstance(fault, Bye):
            writer.write(b"* BYE sampai jumpa\r\n")
        elif isinstance(fault, HalfLiteral):
            writer.write(b"* 1 FETCH (UID 1 BODY[] {1000}\r\nFrom: rina")
        await asyncio.Event().wait()
        return True

    def _result(self, name: str, rest: str) -> str:
        refused = self.locked if name == "LOGIN" else name == "AUTHENTICATE" and not self._knows(rest)
        return "NO [AUTHENTICATIONFAILED] ditolak" if refused else "OK selesai"

    def _knows(self, rest: str) -> bool:
        return b64decode(rest.split()[2]).endswith(f"auth=Bearer {self.token}\1\1".encode())

    async def _answer(self, name: str, rest: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        if name == "AUTHENTICATE" and not self._knows(rest):
            writer.write(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")
            self.heard.append((await reader.readline()).decode().rstrip("\r\n"))
        if name == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n".encode()
        if name == "SELECT":
            following = max(self.mails, default=0) + 1
            return (
                f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] .\r\n"
                f"* OK [UIDNEXT {following}] .\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] .\r\n"
            ).encode()
        if name == "UID SEARCH":
            return b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._found(rest)) + b"\r\n"
        if name == "UID FETCH":
            return b"".join(self._fetched(uid, rest) for uid in self._named(rest))
        if name == "IDLE":
            await self._idle(reader, writer)
        return b""

    async def _idle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+ menunggu\r\n")
        self.idling.add(writer)
        self.idles.set()
        await reader.readline()
        self.idling.discard(writer)

    # --- mails -----------------------------------------------------------------------------------------------------

    def _found(self, rest: str) -> list[int]:
        match = re.search(r"UID (\d+):(\d+|\*)", rest.partition("SEARCH")[2])
        if match is None:
            return sorted(self.mails)
        last = max(self.mails, default=0) if match[2] == "*" else int(match[2])
        within = {uid for uid in self.mails if int(match[1]) <= uid <= last}
        return sorted(within | ({last} if match[2] == "*" and last else set()))

    def _named(self, rest: str) -> list[int]:
        return [int(uid) for uid in rest.split()[2].split(",") if int(uid) in self.mails]

    def _fetched(self, uid: int, rest: str) -> bytes:
        raw, number = self.mails[uid], sorted(self.mails).index(uid) + 1
        if "BODY.PEEK[]" in rest:
            return b"* %d FETCH (UID %d BODY[] {%d}\r\n%b)\r\n" % (number, uid, len(raw), raw)
        date = b'INTERNALDATE "20-Nov-2026 09:00:00 +0700"'
        return b"* %d FETCH (UID %d RFC822.SIZE %d %b FLAGS ())\r\n" % (number, uid, len(raw), date)


@dataclass(frozen=True, slots=True)
class Word:
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """The shape of a mail server in the settings."""

    port: int
    host: str = "127.0.0.1"
    user: str = "pst@contoh.id"
    password: Word = Word("rahasia")
    security: str = "plain"
    folder: str = "INBOX"
