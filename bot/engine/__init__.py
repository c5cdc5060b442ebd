"""The use cases: one function each, one transaction each.

    receive   store what came in, under its unique key, before anything is understood
    attend    understand and answer what one citizen wrote
    act       what an officer does; the only way for staff to reach a consultation
    sweep     what is due by the clock
    digest    the morning's summary for staff

Knows no channel (pure parsers come in as functions) and decides nothing (bot.core does). Every function takes the
moment that it happens at; network calls never happen in here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.bookkeeping import Bookkeeper
from bot.core.model import Office
from bot.engine.clockwork import Clockwork
from bot.engine.deliveries import Deliveries
from bot.engine.desk import Desk, Objection
from bot.engine.ground import ActionRefused, Doors, Ground, Reader
from bot.engine.hours import Hours
from bot.engine.reception import Reception
from bot.engine.rights import Rights
from bot.engine.staff_mail import StaffMail
from bot.staff_wording import StaffWording
from bot.store.database import Database

__all__ = ["ActionRefused", "Doors", "Engine", "Objection", "Reader"]


class Engine:
    """All use cases over one database."""

    def __init__(
        self, database: Database, offices: Mapping[str, Office], reader: Reader, bookkeeper: Bookkeeper,
        doors: Doors, staff_wording: StaffWording, new_token: Callable[[], str],
    ) -> None:  # fmt: skip
        ground = Ground(database, offices, reader, bookkeeper, doors, staff_wording, new_token)
        desk = Desk(ground)
        self._ground = ground
        self.deliveries = Deliveries(ground)
        reception = Reception(ground, self.deliveries, StaffMail(ground, desk))
        hours = Hours(ground)
        rights = Rights(ground)
        clockwork = Clockwork(ground)
        self.receive = reception.receive
        self.attend = reception.attend
        self.attend_all = reception.attend_all
        self.act = desk.act
        self.approve_deletion = rights.approve_deletion
        self.send_data = rights.send_data
        self.change_calendar = hours.change
        self.withdraw_calendar_change = hours.withdraw
        self.refresh_calendars = hours.refresh
        self.sweep = clockwork.sweep
        self.digest = clockwork.digest
        self.next_due = clockwork.next_due

    @property
    def offices(self) -> Mapping[str, Office]:
        """The offices with the calendar changes that are in force today."""
        return self._ground.offices
