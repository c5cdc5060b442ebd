"""What the provider remembers: asked when we do not know whether something was sent, or whether something was missed.

Twilio's list is by the moment that a message was sent, newest first. It knows neither buttons nor profile names, and
of the sender only his address; a message found there is less than the webhook would have been.
Source: Twilio, Message resource, read multiple; one second of resolution.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.port import Report
from bot.channels.twilio_account import Account
from bot.channels.twilio_errors import from_exception
from bot.channels.whatsapp_identity import channel_address
from bot.channels.whatsapp_status import plain_report

SKEW: Final = timedelta(seconds=60)  # between the provider's clock and ours
OVERLAP: Final = timedelta(minutes=10)
SOURCE: Final = "reconcile"
LIST_TIME: Final = 30.0  # seconds for all pages together
_PAGE: Final = 200
_MOST: Final = 5000
_NOT_THERE: Final = frozenset({"20404", "404"})
_NOT_ON_ITS_WAY: Final = frozenset({"failed", "undelivered", "canceled"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A message of ours in the provider's list."""

    sid: str
    body: str


class History:
    """One account's messages. `client` is the SDK's. Everything raises DeliveryError, and nothing else."""

    def __init__(self, client: Any, account: Account) -> None:
        self._client = client
        self._account = account

    async def sent_to(self, recipient: str, since: datetime) -> list[Listed]:
        """What has left for one citizen since then and has not failed, oldest first."""
        rows = await self._list(
            to=channel_address(recipient), from_=self._account.sender, date_sent_after=_utc(since - SKEW), limit=_PAGE
        )
        return [Listed(str(m.sid), m.body or "") for m in reversed(rows) if str(m.status) not in _NOT_ON_ITS_WAY]

    async def received(self, since: datetime) -> list[dict[str, str]]:
        """Webhook-like forms of what citizens have sent since then (and a little before), oldest first.

        `Source` says that they come from the list, `DateSent` when the message came (ISO 8601, UTC).
        """
        rows = await self._list(to=self._account.sender, date_sent_after=_utc(since - OVERLAP), limit=_MOST)
        inbound = [m for m in reversed(rows) if str(m.direction) == "inbound"]
        return [_form(m) | await self._media(m) for m in inbound]

    async def one_received(self, sid: str) -> dict[str, str] | None:
        """The same of one message; None when it is none that a citizen has sent to this sender."""
        try:
            async with asyncio.timeout(LIST_TIME):
                message = await self._client.messages(sid).fetch_async()
        except Exception as error:
            known = from_exception(error, posted=False)
            if known.code in _NOT_THERE:
                return None
            raise known from error
        if str(message.direction) != "inbound" or str(message.to) != self._account.sender:
            return None
        return _form(message) | await self._media(message)

    async def report(self, sid: str) -> Report:
        """What the provider knows of one message of ours, as a delivery report without a token."""
        try:
            async with asyncio.timeout(LIST_TIME):
                message = await self._client.messages(sid).fetch_async()
        except Exception as error:
            raise from_exception(error, posted=False) from error
        code = str(message.error_code or "")
        return plain_report({"MessageSid": sid, "MessageStatus": str(message.status), "ErrorCode": code})

    async def _list(self, **query: Any) -> Sequence[Any]:
        try:
            async with asyncio.timeout(LIST_TIME):
                rows: Sequence[Any] = await self._client.messages.list_async(page_size=_PAGE, **query)
        except Exception as error:
            raise from_exception(error, posted=False) from error
        return rows

    async def _media(self, message: Any) -> dict[str, str]:
        if str(message.num_media or "0") == "0":
            return {}
        try:
            async with asyncio.timeout(LIST_TIME):
                items = await self._client.messages(message.sid).media.list_async(limit=10)
        except Exception as error:
            raise from_exception(error, posted=False) from error
        fields: dict[str, str] = {}
        for index, item in enumerate(items):
            path = str(item.uri).removesuffix(".json")
            fields[f"MediaUrl{index}"] = f"https://api.twilio.com{path}"
            fields[f"MediaContentType{index}"] = str(item.content_type)
        return fields


def _form(message: Any) -> dict[str, str]:
    moment = message.date_sent or message.date_created
    return {
        "MessageSid": str(message.sid), "SmsMessageSid": str(message.sid), "AccountSid": str(message.account_sid),
        "From": str(message.from_), "To": str(message.to), "Body": message.body or "",
        "NumMedia": str(message.num_media or "0"), "SmsStatus": "received", "Source": SOURCE,
        "DateSent": _utc(moment).isoformat() if moment else "",
    }  # fmt: skip


def _utc(moment: datetime) -> datetime:
    """The SDK writes "Z" behind whatever it gets."""
    return moment.astimezone(UTC)
