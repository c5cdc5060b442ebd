"""What can happen, each with `at`, an aware datetime: the one "now" of its transaction.

Two alphabets. A *conversation* hears `Heard` (a citizen's message, understood) and everything from staff, the clock
and the provider. A *consultation* knows only the verbs below `Consultation verbs`; the conversation translates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.model import Channel, ClosedReason, Details
from bot.core.reading import Reading


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime


# --- what a citizen does -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OldMenu:
    """Buttons that are not the newest: what they were about, and whether they belong to the present consultation."""

    question: str = ""
    same_consultation: bool = True


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """One message, or several short ones joined. `button` is the key of a tapped option, `attachments` their count.

    `machine`: written by no person (out-of-office, read receipt, reaction); it is kept and shown, never answered.
    `unverified`: an e-mail whose sender could not be authenticated: no case content goes back. `obstacle`: why an
    e-mail could not be read as it is: "encrypted", "too_large", or "". `old_menu`: set when the button is not of the
    last message that was sent.
    """

    text: str
    reading: Reading
    button: str | None = None
    attachments: int = 0
    machine: bool = False
    unverified: bool = False
    obstacle: str = ""
    old_menu: OldMenu | None = None


# --- consultation verbs ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """A question, and the wish that staff answer it."""

    question: str
    channel: Channel
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Added(Event):
    """A further message that belongs to the consultation."""

    text: str


@dataclass(frozen=True, slots=True)
class Served(Event):
    """A real message that the base answered for certain."""


@dataclass(frozen=True, slots=True)
class Pleased(Event):
    """The citizen says that the answer is right."""


@dataclass(frozen=True, slots=True)
class Displeased(Event):
    """The citizen says that the answer is not what he asked."""

    text: str


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """The citizen does not need an answer any more."""


@dataclass(frozen=True, slots=True)
class Chattered(Event):
    """Thanks, a greeting, a reaction, a machine's mail: no reply in the sense of the standard."""


@dataclass(frozen=True, slots=True)
class Rated(Event):
    score: int


@dataclass(frozen=True, slots=True)
class RatingRefused(Event):
    pass


@dataclass(frozen=True, slots=True)
class DetailsGiven(Event):
    details: Details


# --- what staff do -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StaffEvent(Event):
    """`by` is the officer's name as colleagues know it."""

    by: str


@dataclass(frozen=True, slots=True)
class TakenOver(StaffEvent):
    pass


@dataclass(frozen=True, slots=True)
class Released(StaffEvent):
    pass


@dataclass(frozen=True, slots=True)
class Answered(StaffEvent):
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted(StaffEvent):
    text: str


@dataclass(frozen=True, slots=True)
class ClosedByStaff(StaffEvent):
    reason: ClosedReason = ClosedReason.RESOLVED


@dataclass(frozen=True, slots=True)
class ReopenedByStaff(StaffEvent):
    pass


@dataclass(frozen=True, slots=True)
class Transferred(StaffEvent):
    """Handed to a colleague."""

    to: str


# --- what the provider reports -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """The office's answer can be read (delivered on WhatsApp, accepted for an e-mail)."""


@dataclass(frozen=True, slots=True)
class DeliveryFailed(Event):
    """Something for the citizen could not be delivered for good; `reason` in words for staff, `answer`: it was one."""

    reason: str
    answer: bool = True


# --- what the clock brings ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WarningDue(Event):
    pass


@dataclass(frozen=True, slots=True)
class BreachDue(Event):
    pass


@dataclass(frozen=True, slots=True)
class ReminderDue(Event):
    pass


@dataclass(frozen=True, slots=True)
class ClosingDue(Event):
    pass


@dataclass(frozen=True, slots=True)
class CalendarChanged(Event):
    """Hours or closed days of the office changed; running clocks are computed anew."""


@dataclass(frozen=True, slots=True)
class AppointmentEve(Event):
    """15:00 on the working day before an appointment."""
