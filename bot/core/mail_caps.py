"""How much automatic mail may leave: the last wall against two programs that answer each other.

Most of them are recognised when they write (bot/channels/machines.py), and the same words are answered twice a day at
most. What still comes through meets these figures. An answer of an officer is never held back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
BURST: Final = timedelta(minutes=10)
REPLIES_AN_HOUR: Final = 10  # to one citizen
REPLIES_A_DAY: Final = 20
MAILS_A_BURST: Final = 100  # of one office, to all citizens together, within BURST


class Restraint(Enum):
    """NONE: send it. DROP: this reply stays unsaid. WAIT: so much is leaving that something is wrong."""

    NONE = "none"
    DROP = "drop"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Sent:
    """What has left lately: replies to this citizen within an hour and a day, the office's mail in a burst."""

    replies_hour: int
    replies_day: int
    burst: int


def restraint(sent: Sent, *, is_reply: bool) -> Restraint:
    """Whether one more automatic mail may leave; `is_reply`: it answers a mail, so silence breaks the circle."""
    if is_reply and (sent.replies_hour >= REPLIES_AN_HOUR or sent.replies_day >= REPLIES_A_DAY):
        return Restraint.DROP
    return Restraint.WAIT if sent.burst >= MAILS_A_BURST else Restraint.NONE
