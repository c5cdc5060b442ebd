"""What we may do about an event. The core decides; the engine turns effects into rows, the outbox into calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.model import Appointment, Option, Talk

DATA_REQUEST_TERM = timedelta(hours=72)  # UU PDP 27/2022: 3 x 24 hours


class Purpose(StrEnum):
    """Why something is sent to a citizen; decides precedence, mail headers and what may leave outside the window."""

    REPLY = "reply"
    STAFF_ANSWER = "staff_answer"
    REMINDER = "reminder"
    CLOSING = "closing"
    NOTICE = "notice"


class Notice(StrEnum):
    """Why staff are notified."""

    NEW = "new"
    REOPENED = "reopened"
    MESSAGE = "message"
    DUE_TODAY = "due_today"
    BREACH = "breach"
    COMPLAINT = "complaint"
    APPOINTMENT = "appointment"
    DATA_REQUEST = "data_request"
    UNDELIVERABLE = "undeliverable"
    SILENT = "silent"


class ClockKind(StrEnum):
    """Kinds of deadline rows."""

    WARN = "warn"
    BREACH = "breach"
    REMIND = "remind"
    CLOSE = "close"
    APPOINTMENT = "appointment"


class Template(StrEnum):
    """Approved WhatsApp templates, for what must leave outside the window."""

    ANSWER_READY = "jawaban_tersedia"
    REMINDER = "pengingat_balas"
    CLOSED = "konsultasi_ditutup"
    RATING = "minta_penilaian"
    DETAILS = "minta_kelengkapan"
    NEWS = "kabar_konsultasi"


class Effect:
    """Base of all effects."""


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph to be worded: a key of bot/wording and what it is filled with."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say(Effect):
    """One message to the citizen (one bubble, one mail). `talk`: what the bot waits for once it is said."""

    purpose: Purpose
    parts: tuple[Part, ...]
    options: tuple[Option, ...] = ()
    talk: Talk | None = None
    template: Template | None = None
    attachments: tuple[str, ...] = ()
    by: str | None = None
    calendar_file: Appointment | None = None


@dataclass(frozen=True, slots=True)
class ReleaseHeld(Effect):
    """The citizen wrote: answers that waited for WhatsApp's window leave now, as one."""


@dataclass(frozen=True, slots=True)
class NotifyStaff(Effect):
    """`doubt`: why it may not be true ("unverified": the sender of the mail may be forged), "" for nothing."""

    kind: Notice
    text: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class SetDeadline(Effect):
    """A deadline row is set or replaced. `due_at` is aware; `calendar_version` is what it was computed with."""

    kind: ClockKind
    due_at: datetime
    explanation: str
    calendar_version: str


@dataclass(frozen=True, slots=True)
class DropDeadline(Effect):
    kind: ClockKind


@dataclass(frozen=True, slots=True)
class RecordComplaint(Effect):
    text: str


@dataclass(frozen=True, slots=True)
class RecordAppointment(Effect):
    appointment: Appointment
    previous: Appointment | None = None


@dataclass(frozen=True, slots=True)
class RecordDataRequest(Effect):
    """A request under UU PDP 27/2022; `due_at` is 3 x 24 hours after it."""

    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RecordSurvey(Effect):
    scores: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Log(Effect):
    """A line in the consultation's history, for the `why` view."""

    what: str
    detail: str = ""
