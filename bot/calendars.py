"""The offices with the calendars that are in force now: the office file, and on top of it what staff announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.core.model import Office
from bot.store.calendar import CalendarChange
from scheduler.calendar import Hours, SpecialHours, WorkingCalendar

LONGEST = timedelta(days=120)


def in_force(offices: Mapping[str, Office], changes: Iterable[CalendarChange]) -> dict[str, Office]:
    """Each office with its changes applied, in order."""
    changed = dict(offices)
    for change in changes:
        if change.office in changed:
            office = changed[change.office]
            changed[change.office] = replace(office, calendar=with_change(office.calendar, change))
    return changed


def with_change(calendar: WorkingCalendar, change: CalendarChange) -> WorkingCalendar:
    """A calendar with one more announcement: days without service, or a span with other hours."""
    if change.opens is None or change.closes is None:
        closed = dict.fromkeys(_days(change.first, change.last), change.reason)
        return replace(calendar, closed_days={**calendar.closed_days, **closed})
    hours = Hours(change.opens, change.closes)
    week = tuple(hours if usual else None for usual in calendar.week)
    special = SpecialHours(change.first, change.last, week, change.reason)
    return replace(calendar, special_hours=(*calendar.special_hours, special))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range(min((last - first), LONGEST).days + 1)]
