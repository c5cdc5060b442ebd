"""The working calendar of one office: when it serves, and which days count as working days.

A working day is a weekday with service hours that is neither a public holiday, nor joint leave (*cuti bersama*:
civil servants do not work), nor closed by the office itself. Holidays come from the `holidays` library (Indonesia,
categories public and government). Joint leave is decreed a year at a time, so a year without any in the data is not
a year without joint leave: `joint_leave_known` tells.

All public functions take aware datetimes and answer in the office's zone. Days are `datetime.date` of that zone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from importlib.metadata import version
from types import MappingProxyType
from zoneinfo import ZoneInfo

from holidays.countries.indonesia import Indonesia

_FAR = 800  # days; no office is closed for two years on end


class CalendarError(ValueError):
    """A calendar that cannot be: no working day at all, or a naive moment."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Service hours of one day, local time, `opens` before `closes`."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise CalendarError(f"service hours end before they begin: {self.opens}-{self.closes}")


@dataclass(frozen=True, slots=True)
class SpecialHours:
    """Other hours for a span of days (Ramadan), or for one (closed from noon). `None`: no service that weekday."""

    first: date
    last: date
    week: tuple[Hours | None, ...]
    reason: str


@lru_cache(maxsize=64)
def _holidays(year: int, category: str) -> Mapping[date, str]:
    return MappingProxyType(dict(Indonesia(years=year, categories=(category,), language="id").items()))


def national_holidays(year: int) -> Mapping[date, str]:
    """Public holidays and joint leave of a year with their Indonesian names."""
    return {**_holidays(year, "government"), **_holidays(year, "public")}


def joint_leave_known(year: int) -> bool:
    """Whether the joint-leave decree of that year is in the data."""
    return bool(_holidays(year, "government"))


@dataclass(frozen=True)
class WorkingCalendar:
    """Service hours a weekday (Monday first, `None` = never), and what departs from them."""

    zone: ZoneInfo
    week: tuple[Hours | None, ...]
    closed_days: Mapping[date, str] = field(default_factory=dict)
    special_hours: tuple[SpecialHours, ...] = ()
    open_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise CalendarError("a calendar needs service hours on at least one of seven weekdays")

    @cached_property
    def version(self) -> str:
        """Short fingerprint of everything that a deadline depends on."""
        content = (
            str(self.zone), self.week, sorted(self.closed_days.items()), self.special_hours,
            sorted(self.open_days), version("holidays"),
        )  # fmt: skip
        return hashlib.sha256(repr(content).encode()).hexdigest()[:10]

    def local(self, moment: datetime) -> datetime:
        """The same instant on the office's clock; a naive moment is an error, never a guess."""
        if moment.tzinfo is None:
            raise CalendarError("a moment without time zone")
        return moment.astimezone(self.zone)

    def closed_because(self, day: date) -> str | None:
        """What closes a day: the holiday's name or the office's own reason; None if nothing does."""
        if day in self.closed_days:
            return self.closed_days[day]
        if day in self.open_days:
            return None
        return national_holidays(day.year).get(day)

    def hours_on(self, day: date) -> Hours | None:
        """Service hours of that day, None on a day without service. The last special rule that covers a day holds."""
        if self.closed_because(day) is not None:
            return None
        for special in reversed(self.special_hours):
            if special.first <= day <= special.last:
                return special.week[day.weekday()]
        return self.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return self.hours_on(day) is not None

    def is_open(self, moment: datetime) -> bool:
        """Open from the opening minute up to, not including, the closing one."""
        local = self.local(moment)
        hours = self.hours_on(local.date())
        return hours is not None and hours.opens <= local.time() < hours.closes

    def opening(self, day: date) -> datetime:
        """When service begins on a working day."""
        return self._at(day, self._hours(day).opens)

    def closing(self, day: date) -> datetime:
        """When service ends on a working day."""
        return self._at(day, self._hours(day).closes)

    def at(self, day: date, clock: time) -> datetime:
        """A clock time of a day in the office's zone."""
        return self._at(day, clock)

    def next_opening(self, moment: datetime) -> datetime:
        """The first opening strictly after the moment."""
        day = self.local(moment).date()
        if self.is_working_day(day) and self.opening(day) > moment:
            return self.opening(day)
        return self.opening(self.working_day_after(day))

    def now_or_next_opening(self, moment: datetime) -> datetime:
        """The moment itself in service hours, else the next opening."""
        return self.local(moment) if self.is_open(moment) else self.next_opening(moment)

    def working_days_after(self, day: date) -> Iterator[date]:
        """Working days strictly after `day`, in order, without end."""
        idle = 0
        while idle < _FAR:
            day += timedelta(days=1)
            idle += 1
            if self.is_working_day(day):
                idle = 0
                yield day
        raise CalendarError(f"no working day in the {_FAR} days before {day}")

    def working_day_after(self, day: date) -> date:
        return next(self.working_days_after(day))

    def working_day_before(self, day: date) -> date:
        """The last working day strictly before `day`."""
        for _ in range(_FAR):
            day -= timedelta(days=1)
            if self.is_working_day(day):
                return day
        raise CalendarError(f"no working day in the {_FAR} days after {day}")

    def _hours(self, day: date) -> Hours:
        hours = self.hours_on(day)
        if hours is None:
            raise CalendarError(f"{day} is not a working day")
        return hours

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone)
