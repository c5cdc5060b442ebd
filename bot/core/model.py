"""The nouns of the service: office, citizen, conversation, consultation.

Everything is a frozen value. `Conversation` is all that the decisions need to know of one citizen at one office on
one channel; it carries its newest consultation, whatever that one's state. Moments are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from intents.meaning import Kind, Sex
from scheduler.calendar import WorkingCalendar
from scheduler.policy import Policy


class Channel(StrEnum):
    WHATSAPP = "whatsapp"
    EMAIL = "email"


class Field(StrEnum):
    """What the intake may ask of a citizen."""

    NAME = "name"
    SEX = "sex"
    EMAIL = "email"
    PHONE = "phone"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated probabilities. From `answer` on (that the first topic answers) the base answers; from `clarify` on
    (that some topic does) it asks back; below, staff do. `certain`: sure enough to answer beside a consultation.
    """

    answer: float = 0.65
    clarify: float = 0.4
    certain: float = 0.8


@dataclass(frozen=True, slots=True)
class Retention:
    """How long personal data are kept, in days. `raw`: what came in and went out as it was, beside the transcript;
    `files`: attachments; `talks`: who somebody was and what was said, counted from his last word or the closing."""

    raw: int = 90
    files: int = 365
    talks: int = 730


@dataclass(frozen=True)
class Office:
    """One office as its service standard describes it. `facts` are the words that answers are filled with."""

    code: str
    name: str
    calendar: WorkingCalendar
    policies: Mapping[Channel, Policy]
    rating: Literal["promised", "offered"]
    reopen_days: int
    appointments: bool
    intake: tuple[Field, ...]
    facts: Mapping[str, str | bool]
    thresholds: Thresholds = Thresholds()
    regions: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retention: Retention = Retention()

    def policy(self, channel: Channel) -> Policy:
        return self.policies[channel]


@dataclass(frozen=True, slots=True)
class Details:
    """What a citizen told about himself; missing things are None."""

    name: str | None = None
    sex: Sex | None = None
    email: str | None = None
    phone: str | None = None
    kind: Kind | None = None

    def missing(self, wanted: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(f for f in wanted if getattr(self, f.value) is None)

    def updated(self, **news: object) -> Details:
        """A copy in which what is not None in `news` replaces what was known."""
        changes: dict[str, Any] = {k: v for k, v in news.items() if v is not None}
        return replace(self, **changes)


class State(StrEnum):
    """Of a consultation. OPEN: staff owe an answer. ANSWERED: the citizen may speak."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class ClosedReason(StrEnum):
    RESOLVED = "resolved"
    SILENT = "silent"
    WITHDRAWN = "withdrawn"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Consultation:
    """A consultation transaction.

    `number` is given by the store when the consultation is first saved ("3574-2026-000123").
    `asked_at` starts the running answer clock; `readable_at` starts the silence clock: the moment when the office's
    last word was delivered, None while it is not. `version` rises with every change of the clocks.
    """

    question: str
    opened_at: datetime
    asked_at: datetime
    channel: Channel
    number: str | None = None
    state: State = State.OPEN
    due_at: datetime | None = None
    due_explanation: str = ""
    answered_at: datetime | None = None
    readable_at: datetime | None = None
    reminded_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    closed_reason: ClosedReason | None = None
    rating: int | None = None
    rating_refused: bool = False
    officer: str | None = None
    undeliverable: bool = False
    silent: bool = False
    reopened: int = 0
    linked_to: str | None = None
    details: Details = Details()
    version: int = 0

    @property
    def live(self) -> bool:
        return self.state is not State.CLOSED


class Waiting(StrEnum):
    """What the bot's last words asked for. NOTHING: the citizen has the floor."""

    NOTHING = "nothing"
    HELPFUL = "helpful"
    CHOICE = "choice"
    STAFF_OFFER = "staff_offer"
    QUESTION = "question"
    DETAILS = "details"
    RATING = "rating"
    COMPLAINT = "complaint"
    SLOT = "slot"
    PURPOSE = "purpose"
    ERASURE = "erasure"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Option:
    """A button: `key` comes back when it is tapped, `title` may be typed instead."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the talk stands: what is waited for, about which question, with which options; `turn` counts repeats."""

    waiting: Waiting = Waiting.NOTHING
    question: str = ""
    topics: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Appointment:
    at: datetime
    state: Literal["booked", "cancelled", "requested"] = "booked"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the world outside the conversation contributes to a decision.

    `booked`: slots that are taken (aware). `held`: answers of staff that wait for WhatsApp's window to open.
    """

    booked: frozenset[datetime] = frozenset()
    held: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One citizen at one office on one channel. `topic`/`question`: what was last talked about (for follow-ups)."""

    office: str
    channel: Channel
    address: str
    name: str | None = None
    language: str = "id"
    talk: Talk = Talk()
    topic: str | None = None
    question: str = ""
    details: Details = Details()
    consultation: Consultation | None = None
    appointment: Appointment | None = None
    introduced: bool = False
    opted_out: bool = False
    last_heard_at: datetime | None = None
    survey_at: datetime | None = None
