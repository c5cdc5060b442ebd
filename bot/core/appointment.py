"""Appointments with an officer, where the office's standard promises them (3514: "membuat janji dengan petugas").

Slots lie inside service hours only. Where nothing is promised (3574) the wish goes to staff, without any promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from bot.core.effects import (
    ClockKind,
    DropDeadline,
    Notice,
    NotifyStaff,
    Part,
    Purpose,
    RecordAppointment,
    Say,
    SetDeadline,
    Template,
)
from bot.core.events import AppointmentEve, CalendarChanged
from bot.core.model import Appointment, Conversation, Office, Option, Talk, Waiting
from bot.core.turn import Outcome, Turn
from intents.meaning import Cue
from scheduler.deadlines import eve_of

LENGTH = timedelta(hours=1)
LEAD = timedelta(hours=2)
EVE_CLOCK = time(15, 0)
OFFERED = 3
FURTHEST = timedelta(days=60)
_STARTS = tuple(time(hour) for hour in (8, 9, 10, 11, 13, 14, 15))
_OFFERED_STARTS = (time(9), time(13))


def want(turn: Turn, text: str) -> None:
    """The citizen wants to meet an officer, or to move or cancel a meeting."""
    booked = turn.conversation.appointment
    if not turn.office.appointments:
        turn.say("appointment_passed_on")
        turn.do(NotifyStaff(Notice.APPOINTMENT, text))
        turn.do(RecordAppointment(Appointment(turn.heard.at, "requested")))
    elif turn.cue(Cue.CANCEL):
        _cancel(turn, booked)
    else:
        _book(turn)


def chosen(turn: Turn) -> bool:
    """Rule: a day and hour, after slots were offered."""
    entities = turn.heard.reading.entities
    if turn.waiting is not Waiting.SLOT or (entities.day is None and entities.clock is None):
        return False
    _book(turn)
    return True


def take_slot(turn: Turn, key: str) -> None:
    """A slot button was tapped; it may have been taken meanwhile."""
    _confirm(turn, datetime.fromisoformat(key))


def eve(conversation: Conversation, event: AppointmentEve) -> Outcome:
    """Both sides are reminded at 15:00 on the working day before."""
    booked = conversation.appointment
    if booked is None or booked.state != "booked" or booked.at <= event.at:
        return Outcome(conversation)
    part = Part("appointment_eve", {"at": booked.at.isoformat()})
    say = Say(Purpose.REMINDER, (part,), talk=conversation.talk, template=Template.NEWS, calendar_file=booked)
    return Outcome(conversation, (say, _news("eve", booked.at)))


def recount(conversation: Conversation, event: CalendarChanged, office: Office) -> Outcome:
    """The office's calendar changed: an appointment that it no longer allows is called off, and others are offered."""
    booked = conversation.appointment
    if booked is None or booked.state != "booked" or booked.at <= event.at:
        return Outcome(conversation)
    if _served(office, booked.at):
        eve = _eve_clock(office, booked.at)
        return Outcome(conversation, (eve,) if eve.due_at > event.at else ())
    slots = tuple(islice(free_slots(office, event.at, frozenset()), OFFERED))
    options = tuple(Option(f"slot:{slot.isoformat()}", "") for slot in slots)
    talk = Talk(Waiting.SLOT, options=options)
    part = Part("appointment_impossible", {"at": booked.at.isoformat()})
    cancelled = replace(booked, state="cancelled")
    effects = (
        RecordAppointment(cancelled, booked), DropDeadline(ClockKind.APPOINTMENT),
        _news("impossible", booked.at),
        Say(Purpose.NOTICE, (part,), options, talk, Template.NEWS, calendar_file=cancelled),
    )  # fmt: skip
    return Outcome(replace(conversation, appointment=cancelled, talk=talk), effects)


def call_off(conversation: Conversation) -> Outcome:
    """A booked appointment is given up without a word (the citizen's data are being erased)."""
    booked = conversation.appointment
    if booked is None or booked.state != "booked":
        return Outcome(conversation)
    cancelled = replace(booked, state="cancelled")
    effects = (RecordAppointment(cancelled, booked), DropDeadline(ClockKind.APPOINTMENT))
    return Outcome(replace(conversation, appointment=cancelled), effects)


def free_slots(office: Office, now: datetime, booked: frozenset[datetime]) -> Iterator[datetime]:
    """Offered starts, soonest first, from the next working day on."""
    for day in office.calendar.working_days_after(office.calendar.local(now).date()):
        starts = (office.calendar.at(day, clock) for clock in _OFFERED_STARTS)
        yield from (start for start in starts if fits(office, now, start) and start not in booked)


def fits(office: Office, now: datetime, start: datetime) -> bool:
    """A whole appointment inside service hours, on the hour grid, neither too soon nor too far."""
    on_grid = office.calendar.local(start).time() in _STARTS
    return on_grid and _served(office, start) and now + LEAD <= start <= now + FURTHEST


def _served(office: Office, start: datetime) -> bool:
    """The whole hour lies inside the service hours of a working day."""
    day = office.calendar.local(start).date()
    if not office.calendar.is_working_day(day):
        return False
    return office.calendar.opening(day) <= start and start + LENGTH <= office.calendar.closing(day)


def _news(verb: str, at: datetime) -> NotifyStaff:
    """For staff: what happened and when the meeting is or was; worded by bot/staff_wording.py."""
    return NotifyStaff(Notice.APPOINTMENT, f"{verb} {at.isoformat()}")


def _book(turn: Turn) -> None:
    wanted = _wanted(turn)
    if wanted is None:
        turn.say("choose_slot")
        _offer(turn, None)
    else:
        _confirm(turn, wanted)


def _wanted(turn: Turn) -> datetime | None:
    entities = turn.heard.reading.entities
    day = entities.day or _day_talked_about(turn)
    if day is None or entities.clock is None:
        return None
    return turn.office.calendar.at(day, entities.clock)


def _day_talked_about(turn: Turn) -> date | None:
    """The day that was named before the hour ("Rabu" - "jam 10")."""
    question = turn.before.talk.question
    return date.fromisoformat(question) if turn.waiting is Waiting.SLOT and question else None


def _confirm(turn: Turn, start: datetime) -> None:
    if start in turn.facts.booked:
        turn.say("slot_taken")
        _offer(turn, start.date())
    elif not fits(turn.office, turn.heard.at, start):
        turn.say("slot_outside_hours", at=start.isoformat())
        _offer(turn, None)
    else:
        _record(turn, start)


def _record(turn: Turn, start: datetime) -> None:
    previous = turn.conversation.appointment
    moved = previous is not None and previous.state == "booked"
    booked = Appointment(start)
    turn.change(appointment=booked)
    turn.do(RecordAppointment(booked, previous if moved else None))
    turn.do(_news("moved" if moved else "booked", start))
    turn.do(_eve_clock(turn.office, start))
    turn.calendar_file = booked
    turn.say("appointment_moved" if moved else "appointment_booked", at=start.isoformat())


def _eve_clock(office: Office, start: datetime) -> SetDeadline:
    due = eve_of(office.calendar, start, EVE_CLOCK)
    return SetDeadline(ClockKind.APPOINTMENT, due, "pengingat janji temu", office.calendar.version)


def _cancel(turn: Turn, booked: Appointment | None) -> None:
    if booked is None or booked.state != "booked":
        turn.say("no_appointment")
        return
    cancelled = replace(booked, state="cancelled")
    turn.change(appointment=cancelled)
    turn.do(RecordAppointment(cancelled, booked))
    turn.do(DropDeadline(ClockKind.APPOINTMENT))
    turn.do(_news("cancelled", booked.at))
    turn.calendar_file = cancelled
    turn.say("appointment_cancelled", at=booked.at.isoformat())


def _offer(turn: Turn, day: date | None) -> None:
    """Three free slots; on the wished day where it has some."""
    day = turn.heard.reading.entities.day or day
    slots = list(islice(free_slots(turn.office, turn.heard.at, turn.facts.booked), 40))
    on_day = [s for s in slots if s.date() == day] + [s for s in slots if day and s.date() > day] + slots
    offered = list(dict.fromkeys(on_day))[:OFFERED]
    options = tuple(Option(f"slot:{s.isoformat()}", "") for s in offered)
    turn.ask(options, Talk(Waiting.SLOT, day.isoformat() if day else ""))
