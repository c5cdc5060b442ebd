"""An SMTP server on loopback (aiosmtpd) that answers as the test says, each time once.

    async with PostOffice() as post:
        post.answer("RCPT", "452 4.3.1 penuh")     # the next RCPT; then it is itself again
        post.answer("CONTENT", Cut(kept=True))     # takes the mail after its dot, and hangs up without a word
        ...
        post.mails                                 # what was taken, with its envelope

Stages: GREETING EHLO STARTTLS AUTH MAIL RCPT DATA CONTENT (after the dot), QUIT. Everything said to it is in `heard`,
but for what stands behind AUTH. It ends with its block, and so does whatever it keeps silent about.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from collections import defaultdict, deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STAGES: Final = ("GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "CONTENT", "QUIT")
USER: Final = "pst@contoh.id"
PASSWORD: Final = "rahasia"


@dataclass(frozen=True)
class Cut:
    """Hangs up. `kept`: after having taken the mail (at CONTENT)."""

    kept: bool = False


@dataclass(frozen=True)
class Silence:
    """Says nothing any more. `kept`: after having taken the mail (at CONTENT)."""

    kept: bool = False


Fault = str | Cut | Silence


@dataclass(frozen=True, slots=True)
class Mail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool


class PostOffice:
    """`tls`: offers STARTTLS with it, or speaks nothing else with `wrapped`. `token`: what XOAUTH2 accepts."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, wrapped: bool = False, token: str = "sah") -> None:
        self.mails: list[Mail] = []
        self.heard: list[str] = []
        self.connections = 0
        self.token = token
        self.port = 0
        self._tls, self._wrapped = tls, wrapped
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._reached: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._open: set[_Talk] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> PostOffice:
        loop = asyncio.get_running_loop()
        outer, inner = (self._tls, None) if self._wrapped else (None, self._tls)
        self._server = await loop.create_server(lambda: _Talk(self, inner, loop), "127.0.0.1", 0, ssl=outer)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.gather(*(talk.end() for talk in list(self._open)))

    def answer(self, stage: str, *faults: Fault) -> None:
        assert stage in STAGES, stage
        self._faults[stage].extend(faults)

    def hang_up(self) -> None:
        """Closes every connection, as servers do with idle ones."""
        for talk in list(self._open):
            talk.cut()

    async def reached(self, stage: str) -> None:
        """Waits until somebody has come so far."""
        async with asyncio.timeout(10):
            await self._reached[stage].wait()

    def fault(self, stage: str) -> Fault | None:
        """How a stage that has now been reached is to go wrong."""
        self._reached[stage].set()
        return self._faults[stage].popleft() if self._faults[stage] else None

    # --- what aiosmtpd asks ----------------------------------------------------------------------------------------

    async def handle_DATA(self, server: _Talk, session: Session, envelope: Envelope) -> str:
        raw = envelope.content
        assert isinstance(raw, bytes)
        fault = self.fault("CONTENT")
        if fault is None or getattr(fault, "kept", False):
            encrypted = self._wrapped or session.ssl is not None
            self.mails.append(Mail(str(envelope.mail_from), tuple(envelope.rcpt_tos), raw, encrypted))
        return await server.misbehave(fault) or "250 2.0.0 diterima"

    async def auth_XOAUTH2(self, server: _Talk, args: list[str]) -> AuthResult:
        if b64decode(args[1]) == f"user={USER}\1auth=Bearer {self.token}\1\1".encode():
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)

    def opened(self, talk: _Talk) -> None:
        self.connections += 1
        self._open.add(talk)

    def closed(self, talk: _Talk) -> None:
        self._open.discard(talk)


class _Talk(SMTP):
    """One connection."""

    def __init__(self, post: PostOffice, tls: ssl.SSLContext | None, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            post, hostname="smtp.contoh.id", ident="contoh", tls_context=tls, auth_require_tls=False,
            authenticator=_known, loop=loop,
        )  # fmt: skip
        self._post = post
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._greeted:
            self._post.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._post.closed(self)

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        elif self.transport is not None:
            self.transport.close()

    async def end(self) -> None:
        """Also in the middle of a handshake, of whose failure aiosmtpd is not told."""
        self.cut()
        if self._original_transport is not None:
            self._original_transport.close()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            await asyncio.gather(self._handler_coroutine, return_exceptions=True)

    async def misbehave(self, fault: Fault | None) -> str | None:
        """The answer that a fault consists of; None for none. Does not come back from silence."""
        if fault is None or isinstance(fault, str):
            return fault
        if isinstance(fault, Cut):
            self.cut()
        await asyncio.Event().wait()
        return None

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            status = await self.misbehave(self._post.fault("GREETING")) or status
        await super().push(status)

    async def _instead(self, stage: str, arg: str | None) -> bool:
        """Whether something else than the right answer was said."""
        self._post.heard.append(f"{stage} {'...' if stage == 'AUTH' else arg or ''}".strip())
        answer = await self.misbehave(self._post.fault(stage))
        if answer is not None:
            await self.push(answer)
        return answer is not None

    async def smtp_EHLO(self, arg: str) -> None:
        await self._instead("EHLO", arg) or await super().smtp_EHLO(arg)

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self._instead("STARTTLS", arg) or await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        await self._instead("AUTH", arg) or await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._instead("MAIL", arg) or await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._instead("RCPT", arg) or await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        await self._instead("DATA", arg) or await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        await self._instead("QUIT", arg) or await super().smtp_QUIT(arg)


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)
