"""What the mail rooms need to know of an office's servers and tokens: the shape only, settings fill it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

Beat = Callable[[str, str], Awaitable[None]]
"""Takes a sign of life: the name of the part, and a note in Indonesian ("" when all is well)."""


class Secret(Protocol):
    """A value that must never be printed."""

    @property
    def value(self) -> str: ...


class Server(Protocol):
    """`security`: "plain" (only where the setting says imap:// or smtp://), "starttls", or "tls" from the first."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def user(self) -> str: ...

    @property
    def password(self) -> Secret: ...

    @property
    def security(self) -> str: ...

    @property
    def folder(self) -> str: ...


class Access(Protocol):
    """One office's mail: `imap` may be missing. `sender`: the office's own address."""

    @property
    def imap(self) -> Server | None: ...

    @property
    def smtp(self) -> Server: ...

    @property
    def sender(self) -> str: ...


class Tokens(Protocol):
    """Gives a valid OAuth 2 access token. `renew`: the last one was refused, so ask for another. Raises TokenError."""

    async def __call__(self, *, renew: bool = False) -> str: ...


class TokenError(Exception):
    """No access token can be had. `permanent`: somebody has to sign in again; else it may work later."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


async def no_beat(name: str, note: str) -> None:
    """For those who want no signs of life."""


def masked(address: str) -> str:
    """An address as it may stand in a log: r***@contoh.id."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if local else "***"
