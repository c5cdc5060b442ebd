"""Reads who did not get which mail and why, out of delivery reports.

Standard reports (RFC 3464) have a machine-readable part; the others are prose of forty years of servers,
in which the status (RFC 3463) is looked for, and derived from the usual phrases when none is stated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.channels.bounce_words import STATUS_OF
from bot.channels.charsets import one_line
from bot.channels.headers import Headers, parse_addresses, parse_fields, parse_ids

_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY_STATUS: Final = re.compile(r"(?<![\d.])([245])\d\d[ -]+#?\(?((?:\1)\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY_CODE: Final = re.compile(r"(?<![\d.@/:-])([45])([0-5]\d)(?=[ -][^\s\d])")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"'\\=]{1,100}@[\w-]+(?:\.[\w-]+)+")
_BLAMED: Final = re.compile(
    rf"^[ \t]*[<\[(\"']?({_ADDRESS.pattern})[>\])\"']?[ \t]*(?:[:.,(-].*|[ \t].*)?$", re.MULTILINE
)
_RETURNED_ID: Final = re.compile(
    r"^[> \t]*(?:X-)?(?:Original-)?Message-Id\s*:\s*(<[^<>\s]{3,300}>)", re.IGNORECASE | re.MULTILINE
)
_RETURNED_TO: Final = re.compile(r"^[> \t]*To\s*:\s*(.{3,300})$", re.IGNORECASE | re.MULTILINE)
_RETURNED_MAIL: Final = re.compile(
    r"^(?:[-=_*#<> ]{3,}.{0,60}\b(?:copy|original|returned|unsent|undelivered|headers?|message text)\b.{0,60}|"
    r".{0,40}\b(?:is a copy of|a copy of your|headers? of (?:the|your)|original message (?:follows|headers?))\b.{0,60}|"
    r".{0,40}\bcopy of the (?:original )?message\b.{0,60}|"
    r"(?:Return-Path|Received)\s*:.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_PHRASES: Final = tuple((status, re.compile("|".join(phrases), re.IGNORECASE)) for status, phrases in STATUS_OF)
_GIVEN_UP: Final = "failed"
_ACTIONS: Final = {
    "faile": "failed",
    "failu": "failed",
    "fail": "failed",
    "fatal": "failed",
    "delay": "delayed",
    "warni": "delayed",
    "deliv": "delivered",
    "relay": "relayed",
    "expan": "expanded",
}


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient of a report. `status` is RFC 3463 ("5.1.1"), "" when nothing points to one.

    `action`: failed | delayed | delivered | relayed | expanded (RFC 3464 2.3.3). `permanent` says that the
    address will not work next time either; a report "failed" with 4.x.x gave up on this mail only.
    """

    recipient: str
    status: str
    action: str = _GIVEN_UP
    diagnostic: str = ""

    @property
    def permanent(self) -> bool:
        return self.status.startswith("5") and self.action == _GIVEN_UP


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report: everybody it speaks of, the undelivered first, and the id of the mail it is about."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str | None


def read_report(status_blocks: Iterable[bytes], text: str, headers: Headers, returned: Headers) -> Bounce:
    """`status_blocks`: bodies of message/delivery-status parts; `text`: the readable part(s) of the report;
    `headers`: of the report itself; `returned`: of the mail that came back, as far as it is enclosed."""
    fields = "\n\n".join(block.decode("utf-8", "replace") for block in status_blocks)
    found = list(_recipients(fields or text))
    if not any(r.status for r in found):
        found = _with_status(found, headers, text, returned)
    ordered = sorted(found, key=lambda r: r.action not in ("failed", "delayed"))
    return Bounce(tuple(ordered[:500]), _original_id(text, headers, returned))


def _recipients(text: str) -> Iterator[FailedRecipient]:
    """Per-recipient blocks, also where a server wrote them as plain text."""
    for block in re.split(r"\n[ \t>]*\r?\n", text.replace("\r\n", "\n")):
        if re.search(
            r"^[> \t]*(?:Final|Original)-Recipient\s*:|^[> \t]*Status\s*:\s*\d\.",
            block,
            re.IGNORECASE | re.MULTILINE,
        ):
            recipient = _recipient(parse_fields(re.sub(r"^[> ]+(?=[A-Z])", "", block, flags=re.MULTILINE).encode()))
            if recipient.recipient or recipient.status:
                yield recipient


def _recipient(block: Headers) -> FailedRecipient:
    diagnostic = one_line(block.raw("diagnostic-code"), 500)
    action = (block.raw("action").lower().split() or [""])[0].strip(" ;.")
    status = _first_status(block.raw("status")) or stated_status(diagnostic)
    if status.endswith(".0.0") and (exact := stated_status(diagnostic)) and not _first_status(block.raw("status")):
        status = exact
    return FailedRecipient(_mailbox(block), status, _ACTIONS.get(action[:5], _action(status)), diagnostic)


def _mailbox(block: Headers) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        match = _ADDRESS.search(block.raw(name).replace("<", " "))
        if match:
            return one_line(match[0], 254)
    return ""


def _action(status: str) -> str:
    return {"4": "delayed", "2": "delivered"}.get(status[:1], _GIVEN_UP)


def _first_status(text: str) -> str:
    match = _STATUS.search(text)
    return match[1] if match else ""


def stated_status(text: str) -> str:
    """A status that the text states: best next to an SMTP reply code ("550 5.1.1"), else anywhere; or ""."""
    match = _REPLY_STATUS.search(text)
    return match[2] if match else _first_status(text)


def _with_status(found: list[FailedRecipient], headers: Headers, text: str, returned: Headers) -> list[FailedRecipient]:
    told = _told_part(text)
    diagnostics = " ".join(r.diagnostic for r in found)
    status = (
        stated_status(diagnostics)
        or stated_status(told)
        or stated_status(text[:20_000])
        or stated_status(headers.text("subject"))
        or derived_status(f"{headers.text('subject')}\n{diagnostics}\n{told}")
    )
    addresses = [r.recipient for r in found if r.recipient] or _blamed(headers, text, told, returned)
    action = next((r.action for r in found), _action(status))
    return [FailedRecipient(address, status, action, diagnostics[:500]) for address in addresses or [""]]


def _told_part(text: str) -> str:
    """What the server says, without the copy of the returned mail below it."""
    match = _RETURNED_MAIL.search(text, 80)
    return text[: match.start()] if match and match.start() > 80 else text[:20_000]


def derived_status(text: str) -> str:
    """Status for the usual phrases; class 4 where the server gives a 4xx reply. "5.0.0" for any other failure."""
    code = _REPLY_CODE.search(text)
    for status, phrase in _PHRASES:
        if phrase.search(text[:20_000]):
            temporary = code is not None and code[1] == "4"
            return "4" + status[1:] if temporary else status
    return f"{code[1]}.0.0" if code else "5.0.0"


def _blamed(headers: Headers, text: str, told: str, returned: Headers) -> list[str]:
    """Addresses the report is about; never those it was sent to or came from."""
    failed = [a.address for field in headers.all("x-failed-recipients") for a in parse_addresses(field)]
    if failed:
        return failed
    apart = {
        a.address.casefold()
        for name in ("to", "from", "sender", "reply-to")
        for a in parse_addresses(headers.raw(name))
    }
    apart |= {a.address.casefold() for a in parse_addresses(returned.raw("from"))}
    written = [m[1] for m in _BLAMED.finditer(told)] or _ADDRESS.findall(told)
    candidates = [
        one_line(a, 254).strip(".'") for a in written if a.casefold().strip(".'") not in apart and not _is_daemon(a)
    ]
    to = returned.raw("to") or next((m[1] for m in _RETURNED_TO.finditer(text)), "")
    return list(dict.fromkeys(candidates))[:1] or [a.address for a in parse_addresses(to)][:20]


def _is_daemon(address: str) -> bool:
    return bool(re.match(r"(?:mailer.?daemon|postmaster|abuse|support|help)", address, re.IGNORECASE))


def _original_id(text: str, headers: Headers, returned: Headers) -> str | None:
    for field in (
        returned.raw("message-id"),
        headers.raw("original-message-id"),
        headers.raw("x-original-message-id"),
    ):
        if ids := parse_ids(field):
            return ids[0]
    match = _RETURNED_ID.search(text)
    if match:
        return match[1]
    referred = (*parse_ids(headers.raw("in-reply-to")), *parse_ids(headers.raw("references"))[-1:])
    return referred[0] if referred else None
