"""WhatsApp's window: the one way out for each message, decided when it is about to be sent.

Free text may leave for 24 hours after the citizen's last message (a margin is kept); later only an approved template.
A template sent by us does not open the window, the citizen's answer to it does.
Source: Twilio key concepts (customer service window), error 63016.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.effects import Purpose, Template

WINDOW = timedelta(hours=24)
MARGIN = timedelta(minutes=10)
_PROACTIVE = frozenset({Purpose.REMINDER, Purpose.CLOSING, Purpose.NOTICE})
_CARRIES_ALL = frozenset({Template.REMINDER, Template.CLOSED, Template.RATING})


class WayOut(StrEnum):
    """FREE: as it is. TEMPLATE: the template says it all. HOLD: the template knocks, the text waits for the citizen.
    EMAIL: over the address that he gave. NOWHERE: staff are told. DROP: he asked not to be written to first."""

    FREE = "free"
    TEMPLATE = "template"
    HOLD = "hold"
    EMAIL = "email"
    NOWHERE = "nowhere"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision needs: until when the window is open, which templates there are, an e-mail address or None.

    `unasked`: it answers no message of his.
    """

    window_until: datetime | None
    now: datetime
    templates: frozenset[Template]
    email: str | None = None
    opted_out: bool = False
    unasked: bool = True


def stopped(purpose: Purpose, *, opted_out: bool, unasked: bool) -> bool:
    """Whether a message must not be sent at all: he asked not to be written to first, on whichever channel.

    What answers his own message, and an officer's answer to his question, is still his.
    """
    return opted_out and unasked and purpose in _PROACTIVE


def way_out(purpose: Purpose, template: Template | None, situation: Situation) -> WayOut:
    """How a WhatsApp message leaves now."""
    if stopped(purpose, opted_out=situation.opted_out, unasked=situation.unasked):
        return WayOut.DROP
    if is_open(situation.window_until, situation.now):
        return WayOut.FREE
    if template is not None and template in situation.templates and not situation.opted_out:
        return WayOut.TEMPLATE if template in _CARRIES_ALL else WayOut.HOLD
    return WayOut.EMAIL if situation.email else WayOut.NOWHERE


def is_open(window_until: datetime | None, now: datetime) -> bool:
    return window_until is not None and now < window_until - MARGIN
