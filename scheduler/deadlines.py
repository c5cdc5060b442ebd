"""Deadlines: (calendar, policy, moment) -> Deadline. Arithmetic only; no clock is read here.

Counting (service standards of both offices, "maksimal n hari kerja setelah ... diterima"): the local date of receipt
is day 0, working day or not; the deadline is the end of service hours on the n-th working day strictly after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice

from scheduler.calendar import WorkingCalendar, joint_leave_known
from scheduler.indonesian import clock, short_date, short_moment, zone_name
from scheduler.policy import Policy

REMINDER_CLOCK = time(9, 0)


class DeadlineKind(StrEnum):
    ANSWER = "answer"
    REMIND = "remind"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at` is aware, in the office's zone; None when nothing of the kind is promised, as `explanation` says.

    `counted`: the working days that were counted, the last one being the day of `due_at`.
    """

    kind: DeadlineKind
    received: datetime
    due_at: datetime | None
    counted: tuple[date, ...]
    explanation: str
    calendar_version: str

    @property
    def working_days(self) -> int | None:
        return len(self.counted) if self.due_at is not None else None


def answer_deadline(calendar: WorkingCalendar, policy: Policy, received: datetime) -> Deadline:
    """By when staff owe an answer to what was received."""
    count = _Count(calendar, received, "diterima", deemed=policy.deemed_receipt == "next_working_day")
    counted = count.days(policy.answer_days)
    return count.deadline(DeadlineKind.ANSWER, counted, calendar.closing(counted[-1]), "batas")


def close_deadline(calendar: WorkingCalendar, policy: Policy, delivered: datetime) -> Deadline:
    """When a silent consultation closes; `delivered` is when the office's last word could be read."""
    count = _Count(calendar, delivered, "kata terakhir kantor tersampaikan")
    if policy.close_days is None:
        return count.nothing(DeadlineKind.CLOSE, "standar pelayanan kantor ini tidak menjanjikan penutupan otomatis")
    counted = count.days(policy.close_days)
    return count.deadline(DeadlineKind.CLOSE, counted, calendar.closing(counted[-1]), "ditutup")


def remind_deadline(calendar: WorkingCalendar, policy: Policy, delivered: datetime) -> Deadline:
    """When a silent citizen is reminded: 09:00 on the working day before closing, or on day `remind_days`.

    A reminder never falls before the word that it reminds of; with one day to closing it goes out on that day.
    """
    count = _Count(calendar, delivered, "kata terakhir kantor tersampaikan")
    days = policy.remind_days if policy.close_days is None else max(policy.close_days - 1, 1)
    if days is None:
        return count.nothing(DeadlineKind.REMIND, "kantor ini tidak mengirim pengingat")
    counted = count.days(days)
    due = max(calendar.at(counted[-1], REMINDER_CLOCK), calendar.opening(counted[-1]))
    return count.deadline(DeadlineKind.REMIND, counted, due, "pengingat")


def deadline(calendar: WorkingCalendar, policy: Policy, kind: DeadlineKind, moment: datetime) -> Deadline:
    """The deadline of a kind; what `moment` is, the three functions above say."""
    rules = {
        DeadlineKind.ANSWER: answer_deadline,
        DeadlineKind.REMIND: remind_deadline,
        DeadlineKind.CLOSE: close_deadline,
    }
    return rules[kind](calendar, policy, moment)


def warning_at(calendar: WorkingCalendar, due_at: datetime) -> datetime:
    """When staff are warned: the opening of the due day."""
    return calendar.opening(calendar.local(due_at).date())


def eve_of(calendar: WorkingCalendar, moment: datetime, at: time) -> datetime:
    """A clock time on the last working day before the moment's day."""
    return calendar.at(calendar.working_day_before(calendar.local(moment).date()), at)


class _Count:
    """One counting of working days from day 0, with the words that explain it."""

    def __init__(self, calendar: WorkingCalendar, moment: datetime, verb: str, *, deemed: bool = False) -> None:
        self.calendar = calendar
        self.moment = calendar.local(moment)
        self.verb = verb
        self.day_zero = _deemed_day(calendar, self.moment) if deemed else self.moment.date()

    def days(self, n: int) -> tuple[date, ...]:
        return tuple(islice(self.calendar.working_days_after(self.day_zero), n))

    def deadline(self, kind: DeadlineKind, counted: tuple[date, ...], due: datetime, word: str) -> Deadline:
        parts = [*self._start(), *_ordinals(counted), *self._skipped(counted[-1])]
        parts.append(f"{word} {short_date(due)} {clock(due)} {zone_name(due)}")
        parts.extend(self._notes(counted[-1]))
        return Deadline(kind, self.moment, due, counted, "; ".join(parts), self.calendar.version)

    def nothing(self, kind: DeadlineKind, reason: str) -> Deadline:
        return Deadline(kind, self.moment, None, (), reason, self.calendar.version)

    def _start(self) -> list[str]:
        start = [f"{self.verb} {short_moment(self.moment)}"]
        if self.day_zero != self.moment.date():
            start.append(f"dianggap diterima {short_date(self.day_zero)}")
        return start

    def _skipped(self, last: date) -> list[str]:
        """Weekdays that did not count, with the reason; weekends need no explanation."""
        days = (self.day_zero + timedelta(days=n) for n in range(1, (last - self.day_zero).days))
        closed = ((day, self.calendar.closed_because(day)) for day in days if day.weekday() < 5)
        words = [f"{short_date(day, year=False)} ({why})" for day, why in closed if why]
        return [f"tidak dihitung: {', '.join(words)}"] if words else []

    def _notes(self, last: date) -> list[str]:
        unknown = [str(y) for y in range(self.day_zero.year, last.year + 1) if not joint_leave_known(y)]
        return [f"cuti bersama {', '.join(unknown)} belum ada dalam data kalender"] if unknown else []


def _deemed_day(calendar: WorkingCalendar, moment: datetime) -> date:
    """Day 0 where late or free-day receipt counts as received on the next working day."""
    hours = calendar.hours_on(moment.date())
    if hours is not None and moment.time() < hours.closes:
        return moment.date()
    return calendar.working_day_after(moment.date())


def _ordinals(counted: tuple[date, ...]) -> list[str]:
    words = [f"ke-{n}: {short_date(day, year=False)}" for n, day in enumerate(counted, start=1)]
    return [f"hari kerja {words[0]}", *words[1:]]
