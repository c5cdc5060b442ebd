"""One signed-in connection to the office's SMTP server. Every failure is a DeliveryError with a verdict.

DATA and the mail itself are written separately, not with the library's `data`: only so is it known whether a
connection that broke had already been given the mail.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from bot.channels import email_verdicts as verdicts
from bot.channels.email_verdicts import Stage
from bot.channels.mail_access import Server, TokenError, Tokens
from bot.channels.port import DeliveryError, Verdict

SLOWEST: Final = 500_000  # bytes a second that a line must carry: 25 MB in 50 s
_READY: Final = 354
_DONE: Final = 250
_LEADING_DOT: Final = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds. `dial`: from the first packet to being signed in; `envelope`: from MAIL until the server says 354."""

    dial: float = 30.0
    envelope: float = 20.0
    content: float = 25.0


class SmtpWire:
    """`mails`: how many went over it."""

    def __init__(self, smtp: SMTP, limits: Limits) -> None:
        self._smtp = smtp
        self._limits = limits
        self.mails = 0

    @property
    def alive(self) -> bool:
        return self._smtp.is_connected

    async def hand_over(self, sender: str, recipient: str, raw: bytes) -> None:
        """One mail to one person. Returns when the server has taken it."""
        smtp = self._smtp
        size = [f"SIZE={len(raw)}"] if smtp.supports_extension("size") else []
        until = _in(self._limits.envelope)
        async with _bounded(Stage.SENDER, until):
            await smtp.mail(sender, options=size)
        async with _bounded(Stage.RECIPIENT, until):
            await smtp.rcpt(recipient)
        async with _bounded(Stage.DATA, until):
            _expect(await smtp.execute_command(b"DATA"), _READY)
        async with _bounded(Stage.CONTENT, _in(self._limits.content + len(raw) / SLOWEST)):
            await self._write(_LEADING_DOT.sub(b"..", raw.removesuffix(b"\r\n")) + b"\r\n.\r\n")
        self.mails += 1

    async def _write(self, content: bytes) -> None:
        protocol = self._smtp.protocol
        if protocol is None:
            raise verdicts.broken(Stage.DATA, "putus")
        protocol.write(content)
        _expect(await protocol.read_response(), _DONE)

    def hang_up(self) -> None:
        """Says QUIT and does not wait for the answer."""
        protocol = self._smtp.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self._smtp.close()


async def dial(
    server: Server, hello: str, limits: Limits, *, tokens: Tokens | None = None, tls: ssl.SSLContext | None = None
) -> SmtpWire:
    """A connection that is signed in, encrypted exactly as configured. `hello`: our name in EHLO."""
    smtp = SMTP(
        hostname=server.host, port=server.port, local_hostname=hello, timeout=limits.dial, tls_context=tls,
        use_tls=server.security == "tls", start_tls=server.security == "starttls",
    )  # fmt: skip
    until = _in(limits.dial)
    try:
        async with _bounded(Stage.CONNECT, until):
            await smtp.connect()
            await smtp.ehlo()
        if server.user:
            async with _bounded(Stage.LOGIN, until):
                await _sign_in(smtp, server, tokens)
    except BaseException:
        smtp.close()
        raise
    return SmtpWire(smtp, limits)


async def _sign_in(smtp: SMTP, server: Server, tokens: Tokens | None) -> None:
    if tokens is None:
        await _with_password(smtp, server)
        return
    try:
        await smtp.auth_xoauth2(server.user, await tokens())
    except SMTPAuthenticationError:
        await smtp.auth_xoauth2(server.user, await tokens(renew=True))


async def _with_password(smtp: SMTP, server: Server) -> None:
    """By one method only: the library's own `login` tries them all, and providers count each refusal."""
    ways = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    way = next((ways[name] for name in ways if name in smtp.supported_auth_methods), None)
    if way is None:
        raise SMTPException("no way to sign in is offered")
    await way(server.user, server.password.value)


def _expect(response: aiosmtplib.SMTPResponse, code: int) -> None:
    if response.code != code:
        raise SMTPResponseException(response.code, response.message)


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


@asynccontextmanager
async def _bounded(stage: Stage, until: float) -> AsyncIterator[None]:
    """Whatever happens inside, as a DeliveryError of that stage; silence included."""
    try:
        async with asyncio.timeout_at(until):
            yield
    except DeliveryError:
        raise
    except SMTPResponseException as error:
        raise verdicts.refused(stage, error.code, error.message) from error
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(Verdict.CONFIGURATION, "sertifikat", verdicts.words("certificate")) from error
    except TimeoutError as error:
        raise verdicts.broken(stage, "waktu habis") from error
    except OSError as error:  # aiosmtplib's lost connections are among them
        raise _unreachable(stage, error) from error
    except SMTPException as error:  # the bare one: the server lacks what we insist on
        lacking = "no_tls" if stage is Stage.CONNECT else "login"
        raise DeliveryError(Verdict.CONFIGURATION, stage.value, verdicts.words(lacking)) from error
    except TokenError as error:
        verdict = Verdict.CONFIGURATION if error.permanent else Verdict.TRY_AGAIN
        raise DeliveryError(verdict, "token", verdicts.words("login")) from error
    except ValueError as error:  # an address that cannot stand in an envelope
        raise DeliveryError(Verdict.REFUSED, "alamat", verdicts.words("unsendable")) from error


def _unreachable(stage: Stage, error: OSError) -> DeliveryError:
    """The library hides a bad certificate of the first handshake in its own connection error."""
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return DeliveryError(Verdict.CONFIGURATION, "sertifikat", verdicts.words("certificate"))
    return verdicts.broken(stage, "putus")
