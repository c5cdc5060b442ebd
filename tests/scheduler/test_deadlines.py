"""Deadlines of every kind under any calendar: monotone, never earlier for a free day, always in service hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar import Hours, SpecialHours, WorkingCalendar
from scheduler.deadlines import Deadline, DeadlineKind, deadline, eve_of, warning_at
from scheduler.policy import Policy
from tests.conftest import WIB

LONG, FRIDAY = Hours(time(8), time(15, 30)), Hours(time(8), time(16))
RAMADAN = Hours(time(8), time(15))
CALENDAR = WorkingCalendar(WIB, (LONG, LONG, LONG, LONG, FRIDAY, None, None))
DAYS = st.dates(date(2025, 2, 1), date(2027, 10, 31))
MOMENTS = st.datetimes(datetime(2025, 2, 1), datetime(2027, 10, 31)).map(lambda d: d.replace(tzinfo=WIB))
FREE = st.sets(DAYS, max_size=10)
KINDS = st.sampled_from(DeadlineKind)
POLICIES = st.one_of(
    st.builds(Policy, st.integers(1, 6), close_days=st.integers(1, 6)),
    st.builds(Policy, st.integers(1, 6), remind_days=st.integers(1, 6)),
    st.builds(Policy, st.integers(1, 6), deemed_receipt=st.just("next_working_day")),
)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """The usual week with closed days, opened holidays, and a span of other hours."""
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 40)))
    special = SpecialHours(first, last, (RAMADAN,) * 5 + (None,) * 2, "lain")
    closed = dict.fromkeys(draw(FREE), "tutup")
    return replace(CALENDAR, closed_days=closed, open_days=frozenset(draw(FREE)), special_hours=(special,))


def found(calendar: WorkingCalendar, policy: Policy, kind: DeadlineKind, moment: datetime) -> Deadline:
    return deadline(calendar, policy, kind, moment)


@given(calendars(), POLICIES, KINDS, MOMENTS)
def test_it_lies_in_service_hours_of_a_working_day_after_the_moment(
    calendar: WorkingCalendar, policy: Policy, kind: DeadlineKind, moment: datetime
) -> None:
    due = found(calendar, policy, kind, moment).due_at
    if due is None:
        return
    day = calendar.local(due).date()
    assert calendar.is_working_day(day)
    assert calendar.opening(day) <= due <= calendar.closing(day)
    assert day > calendar.local(moment).date()
    if kind is not DeadlineKind.REMIND:
        assert due == calendar.closing(day)
        assert calendar.is_open(warning_at(calendar, due))


@given(calendars(), POLICIES, KINDS, MOMENTS, MOMENTS)
def test_what_comes_later_is_never_due_earlier(
    calendar: WorkingCalendar, policy: Policy, kind: DeadlineKind, one: datetime, other: datetime
) -> None:
    earlier, later = (found(calendar, policy, kind, m).due_at for m in sorted((one, other)))
    assert (earlier is None) == (later is None)
    assert earlier is None or later is None or earlier <= later


@given(POLICIES, KINDS, MOMENTS, FREE)
def test_a_free_day_never_makes_it_earlier(
    policy: Policy, kind: DeadlineKind, moment: datetime, free: set[date]
) -> None:
    closed = replace(CALENDAR, closed_days=dict.fromkeys(free, "tutup"))
    before, after = (found(c, policy, kind, moment).due_at for c in (CALENDAR, closed))
    assert (before is None) == (after is None)
    assert before is None or after is None or before <= after


@given(calendars(), st.integers(1, 8), MOMENTS)
def test_more_days_are_due_later(calendar: WorkingCalendar, days: int, moment: datetime) -> None:
    policies = (Policy(days, close_days=days), Policy(days + 1, close_days=days + 1))
    for kind in (DeadlineKind.ANSWER, DeadlineKind.CLOSE):
        less, more = (found(calendar, policy, kind, moment).due_at for policy in policies)
        assert less is not None
        assert more is not None
        assert less < more


@given(calendars(), st.integers(1, 6), MOMENTS)
def test_the_reminder_comes_after_the_answer_and_before_the_closing(
    calendar: WorkingCalendar, days: int, moment: datetime
) -> None:
    policy = Policy(3, close_days=days)
    reminder = found(calendar, policy, DeadlineKind.REMIND, moment).due_at
    closing = found(calendar, policy, DeadlineKind.CLOSE, moment).due_at
    assert reminder is not None
    assert closing is not None
    assert moment < reminder < closing


@given(calendars(), POLICIES, KINDS, MOMENTS)
def test_the_explanation_names_every_counted_day_and_the_calendar(
    calendar: WorkingCalendar, policy: Policy, kind: DeadlineKind, moment: datetime
) -> None:
    deadline_found = found(calendar, policy, kind, moment)
    assert deadline_found.calendar_version == calendar.version
    for number, _ in enumerate(deadline_found.counted, start=1):
        assert f"ke-{number}: " in deadline_found.explanation
    if deadline_found.due_at is None:
        assert deadline_found.explanation
        assert not deadline_found.counted


@given(calendars(), MOMENTS)
def test_the_eve_is_on_a_working_day_before(calendar: WorkingCalendar, moment: datetime) -> None:
    eve = eve_of(calendar, moment, time(15))
    assert calendar.is_working_day(eve.date())
    assert eve.date() < calendar.local(moment).date()
