"""Access tokens for mail servers that take no passwords any more (XOAUTH2 at Google and Microsoft).

A grant file says where tokens come from; it is JSON and must be readable by the service alone:

    {"token_url": "https://oauth2.googleapis.com/token", "client_id": "...", "client_secret": "...",
     "refresh_token": "...", "scope": "https://mail.google.com/"}

Without `refresh_token` the client asks for itself (client credentials: Microsoft 365 with a service principal, scope
"https://outlook.office365.com/.default"). Microsoft hands out a new refresh token now and then: it is written back.
No token is ever logged, nor what a token server said.
Sources: RFC 6749 (4.4, 5, 6); Google "XOAUTH2 mechanism"; Microsoft "Authenticate an IMAP, POP or SMTP connection".
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp

from bot.channels.mail_access import TokenError

TIMEOUT: Final = 20.0  # seconds for one token
EARLY: Final = timedelta(seconds=60)  # a token is not used in its last minute
_FOR_GOOD: Final = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"})


@dataclass(frozen=True, slots=True)
class Grant:
    """By what right we ask for tokens."""

    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""

    def form(self) -> dict[str, str]:
        kind = "refresh_token" if self.refresh_token else "client_credentials"
        asked = {
            "grant_type": kind, "client_id": self.client_id, "client_secret": self.client_secret,
            "refresh_token": self.refresh_token, "scope": self.scope,
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value}


def read_grant(path: Path) -> Grant:
    """The grant in a file. Raises TokenError (permanent) that says what is wrong with it."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        values = {name: known[name] for name in Grant.__dataclass_fields__ if name in known}
        grant = Grant(**values)
    except (OSError, ValueError, TypeError) as error:
        raise TokenError(f"grant file {path.name}: {type(error).__name__}", permanent=True) from None
    if not all(isinstance(value, str) for value in values.values()) or not grant.token_url.startswith(
        ("https://", "http://127.")
    ):
        raise TokenError(f"grant file {path.name}: token_url must be https, all values text", permanent=True)
    return grant


def write_grant(path: Path, grant: Grant) -> None:
    """Keeps a grant, whole or not at all."""
    known = json.loads(path.read_text(encoding="utf-8"))
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(known | {"refresh_token": grant.refresh_token}, indent=1), encoding="utf-8")
    os.replace(fresh, path)


class GrantedTokens:
    """Tokens for one mail account, shared by its IMAP and SMTP connections. Fills mail_access.Tokens."""

    def __init__(self, grant_file: Path, clock: Callable[[], datetime], timeout: float = TIMEOUT) -> None:
        self._file = grant_file
        self._clock = clock
        self._timeout = timeout
        self._token = ""
        self._until: datetime | None = None
        self._asking = asyncio.Lock()

    async def __call__(self, *, renew: bool = False) -> str:
        refused = self._token if renew else None
        async with self._asking:
            if self._until is not None and self._clock() < self._until and self._token != refused:
                return self._token
            return await self._ask()

    async def _ask(self) -> str:
        grant = read_grant(self._file)
        answer = await self._post(grant)
        token, seconds = answer.get("access_token"), answer.get("expires_in", 3600)
        if not isinstance(token, str) or not token:
            raise TokenError("no token in the answer", permanent=False)
        self._token, self._until = token, self._clock() + timedelta(seconds=_seconds(seconds)) - EARLY
        renewed = answer.get("refresh_token")
        if isinstance(renewed, str) and grant.refresh_token and renewed not in ("", grant.refresh_token):
            write_grant(self._file, replace(grant, refresh_token=renewed))
        return token

    async def _post(self, grant: Grant) -> Mapping[str, Any]:
        limit = aiohttp.ClientTimeout(total=self._timeout)
        try:
            async with aiohttp.ClientSession(timeout=limit, cookie_jar=aiohttp.DummyCookieJar()) as session:
                async with session.post(grant.token_url, data=grant.form(), allow_redirects=False) as reply:
                    status, text = reply.status, await reply.text(errors="replace")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise TokenError(f"token server: {type(error).__name__}", permanent=False) from None
        answer = _object(text)
        if status != 200:
            reason = str(answer.get("error", ""))
            known = reason if reason in _FOR_GOOD else f"HTTP {status}"
            raise TokenError(f"token refused: {known}", permanent=reason in _FOR_GOOD)
        return answer


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seconds(value: object) -> float:
    """Some servers write the number as text."""
    try:
        return max(0.0, min(float(str(value)), 86_400.0))
    except ValueError:
        return 3600.0
