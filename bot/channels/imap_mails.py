"""Raw mail -> what is stored of it, pure.

A mail is the same mail when its Message-ID, its sender and its words are the same: moved away and back, delivered
again, or seen under new numbers, it is handled once. The words are compared as DKIM's "relaxed" form does (RFC 6376
3.4.4), so that a server that touches white space on the way makes no second mail of it. A mail without Message-ID is
known by what its writer's program wrote at its head; one without even a date only by its bytes: better twice than lost.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.channels.headers import parse_fields, parse_ids, parse_parameters
from bot.channels.mailing import sender_of
from bot.core.arrivals import Received
from bot.core.model import Channel

LONGEST_HEAD: Final = 200_000  # bytes of a mail's head that are looked at
LONGEST_FOLDER: Final = 170  # so that a key keeps within its 200 characters
OLDEST: Final = timedelta(days=30)  # what is older was moved here or imported: its clock starts now
_WRITTEN: Final = ("date", "from", "to", "cc", "subject", "in-reply-to")
_CONTENT_FIELD: Final = re.compile(rb"(?im)^(?:content-[\w-]+|mime-version)[ \t]*:.*(?:\r?\n[ \t].*)*\r?\n?")
_READABLE: Final = ("text/", "multipart/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mail lies on the server; `key` is unique for ever (RFC 3501 2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int

    @property
    def key(self) -> str:
        return f"{self.folder[-LONGEST_FOLDER:]}/{self.uidvalidity}/{self.uid}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as it came in. `digest` tells whether it is one that we have seen before (64 hex digits)."""

    place: Place
    digest: str
    received: Received


def arrival(
    raw: bytes, place: Place, office: str, *, internal_date: datetime | None, now: datetime,
    full_size: int | None = None,
) -> Arrival:  # fmt: skip
    """`full_size`: how many bytes the mail has on the server when `raw` is only its beginning. Never raises."""
    message_id, sender = _message_id(raw), sender_of(raw)
    fields = {
        "sha256": hashlib.sha256(raw).hexdigest(), "message_id": message_id,
        "internal_date": internal_date.isoformat() if internal_date else None,
    }  # fmt: skip
    if full_size is not None:
        fields["too_large"] = str(full_size)
    at = _received_at(internal_date, now)
    received = Received(office, Channel.EMAIL, "message", place.key, sender, at, now, fields, raw)
    return Arrival(place, _digest(raw, message_id, sender), received)


def _received_at(internal_date: datetime | None, now: datetime) -> datetime:
    """The promise counts from when the office's server had the mail, even if we were not running then."""
    if internal_date is None or internal_date > now or now - internal_date > OLDEST:
        return now
    return internal_date


def _message_id(raw: bytes) -> str:
    return next(iter(parse_ids(parse_fields(_head(raw)).raw("message-id"))), "")


def _digest(raw: bytes, message_id: str, sender: str) -> str:
    head = [message_id] if message_id else _authored(raw)
    if not head:
        return hashlib.sha256(raw).hexdigest()
    parts = [hashlib.sha256(part.encode("utf-8", "replace")).digest() for part in (*head, sender)]
    return hashlib.sha256(b"".join([*parts, words_digest(raw)])).hexdigest()


def _authored(raw: bytes) -> list[str]:
    """The fields that tell one mail from another; none when it has no date, for then they do not."""
    fields = parse_fields(_head(raw))
    return [fields.raw(name) for name in _WRITTEN] if fields.raw("date") else []


def words_digest(raw: bytes) -> bytes:
    """Of the body: white space within a line as one space, none at its end, no empty lines at the end of all.

    Line by line, as a mail may have 25 MB and must not be there three times.
    """
    body, found, empty = io.BytesIO(raw), hashlib.sha256(), 0
    body.seek(_end_of_head(raw))
    for line in body:
        words = b" ".join(line.split())
        if words:
            found.update(b"\n" * empty + words + b"\n")
        empty = 0 if words else empty + 1
    return found.digest()


def _head(raw: bytes) -> bytes:
    return raw[: min(_end_of_head(raw), LONGEST_HEAD)]


def _end_of_head(raw: bytes) -> int:
    match = re.search(rb"\r?\n\r?\n", raw)
    return match.end() if match else len(raw)


# --- mails that are too large ------------------------------------------------------------------------------------


def readable_part(part_head: bytes) -> bool:
    """Whether the first part of a large mail holds its words."""
    value, _ = parse_parameters(parse_fields(part_head).raw("content-type") or "text/plain")
    return value.startswith(_READABLE)


def beginning(head: bytes, part_head: bytes, part: bytes) -> bytes:
    """A mail of the same head with nothing but its first part; without words when that part is a file."""
    kept = _CONTENT_FIELD.sub(b"", head).rstrip(b"\r\n")
    described = b"".join(m[0] for m in _CONTENT_FIELD.finditer(part_head)).strip(b"\r\n")
    if not readable_part(part_head):
        described, part = b"Content-Type: text/plain; charset=us-ascii", b""
    lines = [kept, b"MIME-Version: 1.0", described or b"Content-Type: text/plain"]
    return b"\r\n".join(line for line in lines if line) + b"\r\n\r\n" + part
