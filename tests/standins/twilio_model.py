"""What the played Twilio knows: accounts, people with WhatsApp, messages, contents, and what a test scripts."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any, Final

_numbers = count(1)
WINDOW: Final = timedelta(hours=24)


def new_sid(prefix: str) -> str:
    """ "SM" + 32 hexadecimal digits, as Twilio's are."""
    return prefix + hashlib.md5(f"{prefix}{next(_numbers)}".encode()).hexdigest()


@dataclass
class Account:
    """`tokens`: the primary one first; it signs. With a `shared_key` that one signs, with SHA-256.

    `message_url`: the address that Twilio was told to call, and signs. `via` ("http://127.0.0.1:port"): where it
    really leads, as a proxy would make it.
    """

    sid: str
    tokens: list[str]
    senders: list[str]
    message_url: str | None = None
    via: str | None = None
    shared_key: str | None = None

    def authorizes(self, header: str) -> bool:
        return any(header == "Basic " + b64encode(f"{self.sid}:{t}".encode()).decode() for t in self.tokens)


@dataclass
class Media:
    """A file at the provider. `missing`: how many times it is not there yet; `declared`: the type that is told."""

    sid: str
    content: bytes
    declared: str
    missing: int = 0


@dataclass
class Message:
    """One message, in or out. `named`: a test said that it expected it."""

    sid: str
    account: Account
    sender: str
    recipient: str
    body: str
    direction: str
    created: datetime
    sent_at: datetime | None = None
    status: str = "queued"
    content_sid: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[tuple[str, str], ...] = ()  # (id, title)
    button_kind: str = ""
    callback: str | None = None
    error_code: str | None = None
    media: list[Media] = field(default_factory=list)
    named: bool = False

    @property
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{self.account.sid}/Messages/{self.sid}"

    def resource(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "sid": self.sid, "account_sid": self.account.sid, "from": self.sender, "to": self.recipient,
            "body": self.body, "direction": self.direction, "status": self.status, "api_version": "2010-04-01",
            "date_created": rfc2822(self.created), "date_updated": rfc2822(self.created),
            "date_sent": rfc2822(self.sent_at), "error_code": int(self.error_code) if self.error_code else None,
            "error_message": None, "num_media": str(len(self.media)), "num_segments": "1", "price": None,
            "price_unit": "USD", "messaging_service_sid": None, "uri": self.path + ".json", "subresource_uris": {},
        }  # fmt: skip


@dataclass
class Content:
    """A Content resource. `approved`: it may leave when the window is shut."""

    sid: str
    account: Account
    name: str
    language: str
    variables: dict[str, str]
    types: dict[str, Any]
    approved: bool = False
    approval: dict[str, str] | None = None  # what was handed in, with its status

    def resource(self) -> dict[str, Any]:
        return {
            "sid": self.sid, "account_sid": self.account.sid, "friendly_name": self.name, "language": self.language,
            "variables": self.variables, "types": self.types, "url": f"https://content.twilio.com/v1/Content/{self.sid}",
            "date_created": None, "date_updated": None, "links": {},
        }  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How the provider takes one message. `accept`: it is sent, whatever is answered; `report`: reports follow.

    `fails_later`: the code that a report brings. `early`: the reports come before the answer.
    """

    status: int = 201
    code: str = ""
    accept: bool = True
    report: bool = True
    early: bool = False
    cut: bool = False
    silent: bool = False
    body: bytes | None = None
    fails_later: str = ""
    delay: float = 0.0
    retry_after: int | None = None
    problem: bool = False
    to: str | None = None

    def error_body(self) -> bytes:
        if self.body is not None:
            return self.body
        code = int(self.code) if self.code else None
        if self.problem:
            kind = f"https://www.twilio.com/docs/api/errors/{code}"
            return json.dumps({"type": kind, "title": "refused", "status": self.status, "code": code}).encode()
        info = f"https://www.twilio.com/docs/errors/{code}"
        return json.dumps({"code": code, "message": "refused", "more_info": info, "status": self.status}).encode()


STATUS_OF_CODE: Final = {"20003": 401, "20005": 403, "20403": 403, "20404": 404, "20429": 429, "20500": 500}
OUTCOMES: Final[Mapping[str, Outcome]] = {
    "ok": Outcome(),
    "timeout": Outcome(silent=True, accept=False),
    "timeout-accepted": Outcome(silent=True, report=False),
    "cut": Outcome(cut=True, report=False),
    "cut-before": Outcome(cut=True, accept=False),
    "accept-then-drop": Outcome(report=False),
    "4xx": Outcome(400, "29999", accept=False),
    "5xx": Outcome(503, "20500", accept=False),
    "5xx-accepted": Outcome(500, "20500", report=False),
    "html": Outcome(502, body=b"<html>Bad Gateway</html>", accept=False),
    "429": Outcome(429, "20429", accept=False),
    "429-empty": Outcome(429, body=b"", accept=False),
    "garbage": Outcome(201, body=b"{half", report=False),
    "empty": Outcome(201, body=b"", report=False),
    "early-report": Outcome(early=True),
}


def rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0)) if moment else None
