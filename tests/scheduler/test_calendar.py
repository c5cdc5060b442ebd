"""The working calendar: holidays, joint leave, closed days, special hours; and its algebra."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Channel, Office
from scheduler.calendar import CalendarError, Hours, SpecialHours, WorkingCalendar, joint_leave_known
from scheduler.deadlines import answer_deadline, close_deadline, remind_deadline
from scheduler.policy import Policy, PolicyError
from tests.conftest import WIB, wib

LONG, FRIDAY = Hours(time(8), time(15, 30)), Hours(time(8), time(16))
WEEK = (LONG, LONG, LONG, LONG, FRIDAY, None, None)
CALENDAR = WorkingCalendar(WIB, WEEK)
days = st.dates(date(2025, 1, 1), date(2027, 11, 30))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 11, 30)).map(lambda d: d.replace(tzinfo=WIB))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-11-20", True),  # an ordinary Friday
        ("2026-11-21", False),  # Saturday
        ("2026-08-17", False),  # Independence Day, a Monday
        ("2026-12-24", False),  # joint leave before Christmas, a Thursday
        ("2026-03-23", False),  # joint leave after Idulfitri, a Monday
        ("2026-03-25", True),
    ],
)
def test_weekends_holidays_and_joint_leave_are_no_working_days(day: str, working: bool) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day)) is working


def test_a_year_whose_joint_leave_is_not_decreed_is_told_apart() -> None:
    assert joint_leave_known(2026)
    assert not joint_leave_known(2028)


def test_the_offices_own_closed_day_is_no_working_day() -> None:
    closed = replace(CALENDAR, closed_days={date(2026, 11, 23): "listrik padam"})
    assert not closed.is_working_day(date(2026, 11, 23))
    assert closed.closed_because(date(2026, 11, 23)) == "listrik padam"
    assert closed.version != CALENDAR.version


def test_a_joint_leave_day_that_was_withdrawn_is_a_working_day_again() -> None:
    opened = replace(CALENDAR, open_days=frozenset({date(2026, 12, 24)}))
    assert opened.is_working_day(date(2026, 12, 24))


def test_special_hours_replace_the_weeks_own_for_their_days() -> None:
    ramadan = Hours(time(8), time(15))
    special = SpecialHours(date(2026, 2, 18), date(2026, 3, 17), (ramadan,) * 5 + (None, None), "Ramadan")
    calendar = replace(CALENDAR, special_hours=(special,))
    assert calendar.closing(date(2026, 3, 2)) == wib("2026-03-02 15:00")
    assert calendar.closing(date(2026, 4, 6)) == wib("2026-04-06 15:30")


@pytest.mark.parametrize(
    ("moment", "is_open", "following"),
    [
        ("2026-11-20 07:59", False, "2026-11-20 08:00"),
        ("2026-11-20 08:00", True, "2026-11-23 08:00"),
        ("2026-11-20 15:59", True, "2026-11-23 08:00"),
        ("2026-11-20 16:00", False, "2026-11-23 08:00"),
        ("2026-11-21 10:00", False, "2026-11-23 08:00"),
    ],
)
def test_open_from_the_opening_minute_up_to_the_closing_one(moment: str, is_open: bool, following: str) -> None:
    assert CALENDAR.is_open(wib(moment)) is is_open
    assert CALENDAR.next_opening(wib(moment)) == wib(following)


def test_a_naive_moment_is_an_error() -> None:
    with pytest.raises(CalendarError):
        CALENDAR.is_open(datetime(2026, 11, 20, 9))


def test_an_office_that_never_opens_is_an_error() -> None:
    with pytest.raises(CalendarError):
        WorkingCalendar(WIB, (None,) * 7)


def test_hours_that_end_before_they_begin_are_an_error() -> None:
    with pytest.raises(CalendarError):
        Hours(time(16), time(8))


@pytest.mark.parametrize(
    "fields", [{"answer_days": 0}, {"answer_days": 61}, {"answer_days": 1, "close_days": 3, "remind_days": 2}]
)
def test_a_promise_that_cannot_be_kept_is_an_error(fields: dict[str, int]) -> None:
    with pytest.raises(PolicyError):
        Policy(**fields)


# --- the promises of both standards -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("office", "channel", "received", "due"),
    [
        # 3514: "dilayani maksimal 1 hari kerja setelah permintaan konsultasi diterima"
        ("3514", "whatsapp", "2026-11-20 09:00", "2026-11-23 15:30"),
        ("3514", "whatsapp", "2026-11-19 23:00", "2026-11-20 16:00"),
        # 3514: "dilayani maksimal 2 hari kerja setelah email diterima"
        ("3514", "email", "2026-11-20 16:20", "2026-11-24 15:30"),
        # 3574: "dilayani maksimal 3 (tiga) hari kerja"
        ("3574", "whatsapp", "2026-11-20 16:30", "2026-11-25 15:30"),
        ("3574", "email", "2026-11-21 10:00", "2026-11-25 15:30"),
        ("3574", "email", "2026-12-22 10:00", "2026-12-29 15:30"),
    ],
)
def test_an_answer_is_due_at_the_end_of_service_of_the_promised_day(
    offices: dict[str, Office], office: str, channel: str, received: str, due: str
) -> None:
    chosen = offices[office]
    assert answer_deadline(chosen.calendar, chosen.policy(Channel(channel)), wib(received)).due_at == wib(due)


def test_the_explanation_names_every_counted_day_and_every_skipped_one(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    found = answer_deadline(office.calendar, office.policy(Channel.EMAIL), wib("2026-12-22 10:00"))
    assert found.explanation == (
        "diterima Sel 22 Des 2026 10.00; hari kerja ke-1: Rab 23 Des; ke-2: Sen 28 Des; ke-3: Sel 29 Des; "
        "tidak dihitung: Kam 24 Des (Cuti Bersama Hari Raya Natal), Jum 25 Des (Hari Raya Natal); "
        "batas Sel 29 Des 2026 15.30 WIB"
    )
    assert found.calendar_version == office.calendar.version


def test_silence_closes_after_three_working_days_and_the_reminder_goes_out_the_day_before(
    offices: dict[str, Office],
) -> None:
    office = offices["3574"]
    policy = office.policy(Channel.WHATSAPP)
    assert close_deadline(office.calendar, policy, wib("2026-11-20 14:00")).due_at == wib("2026-11-25 15:30")
    assert remind_deadline(office.calendar, policy, wib("2026-11-20 14:00")).due_at == wib("2026-11-24 09:00")


def test_an_office_that_promises_no_closing_never_closes_but_reminds_once(offices: dict[str, Office]) -> None:
    office = offices["3514"]
    policy = office.policy(Channel.WHATSAPP)
    closing = close_deadline(office.calendar, policy, wib("2026-11-20 14:00"))
    assert closing.due_at is None
    assert "tidak menjanjikan" in closing.explanation
    assert remind_deadline(office.calendar, policy, wib("2026-11-20 14:00")).due_at == wib("2026-11-25 09:00")


def test_deemed_receipt_moves_late_mail_to_the_next_working_day() -> None:
    policy = Policy(1, deemed_receipt="next_working_day")
    assert answer_deadline(CALENDAR, policy, wib("2026-11-20 15:59")).due_at == wib("2026-11-23 15:30")
    assert answer_deadline(CALENDAR, policy, wib("2026-11-20 16:00")).due_at == wib("2026-11-24 15:30")


def test_an_unknown_joint_leave_year_is_told_in_the_explanation() -> None:
    found = answer_deadline(CALENDAR, Policy(3), wib("2028-05-02 09:00"))
    assert "cuti bersama 2028 belum ada dalam data" in found.explanation


def test_offices_in_other_zones_count_in_their_own() -> None:
    jayapura = replace(CALENDAR, zone=ZoneInfo("Asia/Jayapura"))
    found = answer_deadline(jayapura, Policy(1), wib("2026-11-22 23:30"))  # already Monday in Jayapura
    assert found.due_at is not None
    assert found.due_at.isoformat() == "2026-11-24T15:30:00+09:00"
    assert found.explanation.endswith("15.30 WIT")


# --- algebra ------------------------------------------------------------------------------------------------------


@given(moments, moments, st.integers(1, 10))
def test_what_arrives_later_is_never_due_earlier(one: datetime, other: datetime, n: int) -> None:
    first, second = sorted((one, other))
    a, b = (answer_deadline(CALENDAR, Policy(n), m).due_at for m in (first, second))
    assert a is not None
    assert b is not None
    assert a <= b


@given(moments, st.integers(1, 9))
def test_more_days_are_never_due_earlier(moment: datetime, n: int) -> None:
    a, b = (answer_deadline(CALENDAR, Policy(d), moment).due_at for d in (n, n + 1))
    assert a is not None
    assert b is not None
    assert a < b


@given(moments, st.integers(1, 5), st.sets(days, max_size=12))
def test_a_free_day_never_makes_a_deadline_earlier(moment: datetime, n: int, free: set[date]) -> None:
    closed = replace(CALENDAR, closed_days=dict.fromkeys(free, "tutup"))
    before, after = (answer_deadline(c, Policy(n), moment).due_at for c in (CALENDAR, closed))
    assert before is not None
    assert after is not None
    assert before <= after


@given(moments, st.integers(1, 5))
def test_a_deadline_is_always_the_end_of_service_on_a_working_day(moment: datetime, n: int) -> None:
    found = answer_deadline(CALENDAR, Policy(n), moment)
    assert found.due_at is not None
    assert found.due_at == CALENDAR.closing(found.due_at.date())
    assert len(found.counted) == n
    assert list(found.counted) == sorted(set(found.counted))
    assert moment.date() < found.counted[0]


@given(moments)
def test_the_reminder_comes_before_the_closing_and_after_the_answer(moment: datetime) -> None:
    policy = Policy(3, close_days=3)
    reminder, closing = (f(CALENDAR, policy, moment).due_at for f in (remind_deadline, close_deadline))
    assert reminder is not None
    assert closing is not None
    assert moment < reminder < closing
    assert closing - reminder > timedelta(hours=6)
