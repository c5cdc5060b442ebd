"""How Twilio calls: forms signed with the account's secret, posted to the address it was told, never repeated.

The signature is made here from its description, not with the SDK, so that both check each other.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

import aiohttp

from tests.standins.twilio_model import Account

Signing = Literal["right", "wrong", "none"]
Pairs = Sequence[tuple[str, str]]
_PATIENCE: Final = aiohttp.ClientTimeout(total=15)  # what Twilio waits for an answer


def signature(url: str, pairs: Pairs, secret: str, algorithm: str = "sha1") -> str:
    """base64(HMAC(secret, address + for each name in order: name and its distinct values in order))."""
    names = sorted({name for name, _ in pairs})
    text = url + "".join(n + v for n in names for v in sorted({value for name, value in pairs if name == n}))
    return b64encode(hmac.new(secret.encode(), text.encode(), algorithm).digest()).decode()


def signed_headers(account: Account, url: str, pairs: Pairs, signing: Signing = "right") -> dict[str, str]:
    if signing == "none":
        return {}
    wrong = "wrong" if signing == "wrong" else ""
    if account.shared_key is not None:
        value = signature(url, pairs, wrong or account.shared_key, "sha256")
        settings = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
        return {"X-Twilio-Signature": value, "X-Twilio-Webhooks-Signature-Settings": settings}
    return {"X-Twilio-Signature": signature(url, pairs, wrong or account.tokens[0])}


class Caller:
    """Posts webhooks. Lives in the server's loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, account: Account, url: str, pairs: Pairs, signing: Signing = "right") -> int:
        """The HTTP status that came back; 0 when nobody answered."""
        url = url.partition("#")[0]
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_PATIENCE, connector=aiohttp.TCPConnector(limit=200))
        headers = signed_headers(account, url, pairs, signing) | {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "I-Twilio-Idempotency-Token": hashlib.md5(url.encode()).hexdigest(),
            "User-Agent": "TwilioProxy/1.1",
        }
        if account.via is not None:
            headers["Host"] = urlsplit(url).netloc
        body = urlencode(pairs).encode()
        try:
            async with self._session.post(_real(url, account.via), data=body, headers=headers) as reply:
                await reply.read()
                return reply.status
        except (aiohttp.ClientError, TimeoutError):
            return 0


def _real(url: str, via: str | None) -> str:
    if via is None:
        return url
    there, parts = urlsplit(via), urlsplit(url)
    return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, ""))
