"""Tells mail of machines from mail of people, before anything is answered.

Answering a machine makes a loop or a fool; not answering a citizen breaks the promise. So the kinds differ in
what they need: *a stated fact* (a report's content type, an Auto-Submitted field, a daemon's address)
suffices alone; *appearances* (a subject, a phrase, an empty return path) must agree with each other before
they make a bounce, and a phrase of absence alone stops the answer, and only where nothing is asked.
Sources: RFC 3834, RFC 3464, RFC 2919, RFC 2369, the Microsoft header X-Auto-Response-Suppress.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from bot.channels import machine_words as words
from bot.channels.automatic_signs import LIST_HEADERS, stated_automatic
from bot.channels.bounce_signs import bounce_reasons
from bot.channels.envelope import Envelope, Reason
from bot.channels.envelope import OwnAddresses as OwnAddresses
from bot.channels.headers import parse_addresses, parse_ids
from bot.channels.parts import Part

Kind = Literal["message", "auto_reply", "bounce", "list", "calendar", "encrypted", "own"]


_ROBOT_LOCAL: Final = words.pattern(words.ROBOT_LOCALS + words.ADMIN_LOCALS, r"^(?:%s)(?:[+=].*)?$")
_ABSENCE: Final = words.pattern(words.ABSENCE, r"%s")
_RESPONDER: Final = tuple(re.compile(phrase, re.IGNORECASE) for phrase in words.RESPONDER)
_RESPONDER_TOO: Final = tuple(re.compile(phrase, re.IGNORECASE) for phrase in words.RESPONDER_TOO)
_ASKS: Final = words.pattern(words.ASKING, r"\?|？|\b(?:%s)\b")
_LONGEST_NOTICE: Final = 1500
_LONGEST_ABSENCE: Final = 600


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mail is. `absent`: reads like an absence notice, a soft sign that changes neither kind nor answer."""

    kind: Kind
    reply_allowed: bool
    reasons: tuple[Reason, ...]
    read_receipt: bool = False
    absent: bool = False


Rule = Callable[[Envelope], Iterator[Reason]]


def judge(envelope: Envelope) -> Verdict:
    """The kind of a mail and whether a machine may answer it."""
    receipt = _is_read_receipt(envelope)
    for kind, rule in _KINDS:
        reasons = tuple(rule(envelope))
        if reasons:
            return Verdict(
                kind,
                kind == "encrypted" and bool(envelope.sender.address),
                reasons,
                receipt,
                _sounds_absent(envelope),
            )
    doubts = tuple(_doubts(envelope))
    return Verdict("message", not doubts, doubts, receipt, _sounds_absent(envelope))


def _own(envelope: Envelope) -> Iterator[Reason]:
    if envelope.sender.address.casefold() in envelope.own.addresses:
        yield Reason("own_sender", envelope.sender.address)
    for identifier in parse_ids(envelope.headers.raw("message-id")):
        if identifier.rpartition("@")[2].strip(">").casefold() in envelope.own.message_id_domains:
            yield Reason("own_message_id", identifier)
    for value in envelope.headers.all("x-loop"):
        if any(a.address.casefold() in envelope.own.addresses for a in parse_addresses(value)):
            yield Reason("own_loop_mark", value[:200])


def _calendar(envelope: Envelope) -> Iterator[Reason]:
    """An invitation or its answer (RFC 5546); a calendar file that somebody attached is a file."""
    for part in envelope.leaves:
        if part.content_type == "text/calendar" and part.disposition != "attachment":
            method = part.parameter("method") or _calendar_method(part)
            if method and method.upper() != "PUBLISH":
                yield Reason("calendar_method", method[:40])
    if envelope.root.content_type == "text/calendar":
        yield Reason("calendar", "")


def _calendar_method(part: Part) -> str:
    match = re.search(rb"^METHOD:\s*([A-Za-z-]{1,40})", part.body(20_000), re.MULTILINE)
    return match[1].decode("ascii") if match else ""


def _automatic(envelope: Envelope) -> Iterator[Reason]:
    """What states that nobody wrote it."""
    yield from stated_automatic(envelope)
    if _is_read_receipt(envelope):
        yield Reason("read_receipt", envelope.subject)
    if envelope.null_return_path:
        yield Reason("null_return_path", "")
    if "message/feedback-report" in envelope.types or envelope.root.content_type == "multipart/report":
        yield Reason("report", envelope.report_type)


def _robot(envelope: Envelope) -> Iterator[Reason]:
    """What looks as if nobody wrote it: the sender's address, the subject."""
    for address in envelope.senders:
        if _ROBOT_LOCAL.match(address.local):
            yield Reason("robot_sender", address.address)
    if words.AUTO_SUBJECT.match(envelope.subject) and not _only_thanks(envelope):
        yield Reason("automatic_subject", envelope.subject)


def _notice(envelope: Envelope) -> Iterator[Reason]:
    """A short text that says twice what only responders say, and asks for nothing: sent by a machine without a mark.

    Somebody on leave who asks is a citizen, so a question or a request outweighs everything.
    """
    text = envelope.text.strip()
    if not text or len(text) > _LONGEST_NOTICE or _ASKS.search(text):
        return
    hard = [m.span() for phrase in _RESPONDER if (m := phrase.search(text))]
    spans = sorted([*hard, *(m.span() for phrase in _RESPONDER_TOO if (m := phrase.search(text)))])
    apart = [*spans[:1], *(later for earlier, later in pairwise(spans) if later[0] >= earlier[1])]
    if hard and len(apart) >= 2:
        yield Reason("responder_words", "; ".join(text[start:end] for start, end in apart)[:200])


def _only_thanks(envelope: Envelope) -> bool:
    """People too write "Thank you for your message"; it counts only where nothing speaks for a person."""
    thanks = re.match(
        r"\W*(?:thank you|terima ?kasih|(?:your|we have|pesan|email|surel) )", envelope.subject, re.IGNORECASE
    )
    return bool(thanks) and envelope.returns_to_sender


def _is_read_receipt(envelope: Envelope) -> bool:
    if envelope.report_type == "disposition-notification" or "message/disposition-notification" in envelope.types:
        return True
    return bool(words.READ_SUBJECT.match(envelope.subject)) and not envelope.returns_to_sender


def _list(envelope: Envelope) -> Iterator[Reason]:
    for name in LIST_HEADERS:
        if envelope.headers.has(name):
            yield Reason("list_header", name)
    if envelope.headers.text("precedence", 40).lower().startswith(("list", "bulk", "junk")):
        yield Reason("precedence", "list")


def _encrypted(envelope: Envelope) -> Iterator[Reason]:
    for part in envelope.root.walk():
        smime = part.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime")
        if part.content_type == "multipart/encrypted" or (
            smime and part.parameter("smime-type").lower() not in ("signed-data", "certs-only")
        ):
            yield Reason("encrypted", part.content_type)
    if envelope.text.lstrip().startswith("-----BEGIN PGP MESSAGE-----"):
        yield Reason("encrypted", "pgp")


def _doubts(envelope: Envelope) -> Iterator[Reason]:
    """What makes an automatic answer unwise although a person may have written."""
    if not envelope.sender.address:
        yield Reason("no_sender", "")
    for name in ("feedback-id", "x-loop"):
        if envelope.headers.has(name):
            yield Reason("bulk_mark", name)
    if re.search(r"\bdr\b", envelope.headers.text("x-auto-response-suppress", 80).lower()):
        yield Reason("auto_response_suppress", "dr")
    if _sounds_absent(envelope) and len(envelope.text) <= _LONGEST_ABSENCE and not _ASKS.search(envelope.text):
        yield Reason("sounds_absent", "")
    if envelope.own.addresses and not _addressed_to(envelope):
        yield Reason("not_addressed_to_us", "")


def _addressed_to(envelope: Envelope) -> bool:
    """Our address, with or without a plus part, stands in To or Cc; else we were a blind copy or on a list."""
    named = {
        _without_plus(a.address)
        for name in ("to", "cc")
        for field in envelope.headers.all(name)
        for a in parse_addresses(field)
    }
    return bool(named & envelope.own.addresses)


def _without_plus(address: str) -> str:
    local, at, domain = address.casefold().rpartition("@")
    return local.partition("+")[0] + at + domain


def _sounds_absent(envelope: Envelope) -> bool:
    return bool(_ABSENCE.search(envelope.text[:400]))


# In this order: a bounce may come from our own domain, an invitation from a robot, an absence note over a list,
# and a newsletter from an address like promo@.
_KINDS: Final[tuple[tuple[Kind, Rule], ...]] = (
    ("bounce", bounce_reasons),
    ("own", _own),
    ("calendar", _calendar),
    ("auto_reply", _automatic),
    ("list", _list),
    ("auto_reply", _robot),
    ("encrypted", _encrypted),
    ("auto_reply", _notice),
)
