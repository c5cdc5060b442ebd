"""Whether a mail is a delivery report: by what it states, or by appearances that agree.

Servers that follow no standard show a report only by its looks, and each look alone is also found in mails of
people ("my mail could not be delivered, what is your address?"). So looks are weighed, and a person's name or
free mail account weighs against them.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.channels import machine_words as words
from bot.channels.automatic_signs import stated_automatic
from bot.channels.bounce_words import PHRASES, SUBJECTS
from bot.channels.envelope import Envelope, Reason
from bot.channels.subjects import is_forward

_ENOUGH: Final = 3
_LOOKED_AT: Final = 6000

_DAEMON_LOCAL: Final = words.pattern(words.DAEMON_LOCALS, r"^(?:%s)(?:[+=].*)?$")
_ADMIN_LOCAL: Final = words.pattern(words.ADMIN_LOCALS, r"^(?:%s)(?:[+=].*)?$")
_DAEMON_NAME: Final = words.pattern(words.DAEMON_NAMES, r"^\W*(?:%s)")
_BOUNCE_SUBJECT: Final = words.pattern(SUBJECTS, r"^\W*(?:\[[^\]]{1,40}\]\s*)?(?:%s)")
_BOUNCE_PHRASE: Final = words.pattern(PHRASES, r"%s")
_BOUNCE_WITHIN: Final = re.compile(
    r"delivery (?:has )?failed|undeliver|non remis|not delivered|returned mail|failure notice|unzustellbar",
    re.IGNORECASE,
)
_REPORT_STRUCTURE: Final = re.compile(
    r"^[^\w\n]{0,12}[^\s@<>]+@[\w.-]+[^\w\n]{0,12}$|^[^\w\n]{0,12}[^\s@<>]+@[\w.-]+>?\s*(?:[:(.-]|\.\.\.)|"
    r"(?<!\d)[45]\d\d[ -]#?[45]\.\d|^[^\w\n]{0,12}(?:5[05]\d|4[25]\d)[ -]|"
    r"^[^\w\n]{0,12}(?:Final-Recipient|Received|Message-ID|Return-Path|Diagnostic)\s*:|"
    r"<<< ?[45]\d\d|>>> ?(?:RCPT|DATA|MAIL)|"
    r"(?:created|generated) automatically|automatically (?:created|generated)",
    re.MULTILINE | re.IGNORECASE,
)
_RETURNED: Final = frozenset({"message/rfc822", "text/rfc822-headers"})


def bounce_reasons(envelope: Envelope) -> Iterator[Reason]:
    """Why the mail is a delivery report; nothing when it is none."""
    if envelope.report_type == "delivery-status" or "message/delivery-status" in envelope.types:
        yield Reason("delivery_report", envelope.root.content_type)
    if envelope.headers.has("x-failed-recipients"):
        yield Reason("failed_recipients", envelope.headers.text("x-failed-recipients", 200))
    if (
        _is_daemon(envelope)
        and envelope.report_type in ("", "delivery-status")
        and not words.AUTO_SUBJECT.match(envelope.subject)
    ):
        yield Reason("daemon_sender", envelope.sender.address or envelope.sender.name)
    if _looks_like_bounce(envelope):
        yield Reason("looks_like_bounce", envelope.subject)


def _is_daemon(envelope: Envelope) -> bool:
    return (
        any(_DAEMON_LOCAL.match(a.local) for a in envelope.senders)
        or "mailer-daemon" in envelope.headers.raw("from").lower()
    )


def _looks_like_bounce(envelope: Envelope) -> bool:
    """Appearances only: what people too may have one of, and in sum only servers."""
    told = envelope.text[:_LOOKED_AT]
    if not _BOUNCE_PHRASE.search(f"{envelope.subject}\n{told}"):
        return False
    shaped = _has_report_structure(told) or bool(_RETURNED & envelope.types)
    if not (shaped or _is_administrator(envelope) or envelope.null_return_path):
        return False
    return sum(weight for weight, holds in _appearances(envelope) if holds) >= _ENOUGH


def _appearances(envelope: Envelope) -> Iterator[tuple[int, bool]]:
    """Weight and presence of each sign of a bounce that states nothing."""
    subject = bool(_BOUNCE_SUBJECT.match(envelope.subject)) and not is_forward(envelope.subject)
    yield 2, subject
    yield 1, not subject and bool(_BOUNCE_WITHIN.search(envelope.subject))
    yield 2, _is_administrator(envelope)
    yield 2, envelope.null_return_path
    yield 1, bool(_BOUNCE_PHRASE.search(envelope.text[:_LOOKED_AT]))
    yield 1, _has_report_structure(envelope.text[:_LOOKED_AT])
    yield 1, bool(_RETURNED & envelope.types)
    yield 1, next(stated_automatic(envelope), None) is not None
    yield -2, _is_person(envelope)


def _is_administrator(envelope: Envelope) -> bool:
    sender = envelope.sender
    return not sender.address or bool(_DAEMON_NAME.match(sender.name) or _ADMIN_LOCAL.match(sender.local))


def _is_person(envelope: Envelope) -> bool:
    """Speaks for a person: a name or a free mail account, and no sign of a server in the envelope."""
    named = bool(envelope.sender.name) or envelope.sender.domain in words.FREE_MAIL
    return named and not _is_administrator(envelope) and not envelope.null_return_path


def _has_report_structure(told: str) -> bool:
    return bool(_REPORT_STRUCTURE.search(told))
