"""What a change of hours would move: days, answer deadlines, automatic closings, appointments. Pure; nothing is saved.

It counts as the core does when the change is made (bot.core.consultation, `CalendarChanged`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.calendars import with_change
from bot.core.appointment import LENGTH
from bot.core.model import Channel, Office
from bot.store.calendar import CalendarChange
from bot.web.inbox_lines import citizen
from scheduler.calendar import Hours, WorkingCalendar
from scheduler.deadlines import answer_deadline, close_deadline
from scheduler.indonesian import short_date, short_moment

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DayMove:
    day: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Move:
    number: str
    citizen: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    days: tuple[DayMove, ...]
    answers: tuple[Move, ...]
    closings: tuple[Move, ...]
    appointments: tuple[Move, ...]


def preview(office: Office, change: CalendarChange, live: Sequence[Row], booked: Sequence[Row]) -> Preview:
    """`live`: open and answered consultations as listed; `booked`: appointments to come."""
    after = with_change(office.calendar, change)
    return Preview(
        tuple(_day(day, office.calendar, after) for day in _days(change) if _moves(day, office.calendar, after)),
        tuple(m for row in live if row["state"] == "open" for m in _answer(row, office, after)),
        tuple(m for row in live if row["state"] == "answered" for m in _closing(row, office, after)),
        tuple(m for row in booked for m in _appointment(row, office, after)),
    )  # fmt: skip


def hours_words(hours: Hours | None) -> str:
    return f"{hours.opens:%H.%M}–{hours.closes:%H.%M}" if hours else "tutup"


def change_hours(change: CalendarChange) -> str:
    if change.opens is None or change.closes is None:
        return hours_words(None)
    return hours_words(Hours(change.opens, change.closes))


def _days(change: CalendarChange) -> list[date]:
    return [change.first + timedelta(days=n) for n in range((change.last - change.first).days + 1)]


def _moves(day: date, before: WorkingCalendar, after: WorkingCalendar) -> bool:
    return before.hours_on(day) != after.hours_on(day)


def _day(day: date, before: WorkingCalendar, after: WorkingCalendar) -> DayMove:
    return DayMove(short_date(day), hours_words(before.hours_on(day)), hours_words(after.hours_on(day)))


def _answer(row: Row, office: Office, after: WorkingCalendar) -> list[Move]:
    due = answer_deadline(after, office.policy(Channel(row["channel"])), row["asked_at"]).due_at
    return _moved(row, row["due_at"], due, office)


def _closing(row: Row, office: Office, after: WorkingCalendar) -> list[Move]:
    if row["readable_at"] is None or row["closes_at"] is None or row["reminded_at"] is not None:
        return []
    closing = close_deadline(after, office.policy(Channel(row["channel"])), row["readable_at"]).due_at
    return _moved(row, row["closes_at"], closing, office)


def _appointment(row: Row, office: Office, after: WorkingCalendar) -> list[Move]:
    """An appointment that would no longer lie inside service hours."""
    start, end = after.local(row["at"]), after.local(row["at"] + LENGTH)
    hours = after.hours_on(start.date())
    if hours is not None and hours.opens <= start.time() and end.time() <= hours.closes:
        return []
    return [Move(row["number"] or "", citizen(row), short_moment(start), "di luar jam layanan")]


def _moved(row: Row, before: datetime | None, after: datetime | None, office: Office) -> list[Move]:
    if before is None or after is None or before == after:
        return []
    local = office.calendar.local
    return [Move(row["number"], citizen(row), short_moment(local(before)), short_moment(local(after)))]
