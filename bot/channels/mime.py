"""Bytes of a mail -> what it says, who wrote it, and whether a machine may answer.

The room is pure: no file, no clock, no network. It must never know consultations or the database; it reads
what stands in the mail and leaves every decision to the engine. `parse_mail` returns a value for any bytes
that have at least one header field; anything else is a `MailError`, and nothing else is ever raised.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.channels.attachments import MAIL, Attachment, read_attachments
from bot.channels.authentication import Authentication, authentication
from bot.channels.body import plain_text, read_body
from bot.channels.bounces import Bounce, read_report
from bot.channels.envelope import Envelope, OwnAddresses, Reason
from bot.channels.headers import Address, Headers, parse_addresses, parse_date, parse_fields, parse_ids
from bot.channels.machines import Kind, Verdict, judge
from bot.channels.parts import Part, read_parts
from bot.channels.quoting import trim
from bot.channels.subjects import consultation_number, is_forward, normalised, read_subject

_FORWARDED_BODY: Final = re.compile(
    r"^[^\w\n]{0,40}(?:(?:begin )?forwarded message|pesan (?:terusan|yang diteruskan)|weitergeleitete nachricht)"
    r"[^\w\n]{0,40}$",
    re.IGNORECASE | re.MULTILINE,
)
_RETURNED_TYPES: Final = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
)
_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_READ: Final = 200_000
LONGEST_TEXT_READ_FOR_REPORT: Final = 60_000


class MailError(ValueError):
    """The bytes are no mail at all: empty, or without a single header field."""


@dataclass(frozen=True, slots=True)
class EnclosedMail:
    """A mail that was forwarded as an attachment; one level, its own attachments unread."""

    sender: Address
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as read. Ids carry their angle brackets; `date` is aware or None; addresses keep their case."""

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    thread_subject: str
    date: datetime | None
    full_text: str
    text: str
    quoted: bool
    echo: bool
    html_only: bool
    shortened: bool
    kind: Kind
    reply_allowed: bool
    reasons: tuple[Reason, ...]
    read_receipt: bool
    absent: bool
    forwarded: bool
    bounce: Bounce | None
    attachments: tuple[Attachment, ...]
    enclosed: tuple[EnclosedMail, ...]
    consultation: str | None
    reply_tokens: tuple[str, ...]
    authentication: Authentication

    @property
    def answer_to(self) -> Address:
        """Where a person expects the answer (RFC 5322 3.6.2)."""
        return self.reply_to[0] if self.reply_to else self.sender


def parse_mail(raw: bytes, *, own: OwnAddresses | None = None, trusted_authserv: frozenset[str] | None = None) -> Mail:
    """Reads one raw mail.

    `trusted_authserv`: names of the office's own servers as they stand in Authentication-Results, lower case;
    None believes the topmost such field, which is for looking at mails only.
    Raises MailError when there is no header field at all.
    """
    root = read_parts(raw)
    if not root.headers.fields:
        raise MailError("no mail: empty" if not raw.strip() else "no mail: no header field")
    headers, body = root.headers, read_body(root)
    sender = _sender(headers)
    subject = read_subject(headers.raw("subject"))
    verdict = judge(Envelope(headers, root, sender, subject, body.text, own or OwnAddresses()))
    trimmed = trim(body.text)
    return Mail(
        message_id=next(iter(parse_ids(headers.raw("message-id"))), None),
        in_reply_to=next(iter(parse_ids(headers.raw("in-reply-to"))), None),
        references=parse_ids(" ".join(headers.all("references"))),
        sender=sender,
        reply_to=_addresses(headers, "reply-to"),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        subject=subject,
        thread_subject=normalised(subject),
        date=parse_date(headers.raw("date")),
        full_text=body.text,
        text=trimmed.text,
        quoted=trimmed.quoted,
        echo=trimmed.echo,
        html_only=body.html_only,
        shortened=body.shortened,
        kind=verdict.kind,
        reply_allowed=verdict.reply_allowed,
        reasons=verdict.reasons,
        read_receipt=verdict.read_receipt,
        absent=verdict.absent,
        forwarded=is_forward(subject) or bool(_FORWARDED_BODY.search(body.text)),
        bounce=_bounce(root, body.text, verdict),
        attachments=read_attachments(root),
        enclosed=_enclosed(root),
        consultation=consultation_number(subject),
        reply_tokens=_reply_tokens(headers),
        authentication=authentication(headers, sender.domain, trusted_authserv),
    )


def _sender(headers: Headers) -> Address:
    found = _addresses(headers, "from") or _addresses(headers, "sender")
    return found[0] if found else Address(headers.text("from", 200), "")


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return parse_addresses(", ".join(headers.all(name)))


def _reply_tokens(headers: Headers) -> tuple[str, ...]:
    """Plus parts of the addresses the mail was sent to ("pst+t0k3n@..."): candidates, unproven."""
    addressed = [
        a for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc") for a in _addresses(headers, name)
    ]
    tokens = [a.address.rpartition("@")[0].partition("+")[2] for a in addressed]
    return tuple(dict.fromkeys(token for token in tokens if token))


def _bounce(root: Part, text: str, verdict: Verdict) -> Bounce | None:
    if verdict.kind != "bounce":
        return None
    report = _report(root)
    blocks = [part.body(_RETURNED_READ) for part in report.walk() if part.content_type in _STATUS_TYPES]
    return read_report(
        blocks, (text or _all_text(report))[:LONGEST_TEXT_READ_FOR_REPORT], report.headers, _returned(report)
    )


def _report(root: Part) -> Part:
    """The report itself: some gateways pack it once more into a mail of theirs."""
    if any(part.content_type in _STATUS_TYPES for part in root.walk()):
        return root
    for part in root.walk():
        if part is not root and part.content_type == MAIL:
            inner = read_parts(part.body(_RETURNED_READ * 10).lstrip())
            if any(leaf.content_type in _STATUS_TYPES for leaf in inner.walk()):
                return inner
    return root


def _all_text(root: Part) -> str:
    return "\n\n".join(plain_text(part) for part in root.walk() if part.text_type.startswith("text/"))


def _returned(root: Part) -> Headers:
    """Headers of the mail that a report brought back."""
    for part in root.walk():
        if part is not root and part.content_type in _RETURNED_TYPES:
            content = part.body(_RETURNED_READ).lstrip()
            returned = read_parts(content).headers
            if returned.fields:
                return returned
    return parse_fields(b"")


def _enclosed(root: Part) -> tuple[EnclosedMail, ...]:
    return tuple(_enclosed_mail(part) for part in root.walk() if part is not root and part.content_type == MAIL)[:10]


def _enclosed_mail(part: Part) -> EnclosedMail:
    inner = read_parts(part.body(2_000_000).lstrip())
    return EnclosedMail(_sender(inner.headers), read_subject(inner.headers.raw("subject")), read_body(inner).text)
