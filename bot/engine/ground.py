"""What every use case stands on: the database, the offices as they are today, and the pure parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.bookkeeping import Bookkeeper
from bot.channels.port import Incoming, Report
from bot.core.arrivals import Received
from bot.core.model import Channel, Conversation, Office
from bot.core.reading import Reading
from bot.staff_wording import StaffWording
from bot.store.database import Database


class Reader(Protocol):
    """Understands a message in its context; pure and fast (a millisecond or two)."""

    def read(self, text: str, office: Office, conversation: Conversation | None, now: datetime) -> Reading: ...

    def mask(self, text: str) -> str: ...


class ActionRefused(Exception):
    """An officer asked for something that cannot be done; the message is for him, in Indonesian."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the engine is given by the composition root to read what comes in; all pure."""

    read_message: Mapping[Channel, Callable[[Received], Incoming]]
    read_status: Mapping[Channel, Callable[[Received], Report]]


@dataclass(slots=True)
class Ground:
    """Given to every use case. `offices` are the packaged ones with the announced calendar changes in force."""

    database: Database
    packaged: Mapping[str, Office]
    reader: Reader
    bookkeeper: Bookkeeper
    doors: Doors
    staff_wording: StaffWording
    new_token: Callable[[], str]
    offices: Mapping[str, Office] = field(init=False)

    def __post_init__(self) -> None:
        self.offices = dict(self.packaged)

    def local(self, code: str, now: datetime) -> datetime:
        """A moment on the clock of an office."""
        return self.offices[code].calendar.local(now)
