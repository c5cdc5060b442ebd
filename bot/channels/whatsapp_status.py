"""Delivery reports: what the provider tells about a message that we sent.

Reports come out of order, twice, or before the answer to our own POST has arrived. Therefore the address that they are
sent to carries the message's token: it names the message even when we never learned the provider's id for it. The
token is sealed with the service's secret key, so that an address cannot be made up for somebody else's message.

A long text leaves in parts. The message counts as sent, delivered, read when its last part is; the earlier parts
only count when they fail.
Sources: Twilio, outbound message status in status callbacks; connection overrides (the part after "#", never sent).
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from bot.channels.port import Report, Verdict
from bot.channels.twilio_errors import fault
from bot.channels.twilio_form import Fields, field

OVERRIDES: Final = "rc=3&rp=5xx,ct,rt&ct=2000&rt=4000"
RANKS: Final[Mapping[str, int]] = {
    "accepted": 0, "scheduled": 0, "queued": 1, "sending": 2, "sent": 3, "partially_delivered": 3, "delivered": 4,
    "read": 5,
}  # fmt: skip
FAILED: Final = frozenset({"failed", "undelivered", "canceled"})
_SEAL_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Which message a report is about, by the address it came to; `last`: its last or only part."""

    token: str
    last: bool = True


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Makes and reads one office's addresses for delivery reports. `public_url` without a slash at its end."""

    public_url: str
    office: str
    key: str = dataclasses.field(repr=False)

    def address(self, token: str, part: int = 1, parts: int = 1) -> str:
        """Where Twilio is to report what becomes of one part of a message."""
        position = f"{part}.{parts}"
        query = urlencode({"oid": token, "p": position, "k": self._seal(token, position)})
        return f"{self.public_url}/webhooks/twilio/{quote(self.office)}/status?{query}#{OVERRIDES}"

    def origin(self, query: Mapping[str, str]) -> Origin | None:
        """Which message a report is about; None when the address was not made by us."""
        token, position, seal = (str(query.get(name, "")) for name in ("oid", "p", "k"))
        if not token or not hmac.compare_digest(self._seal(token, position).encode(), seal.encode("utf-8", "replace")):
            return None
        part, _, parts = position.partition(".")
        return Origin(token, last=part == parts)

    def _seal(self, token: str, position: str) -> str:
        message = f"{self.office}\n{token}\n{position}".encode("utf-8", "replace")
        return hmac.new(self.key.encode(), message, hashlib.sha256).hexdigest()[:_SEAL_LENGTH]


def read_status(fields: Fields, query: Mapping[str, str], callbacks: Callbacks) -> Report:
    """A delivery report. Never raises; an unknown status is no news (rank 0)."""
    origin = callbacks.origin(query)
    report = plain_report(fields)
    if origin is None:
        return report
    return replace(report, token=origin.token, rank=report.rank if origin.last else 0)


def plain_report(fields: Fields) -> Report:
    """What a report says by itself, whoever's message it is about."""
    provider_id = field(fields, "MessageSid") or field(fields, "SmsSid") or None
    status = status_of(fields)
    if status in FAILED:
        what = fault(field(fields, "ErrorCode"))
        shut = what.verdict is Verdict.WINDOW_CLOSED
        return Report(None, provider_id, 0, True, what.code, what.words, shut, what.opt_out, what.plain)
    return Report(None, provider_id, RANKS.get(status, 0))


def status_of(fields: Fields) -> str:
    """ "delivered", "read", ...; one event of WhatsApp names itself only in EventType."""
    names = ("MessageStatus", "SmsStatus", "EventType")
    return next((value for name in names if (value := field(fields, name).casefold())), "")


def report_key(fields: Fields) -> str:
    """The unique key of a report: the same status of the same message is one report, however often it is sent."""
    return f"{field(fields, 'MessageSid') or field(fields, 'SmsSid')}:{status_of(fields)}"
