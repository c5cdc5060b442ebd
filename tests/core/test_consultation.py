"""The consultation's table: every state x every event, and random walks over it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import consultation as transaction
from bot.core import events as ev
from bot.core.effects import ClockKind, DropDeadline, Notice, NotifyStaff, Purpose, Say, SetDeadline
from bot.core.model import Channel, ClosedReason, Consultation, Details, Office, State
from scheduler.calendar import Hours, SpecialHours
from tests.conftest import wib

T0 = wib("2026-11-20 10:00")
STATES = (None, State.OPEN, State.ANSWERED, State.CLOSED)
EVENTS: tuple[ev.Event, ...] = (
    ev.Asked(T0, "pertanyaan", Channel.WHATSAPP), ev.Added(T0, "tambahan"), ev.Served(T0), ev.Pleased(T0),
    ev.Displeased(T0, "belum sesuai"), ev.Withdrawn(T0), ev.Chattered(T0), ev.Rated(T0, 5), ev.RatingRefused(T0),
    ev.DetailsGiven(T0, Details(name="Rina")), ev.TakenOver(T0, "Dewi"), ev.Released(T0, "Dewi"),
    ev.Transferred(T0, "Dewi", "Budi"), ev.Answered(T0, "Dewi", "jawaban"), ev.Noted(T0, "Dewi", "catatan"),
    ev.ClosedByStaff(T0, "Dewi"), ev.ReopenedByStaff(T0, "Dewi"), ev.Delivered(T0), ev.DeliveryFailed(T0, "gagal"),
    ev.WarningDue(T0), ev.BreachDue(T0), ev.ReminderDue(T0), ev.ClosingDue(T0), ev.CalendarChanged(T0),
)  # fmt: skip

# What each pair does: a new state, "same" (something happens, the state stays), "told" (staff only) or "ignored".
EXPECTED: dict[type[ev.Event], tuple[str, str, str, str]] = {
    #                    none       open        answered    closed
    ev.Asked:           ("open",    "same",     "open",     "open"),
    ev.Added:           ("ignored", "same",     "open",     "open"),
    ev.Served:          ("ignored", "ignored",  "same",     "ignored"),
    ev.Pleased:         ("ignored", "ignored",  "closed",   "ignored"),
    ev.Displeased:      ("ignored", "same",     "open",     "open"),
    ev.Withdrawn:       ("ignored", "closed",   "closed",   "ignored"),
    ev.Chattered:       ("ignored", "ignored",  "ignored",  "ignored"),
    ev.Rated:           ("ignored", "ignored",  "closed",   "same"),
    ev.RatingRefused:   ("ignored", "ignored",  "same",     "same"),
    ev.DetailsGiven:    ("ignored", "same",     "same",     "ignored"),
    ev.TakenOver:       ("ignored", "same",     "same",     "ignored"),
    ev.Released:        ("ignored", "same",     "same",     "ignored"),
    ev.Transferred:     ("ignored", "same",     "same",     "ignored"),
    ev.Answered:        ("ignored", "answered", "same",     "answered"),
    ev.Noted:           ("ignored", "same",     "same",     "same"),
    ev.ClosedByStaff:   ("ignored", "closed",   "closed",   "ignored"),
    ev.ReopenedByStaff: ("ignored", "ignored",  "open",     "open"),
    ev.Delivered:       ("ignored", "ignored",  "ignored",  "ignored"),  # answered: could already be read
    ev.DeliveryFailed:  ("told",    "same",     "same",     "same"),
    ev.WarningDue:      ("ignored", "same",     "ignored",  "ignored"),
    ev.BreachDue:       ("ignored", "same",     "ignored",  "ignored"),
    ev.ReminderDue:     ("ignored", "ignored",  "same",     "ignored"),
    ev.ClosingDue:      ("ignored", "ignored",  "same",     "ignored"),  # answered, not reminded: the reminder first
    ev.CalendarChanged: ("ignored", "ignored",  "ignored",  "ignored"),  # the date does not move
}  # fmt: skip


def in_state(state: State | None, office: Office) -> Consultation | None:
    """A consultation that came to its state the ordinary way, a week ago at most."""
    if state is None:
        return None
    opened = step(None, ev.Asked(T0 - timedelta(days=3), "berapa?", Channel.WHATSAPP), office)
    opened = replace(opened, number="3574-2026-000001")
    if state is State.OPEN:
        return opened
    answered = step(opened, ev.Answered(T0 - timedelta(days=2), "Dewi", "sekian"), office)
    answered = step(answered, ev.Delivered(T0 - timedelta(days=2)), office)
    return answered if state is State.ANSWERED else step(answered, ev.Pleased(T0 - timedelta(days=1)), office)


def step(c: Consultation | None, event: ev.Event, office: Office) -> Consultation:
    found = transaction.step(c, event, office).consultation
    assert found is not None
    return found


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("state", STATES, ids=str)
def test_every_cell_does_what_the_table_says(state: State | None, event: ev.Event, offices: dict[str, Office]) -> None:
    office = offices["3574"]
    before = in_state(state, office)
    found = transaction.step(before, event, office)
    expected = EXPECTED[type(event)][STATES.index(state)]
    if expected == "ignored":
        assert found.ignored
        assert found.consultation == before
        assert not found.effects
    elif expected == "told":
        assert found.consultation is None
        assert [e.kind for e in found.effects if isinstance(e, NotifyStaff)] == [Notice.UNDELIVERABLE]
    else:
        assert found.ignored is None
        assert found.consultation is not None
        assert found.consultation.state == (state if expected == "same" else State(expected))


def test_the_table_is_complete() -> None:
    verbs = {e for e in vars(ev).values() if isinstance(e, type) and issubclass(e, ev.Event)}
    verbs -= {ev.Event, ev.StaffEvent, ev.Heard, ev.AppointmentEve}
    assert set(transaction.TABLE) == {(state, verb) for state in STATES for verb in verbs}
    assert set(EXPECTED) == verbs


def test_a_further_message_while_staff_owe_an_answer_does_not_move_the_deadline(offices: dict[str, Office]) -> None:
    opened = in_state(State.OPEN, offices["3574"])
    assert opened is not None
    found = transaction.step(opened, ev.Added(T0, "dan satu lagi"), offices["3574"])
    assert found.consultation is not None
    assert found.consultation.due_at == opened.due_at
    assert not [e for e in found.effects if isinstance(e, SetDeadline | DropDeadline)]


def test_a_new_question_after_an_answer_starts_a_new_clock(offices: dict[str, Office]) -> None:
    answered = in_state(State.ANSWERED, offices["3574"])
    found = transaction.step(answered, ev.Asked(T0, "lalu?", Channel.WHATSAPP), offices["3574"])
    assert found.consultation is not None
    assert found.consultation.due_at == wib("2026-11-25 15:30")
    dropped = {e.kind for e in found.effects if isinstance(e, DropDeadline)}
    assert dropped == {ClockKind.REMIND, ClockKind.CLOSE}


def test_the_silence_clock_waits_until_the_answer_can_be_read(offices: dict[str, Office]) -> None:
    opened = in_state(State.OPEN, offices["3574"])
    answered = transaction.step(opened, ev.Answered(T0, "Dewi", "sekian"), offices["3574"])
    assert not [e for e in answered.effects if isinstance(e, SetDeadline)]
    read = transaction.step(answered.consultation, ev.Delivered(T0 + timedelta(hours=2)), offices["3574"])
    clocks = {e.kind: e.due_at for e in read.effects if isinstance(e, SetDeadline)}
    assert clocks == {ClockKind.REMIND: wib("2026-11-24 09:00"), ClockKind.CLOSE: wib("2026-11-25 15:30")}


def test_a_failed_delivery_stops_the_silence_clock_and_tells_staff(offices: dict[str, Office]) -> None:
    found = transaction.step(
        in_state(State.ANSWERED, offices["3574"]), ev.DeliveryFailed(T0, "nomor salah"), offices["3574"]
    )
    assert {e.kind for e in found.effects if isinstance(e, DropDeadline)} == {ClockKind.REMIND, ClockKind.CLOSE}
    assert [e.kind for e in found.effects if isinstance(e, NotifyStaff)] == [Notice.UNDELIVERABLE]
    assert found.consultation is not None
    assert found.consultation.undeliverable


def test_nobody_is_closed_without_the_reminder_even_after_an_outage(offices: dict[str, Office]) -> None:
    answered = in_state(State.ANSWERED, offices["3574"])
    late = wib("2026-12-01 10:00")
    first = transaction.step(answered, ev.ClosingDue(late), offices["3574"])
    assert first.consultation is not None
    assert first.consultation.state is State.ANSWERED
    assert [e.purpose for e in first.effects if isinstance(e, Say)] == [Purpose.REMINDER]
    assert first.consultation.closes_at == wib("2026-12-02 15:30")
    second = transaction.step(first.consultation, ev.ClosingDue(wib("2026-12-02 15:30")), offices["3574"])
    assert second.consultation is not None
    assert second.consultation.closed_reason is ClosedReason.SILENT


def test_an_office_without_closing_reminds_once_and_shows_silence(offices: dict[str, Office]) -> None:
    office = offices["3514"]
    answered = in_state(State.ANSWERED, office)
    assert answered is not None
    assert answered.closes_at is None
    reminded = transaction.step(answered, ev.ReminderDue(T0), office)
    assert reminded.consultation is not None
    assert reminded.consultation.silent
    assert [e.kind for e in reminded.effects if isinstance(e, NotifyStaff)] == [Notice.SILENT]
    assert transaction.step(reminded.consultation, ev.ReminderDue(T0), office).ignored


@pytest.mark.parametrize(("days", "same_number"), [(6, True), (7, True), (8, False)])
def test_within_seven_days_of_closing_the_same_number_is_reopened(
    offices: dict[str, Office], days: int, same_number: bool
) -> None:
    closed = in_state(State.CLOSED, offices["3574"])
    assert closed is not None
    assert closed.closed_at is not None
    found = step(closed, ev.Asked(closed.closed_at + timedelta(days=days), "lagi", Channel.WHATSAPP), offices["3574"])
    assert (found.number == closed.number) is same_number
    assert (found.linked_to == closed.number) is not same_number
    assert found.reopened == (1 if same_number else 0)


def test_a_rating_counts_once_and_not_after_the_days_of_reopening(offices: dict[str, Office]) -> None:
    closed = in_state(State.CLOSED, offices["3574"])
    rated = step(closed, ev.Rated(T0, 5), offices["3574"])
    assert rated.rating == 5
    assert transaction.step(rated, ev.Rated(T0, 1), offices["3574"]).ignored == "already rated"
    assert transaction.step(closed, ev.Rated(T0 + timedelta(days=20), 5), offices["3574"]).ignored


# --- random walks -------------------------------------------------------------------------------------------------

walks = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(1, 3 * 24 * 60)), max_size=40)


@settings(max_examples=300, deadline=None)
@given(walks, st.sampled_from(["3514", "3574"]))
def test_random_walks_keep_the_invariants(walk: list[tuple[ev.Event, int]], code: str) -> None:
    office = _OFFICES[code]
    c: Consultation | None = None
    clocks: dict[ClockKind, SetDeadline] = {}
    at, closings, number = T0, 0, 0
    for event, minutes in walk:
        at += timedelta(minutes=minutes)
        found = transaction.step(c, replace(event, at=at), office)
        after = found.consultation
        if after is not None and after.number is None:
            number += 1
            clocks = {}
            after = replace(after, number=str(number))
        for effect in found.effects:
            if isinstance(effect, SetDeadline):
                clocks[effect.kind] = effect
            elif isinstance(effect, DropDeadline):
                clocks.pop(effect.kind, None)
        _check(c, after, found, office, at)
        if found.ignored is None and after is not None:
            assert {k: v.due_at for k, v in clocks.items()} == {
                k: v.due_at for k, v in transaction.clocks(after, office).items()
            }, "the rows are what the state calls for"
        closed_now = after is not None and not after.live and (c is None or c.live)
        closings += closed_now
        c = after


def _check(
    before: Consultation | None, after: Consultation | None, found: transaction.Step, office: Office, at: datetime
) -> None:
    if after is None:
        return
    if before is not None and not before.live and not after.live:
        assert after.closed_at == before.closed_at, "never closes twice"
    if after.state is State.OPEN:
        assert after.due_at is not None, "whoever is owed an answer has a date"
    else:
        assert after.due_at is None
    if after.state is State.CLOSED:
        assert after.closed_at is not None
        assert not transaction.clocks(after, office)
    if after.closed_reason is ClosedReason.SILENT:
        assert after.reminded_at is not None, "nobody is closed without the reminder"
        assert office.code == "3574", "3514 promises no closing"
    if after.closes_at is not None:
        assert after.readable_at is not None, "silence counts only from what could be read"


_OFFICES: dict[str, Office] = {}


@pytest.fixture(autouse=True)
def _known_offices(offices: dict[str, Office]) -> None:
    """Hypothesis calls outside of fixtures."""
    _OFFICES.update(offices)


def test_a_day_cut_short_moves_the_due_time_once_and_not_again(offices: dict[str, Office]) -> None:
    office = offices["3514"]
    opened = step(None, ev.Asked(wib("2026-11-23 09:00"), "berapa?", Channel.WHATSAPP), office)
    assert opened.due_at == wib("2026-11-24 15:30")
    noon = SpecialHours(date(2026, 11, 24), date(2026, 11, 24), (Hours(time(8), time(12)),) * 5 + (None,) * 2, "padam")
    shorter = replace(office, calendar=replace(office.calendar, special_hours=(noon,)))
    in_time = step(opened, ev.CalendarChanged(wib("2026-11-24 09:00")), shorter)
    assert in_time.due_at == wib("2026-11-24 12:00")
    moved = step(opened, ev.CalendarChanged(wib("2026-11-24 13:00")), shorter)
    assert moved.due_at == wib("2026-11-25 15:30")
    later = replace(shorter, calendar=replace(shorter.calendar, closed_days={date(2026, 12, 1): "acara"}))
    assert transaction.step(moved, ev.CalendarChanged(wib("2026-11-25 09:00")), later).ignored
    assert transaction.step(opened, ev.CalendarChanged(wib("2026-11-24 13:00")), office).ignored
