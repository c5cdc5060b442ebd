"""The SDK's way to the network: one session for all offices, bounded in time, pointed elsewhere by tests.

The SDK's own async client does not serve: it ignores its time limit, sends JSON bodies as forms (so nothing can be
created through the Content API), needs a running loop to be built, and cannot share its session. This one keeps the
SDK's contract (`AsyncHttpClient.request`) and nothing else of it. It never repeats a request and never logs one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from bot.channels.twilio_account import Account
from bot.channels.twilio_errors import from_answer

TIMEOUT: Final = 10.0  # seconds for one request, from asking for a connection to the last byte
CONNECT: Final = 4.0
_TOO_MANY: Final = 429


class Wire(AsyncHttpClient):  # type: ignore[misc]
    """One per process. `base_url` replaces scheme and host of every address of Twilio (api, content, messaging)."""

    def __init__(self, base_url: str | None = None, timeout: float = TIMEOUT) -> None:
        super().__init__(logging.getLogger("pst.twilio"), is_async=True, timeout=timeout)
        self._base = urlsplit(base_url) if base_url else None
        self._limit = timeout
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """The shared session, made at first use inside the running loop."""
        if self._session is None or self._session.closed:
            times = aiohttp.ClientTimeout(total=self._limit, connect=CONNECT, sock_connect=CONNECT)
            self._session = aiohttp.ClientSession(timeout=times, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def placed(self, url: str) -> str:
        """An address of Twilio, moved to where this process talks to."""
        if self._base is None:
            return url
        parts = urlsplit(url)
        return urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))

    def is_provider(self, url: str) -> bool:
        """Whether the account's credentials may be shown to that address."""
        parts = urlsplit(url)
        if self._base is not None:
            return (parts.scheme, parts.netloc) == (self._base.scheme, self._base.netloc)
        host = parts.hostname or ""
        return parts.scheme == "https" and (host == "twilio.com" or host.endswith(".twilio.com"))

    async def request(
        self, method: str, url: str, params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None, timeout: float | None = None, allow_redirects: bool = False,
    ) -> Response:  # fmt: skip
        """What the SDK calls. Raises aiohttp's exceptions, TimeoutError, and DeliveryError for "too many requests"."""
        sent_headers = dict(headers or {}) | (authorization(*auth) if auth else {})
        body = _body(data, sent_headers.get("Content-Type", "")) if data else None
        query = {name: str(value) for name, value in (params or {}).items()}
        async with asyncio.timeout(timeout or self._limit), self.session().request(
            method.upper(), self.placed(url), params=query, data=body, headers=sent_headers,
            allow_redirects=allow_redirects,
        ) as reply:  # fmt: skip
            text = await reply.text(errors="replace")
        if reply.status == _TOO_MANY:
            raise from_answer(_TOO_MANY, _code(text), posted=True, retry_after=_seconds(reply.headers))
        return Response(reply.status, text, reply.headers)


def client(account: Account, wire: Wire) -> Client:
    """The SDK for one account. Not even an empty environment is read: a region in there would change the host."""
    token = account.auth_tokens[0].value
    return Client(account.account_sid, token, account.account_sid, http_client=wire, environment={"PST": ""})


def authorization(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")}


def _body(data: Mapping[str, object], content_type: str) -> bytes:
    if content_type.partition(";")[0] == "application/json":
        return json.dumps(data).encode()
    return urlencode(data, doseq=True).encode("ascii")


def _code(text: str) -> str:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return str(_TOO_MANY)
    return str(found.get("code") or _TOO_MANY) if isinstance(found, dict) else str(_TOO_MANY)


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After, where it is a number of seconds."""
    value = headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None
