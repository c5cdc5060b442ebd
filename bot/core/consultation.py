"""The consultation transaction: a table of states x events, complete.

    (none) --Asked--> OPEN --Answered--> ANSWERED --Pleased | ClosingDue | ClosedByStaff--> CLOSED
                       ^                    |                                                  |
                       +---- Asked | Displeased: staff owe an answer again, on a new clock ----+ (within reopen_days)

OPEN: staff owe an answer; the answer clock runs from `asked_at` and no further message moves it. ANSWERED: the citizen
may speak; the silence clock runs from `readable_at` and only while the office had the last word. CLOSED: nothing runs;
a rating counts once, for `reopen_days` after closing.

Every pair of state and event has a cell: what happens, or why nothing does. A missing cell is a programming error
(KeyError), and tests/core/test_consultation.py walks them all. `clocks` derives the deadline rows from the state; the
effects of a step are the difference of the clocks before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.core import events as ev
from bot.core.effects import (
    ClockKind,
    DropDeadline,
    Effect,
    Log,
    Notice,
    NotifyStaff,
    Part,
    Purpose,
    Say,
    SetDeadline,
    Template,
)
from bot.core.model import ClosedReason, Consultation, Office, Option, State, Talk, Waiting
from scheduler.deadlines import answer_deadline, close_deadline, remind_deadline, warning_at
from scheduler.indonesian import short_moment, zone_name

RATING_OPTIONS = tuple(Option(f"rate:{n}", str(n)) for n in range(5, 0, -1))
SATISFIED = (Option("resolved", "Sudah sesuai"), Option("unresolved", "Belum sesuai"))


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a consultation. `ignored` says why nothing did."""

    consultation: Consultation | None
    effects: tuple[Effect, ...] = ()
    ignored: str | None = None


Handler = Callable[[Any, Any, Office], Step]


def step(consultation: Consultation | None, event: ev.Event, office: Office) -> Step:
    """Apply one event; the effects hold every deadline that it sets, replaces or drops."""
    state = consultation.state if consultation else None
    result = TABLE[state, type(event)](consultation, event, office)
    if result.consultation is None or result.ignored is not None:
        return result
    moved = tuple(_moved(consultation, result.consultation, office))
    after = result.consultation
    if moved:
        after = replace(after, version=after.version + 1)
    return replace(result, consultation=after, effects=(*result.effects, *moved))


# --- clocks -------------------------------------------------------------------------------------------------------


def clocks(consultation: Consultation | None, office: Office) -> Mapping[ClockKind, SetDeadline]:
    """The deadline rows that a consultation's state calls for."""
    if consultation is None or not consultation.live:
        return {}
    if consultation.state is State.OPEN:
        return {d.kind: d for d in _answer_clocks(consultation, office)}
    if consultation.readable_at is None or consultation.undeliverable:
        return {}
    return {d.kind: d for d in _silence_clocks(consultation, office)}


def _answer_clocks(c: Consultation, office: Office) -> Iterable[SetDeadline]:
    if c.due_at is None:
        return
    version = office.calendar.version
    yield SetDeadline(ClockKind.WARN, warning_at(office.calendar, c.due_at), c.due_explanation, version)
    yield SetDeadline(ClockKind.BREACH, c.due_at, c.due_explanation, version)


def _silence_clocks(c: Consultation, office: Office) -> Iterable[SetDeadline]:
    assert c.readable_at is not None
    policy = office.policy(c.channel)
    reminder = remind_deadline(office.calendar, policy, c.readable_at)
    if c.reminded_at is None and reminder.due_at is not None:
        yield SetDeadline(ClockKind.REMIND, reminder.due_at, reminder.explanation, reminder.calendar_version)
    if c.closes_at is not None:
        closing = close_deadline(office.calendar, policy, c.readable_at)
        yield SetDeadline(ClockKind.CLOSE, c.closes_at, closing.explanation, closing.calendar_version)


def _moved(before: Consultation | None, after: Consultation, office: Office) -> Iterable[Effect]:
    same = before is not None and before.opened_at == after.opened_at and before.number == after.number
    old = clocks(before, office) if same else {}
    new = clocks(after, office)
    yield from (DropDeadline(kind) for kind in old if kind not in new)
    yield from (clock for kind, clock in new.items() if kind not in old or old[kind].due_at != clock.due_at)


def _owed_from(c: Consultation, moment: datetime, office: Office) -> Consultation:
    """Staff owe an answer since `moment`."""
    due = answer_deadline(office.calendar, office.policy(c.channel), moment)
    return replace(
        c, state=State.OPEN, asked_at=moment, due_at=due.due_at, due_explanation=due.explanation, readable_at=None,
        closes_at=None, reminded_at=None, silent=False, undeliverable=False, closed_at=None, closed_reason=None,
    )  # fmt: skip


def _readable_from(c: Consultation, moment: datetime, office: Office) -> Consultation:
    """The citizen has had the office's last word before him since `moment`."""
    closing = close_deadline(office.calendar, office.policy(c.channel), moment)
    return replace(c, readable_at=moment, closes_at=closing.due_at, reminded_at=None, silent=False, undeliverable=False)


def _unread(c: Consultation) -> Consultation:
    return replace(c, readable_at=None, closes_at=None, reminded_at=None, silent=False)


# --- cells: what citizens do --------------------------------------------------------------------------------------


def _open(_: None, event: ev.Asked, office: Office) -> Step:
    fresh = Consultation(event.question, event.at, event.at, event.channel, details=event.details)
    opened = _owed_from(fresh, event.at, office)
    return Step(opened, (Log("opened", opened.due_explanation), NotifyStaff(Notice.NEW, event.question)))


def _ask_more(c: Consultation, event: ev.Asked, office: Office) -> Step:
    """Staff already owe an answer: the clock stays where it is."""
    return Step(c, (Log("added"), NotifyStaff(Notice.MESSAGE, event.question)))


def _ask_again(c: Consultation, event: ev.Asked, office: Office) -> Step:
    again = _owed_from(c, event.at, office)
    return Step(again, (Log("asked_again", again.due_explanation), NotifyStaff(Notice.MESSAGE, event.question)))


def _ask_after_closing(c: Consultation, event: ev.Asked, office: Office) -> Step:
    if not may_reopen(c, event.at, office):
        linked = _open(None, event, office)
        assert linked.consultation is not None
        return replace(linked, consultation=replace(linked.consultation, linked_to=c.number))
    again = _owed_from(replace(c, reopened=c.reopened + 1), event.at, office)
    return Step(again, (Log("reopened", again.due_explanation), NotifyStaff(Notice.REOPENED, event.question)))


def may_reopen(c: Consultation, moment: datetime, office: Office) -> bool:
    """Whether a citizen who writes now reopens the same number."""
    return c.closed_at is not None and moment <= c.closed_at + timedelta(days=office.reopen_days)


def _add(c: Consultation, event: ev.Added, office: Office) -> Step:
    return Step(c, (Log("added"), NotifyStaff(Notice.MESSAGE, event.text)))


def _add_to_answered(c: Consultation, event: ev.Added, office: Office) -> Step:
    return _ask_again(c, ev.Asked(event.at, event.text, c.channel), office)


def _add_to_closed(c: Consultation, event: ev.Added, office: Office) -> Step:
    return _ask_after_closing(c, ev.Asked(event.at, event.text, c.channel), office)


def _served(c: Consultation, event: ev.Served, office: Office) -> Step:
    """He wrote and the bot answered: the silence clock starts anew, from the bot's answer."""
    if c.readable_at is None:
        return Step(c, (Log("served"),))
    return Step(_readable_from(c, event.at, office), (Log("served"),))


def _please(c: Consultation, event: ev.Pleased, office: Office) -> Step:
    return Step(_closed(c, event.at, ClosedReason.RESOLVED), (Log("closed", ClosedReason.RESOLVED),))


def _displease(c: Consultation, event: ev.Displeased, office: Office) -> Step:
    return _ask_again(c, ev.Asked(event.at, event.text, c.channel), office)


def _displease_open(c: Consultation, event: ev.Displeased, office: Office) -> Step:
    return _add(c, ev.Added(event.at, event.text), office)


def _displease_closed(c: Consultation, event: ev.Displeased, office: Office) -> Step:
    return _ask_after_closing(c, ev.Asked(event.at, event.text, c.channel), office)


def _withdraw(c: Consultation, event: ev.Withdrawn, office: Office) -> Step:
    closed = _closed(c, event.at, ClosedReason.WITHDRAWN)
    return Step(closed, (Log("closed", ClosedReason.WITHDRAWN), NotifyStaff(Notice.MESSAGE, "")))


def _withdraw_answered(c: Consultation, event: ev.Withdrawn, office: Office) -> Step:
    return _please(c, ev.Pleased(event.at), office)


def _rate(c: Consultation, event: ev.Rated, office: Office) -> Step:
    if c.rating is not None:
        return Step(c, ignored="already rated")
    if not may_reopen(c, event.at, office):
        return Step(c, ignored="the time for a rating is over")
    return Step(replace(c, rating=event.score, rating_refused=False), (Log("rated", str(event.score)),))


def _rate_answered(c: Consultation, event: ev.Rated, office: Office) -> Step:
    """A good grade says that the answer was right; a bad one is kept, and the talk goes on."""
    if c.rating is not None:
        return Step(c, ignored="already rated")
    rated = replace(c, rating=event.score)
    log = Log("rated", str(event.score))
    if event.score < 4:
        return Step(rated, (log,))
    closed = _please(rated, ev.Pleased(event.at), office)
    return replace(closed, effects=(log, *closed.effects))


def _refuse_rating(c: Consultation, event: ev.RatingRefused, office: Office) -> Step:
    return Step(replace(c, rating_refused=True), (Log("rating_refused"),))


def _details(c: Consultation, event: ev.DetailsGiven, office: Office) -> Step:
    known = {f: getattr(event.details, f) for f in ("name", "sex", "email", "phone", "kind")}
    return Step(replace(c, details=c.details.updated(**known)), (Log("details"),))


# --- cells: what staff do -----------------------------------------------------------------------------------------


def _take_over(c: Consultation, event: ev.TakenOver, office: Office) -> Step:
    return Step(replace(c, officer=event.by), (Log("taken_over", event.by),))


def _release(c: Consultation, event: ev.Released, office: Office) -> Step:
    return Step(replace(c, officer=None), (Log("released", event.by),))


def _transfer(c: Consultation, event: ev.Transferred, office: Office) -> Step:
    effects = (Log("transferred", f"{event.by} -> {event.to}"), NotifyStaff(Notice.MESSAGE, ""))
    return Step(replace(c, officer=event.to), effects)


def _answer(c: Consultation, event: ev.Answered, office: Office) -> Step:
    """Answered when staff answer; the silence clock waits until the answer can be read."""
    answered = replace(
        _unread(c), state=State.ANSWERED, answered_at=event.at, due_at=None, due_explanation="",
        closed_at=None, closed_reason=None, undeliverable=False,
    )  # fmt: skip
    talk = Talk(Waiting.NOTHING, question=c.question)
    part = Part("staff_answer", {"text": event.text})
    say = Say(
        Purpose.STAFF_ANSWER, (part, Part("is_it_right")), SATISFIED, talk, Template.ANSWER_READY,
        event.attachments, event.by,
    )  # fmt: skip
    return Step(answered, (Log("answered", event.by), say))


def _note(c: Consultation, event: ev.Noted, office: Office) -> Step:
    return Step(c, (Log("noted", event.by),))


def _close_by_staff(c: Consultation, event: ev.ClosedByStaff, office: Office) -> Step:
    closed = _closed(c, event.at, event.reason)
    log = Log("closed", f"{event.reason} ({event.by})")
    if event.reason is ClosedReason.SPAM:
        return Step(closed, (log,))
    return Step(closed, (log, farewell(closed, "closed_by_staff")))


def _reopen_by_staff(c: Consultation, event: ev.ReopenedByStaff, office: Office) -> Step:
    again = _owed_from(replace(c, reopened=c.reopened + 1), event.at, office)
    return Step(again, (Log("reopened", event.by),))


# --- cells: delivery and the clock --------------------------------------------------------------------------------


def _delivered(c: Consultation, event: ev.Delivered, office: Office) -> Step:
    if c.readable_at is not None:
        return Step(c, ignored="could already be read")
    return Step(_readable_from(c, event.at, office), (Log("readable"),))


def _failed(c: Consultation, event: ev.DeliveryFailed, office: Office) -> Step:
    """The silence clock stops: nobody is closed for not answering what he never got."""
    effects = (Log("undeliverable", event.reason), NotifyStaff(Notice.UNDELIVERABLE, event.reason))
    return Step(replace(_unread(c), undeliverable=True), effects)


def _failed_unmoved(c: Consultation, event: ev.DeliveryFailed, office: Office) -> Step:
    effects = (Log("undeliverable", event.reason), NotifyStaff(Notice.UNDELIVERABLE, event.reason))
    return Step(replace(c, undeliverable=True), effects)


def _failed_alone(_: None, event: ev.DeliveryFailed, office: Office) -> Step:
    """A reply or a reminder of an appointment, where there is no consultation: still nothing is lost unseen."""
    return Step(None, (NotifyStaff(Notice.UNDELIVERABLE, event.reason),))


def _warn(c: Consultation, event: ev.WarningDue, office: Office) -> Step:
    return Step(c, (Log("warned"), NotifyStaff(Notice.DUE_TODAY)))


def _breach(c: Consultation, event: ev.BreachDue, office: Office) -> Step:
    return Step(c, (Log("breached"), NotifyStaff(Notice.BREACH)))


def _remind(c: Consultation, event: ev.ReminderDue, office: Office) -> Step:
    if c.readable_at is None or c.reminded_at is not None:
        return Step(c, ignored="no silence clock is running" if c.readable_at is None else "already reminded")
    reminded = replace(c, reminded_at=event.at)
    if c.closes_at is None:
        say = _reminder("reminder")
        return Step(replace(reminded, silent=True), (Log("reminded"), say, NotifyStaff(Notice.SILENT)))
    later = office.calendar.closing(office.calendar.working_day_after(office.calendar.local(event.at).date()))
    reminded = replace(reminded, closes_at=max(c.closes_at, later))
    return Step(reminded, (Log("reminded"), _reminder("reminder_before_closing")))


def _reminder(key: str) -> Say:
    return Say(Purpose.REMINDER, (Part(key),), SATISFIED, template=Template.REMINDER)


def _close_silent(c: Consultation, event: ev.ClosingDue, office: Office) -> Step:
    """Nobody is closed without having had the reminder: after an outage it goes out first and the closing moves."""
    if c.readable_at is None or c.closes_at is None:
        return Step(c, ignored="no silence clock is running")
    if c.reminded_at is None:
        return _remind(c, ev.ReminderDue(event.at), office)
    if event.at < c.closes_at:
        return Step(c, ignored="the closing has moved")
    closed = _closed(c, event.at, ClosedReason.SILENT)
    return Step(closed, (Log("closed", ClosedReason.SILENT), farewell(closed, "closed_silent")))


def _recount(c: Consultation, event: ev.CalendarChanged, office: Office) -> Step:
    """The office's calendar changed: the answer clock is counted anew; the citizen is told when his date moves."""
    counted = answer_deadline(office.calendar, office.policy(c.channel), c.asked_at)
    due_at, explanation = counted.due_at, counted.explanation
    if due_at is None or c.due_at is None:
        return Step(c, ignored="no answer clock is running")
    if due_at <= event.at < c.due_at:
        due_at = _not_late(c.due_at, event.at, office)
        explanation += f"; jam layanan berubah mendadak, batas menjadi {short_moment(due_at)} {zone_name(due_at)}"
    if due_at == c.due_at:
        return Step(c, ignored="the date does not move")
    moved = replace(c, due_at=due_at, due_explanation=explanation)
    log = Log("due_moved", f"{c.due_at.isoformat()} -> {explanation}")
    return Step(moved, (log, Say(Purpose.NOTICE, (Part("due_moved"),), template=Template.NEWS)))


def _not_late(due_at: datetime, now: datetime, office: Office) -> datetime:
    """Closing early must not make an answer late that was not: the due day's end, or that of the next working day."""
    day = office.calendar.local(due_at).date()
    if office.calendar.is_working_day(day) and office.calendar.closing(day) > now:
        return office.calendar.closing(day)
    return office.calendar.closing(office.calendar.working_day_after(office.calendar.local(now).date()))


def _recount_silence(c: Consultation, event: ev.CalendarChanged, office: Office) -> Step:
    if c.readable_at is None or c.closes_at is None:
        return Step(c, ignored="no silence clock is running")
    closing = close_deadline(office.calendar, office.policy(c.channel), c.readable_at).due_at
    if closing is None or c.reminded_at is not None or closing == c.closes_at:
        return Step(c, ignored="the date does not move")
    return Step(replace(c, closes_at=closing), (Log("closing_moved", c.closes_at.isoformat()),))


# --- shared -------------------------------------------------------------------------------------------------------


def _closed(c: Consultation, moment: datetime, reason: ClosedReason) -> Consultation:
    return replace(
        c, state=State.CLOSED, closed_at=moment, closed_reason=reason, due_at=None, due_explanation="",
        closes_at=None, officer=None,
    )  # fmt: skip


def farewell(c: Consultation, key: str) -> Say:
    """Closing notice and rating request in one message; whoever has rated or refused is not asked again."""
    if c.rating is not None or c.rating_refused:
        return Say(Purpose.CLOSING, (Part(key),), talk=Talk(), template=Template.CLOSED)
    parts = (Part(key), Part("ask_rating"))
    return Say(Purpose.CLOSING, parts, RATING_OPTIONS, Talk(Waiting.RATING), Template.CLOSED)


def _ignored(why: str) -> Handler:
    def cell(c: Consultation | None, event: ev.Event, office: Office) -> Step:
        return Step(c, ignored=why)

    return cell


_NOTHING_YET = _ignored("there is no consultation")
_NO_REPLY = _ignored("not a reply in the sense of the standard")
_OWED = _ignored("staff owe an answer; the citizen's silence does not count")
_OVER = _ignored("the consultation is closed")
_DONE = _ignored("nothing is owed any more")

_CELLS: Mapping[type[ev.Event], tuple[Handler, Handler, Handler, Handler]] = {
    # event: (none, OPEN, ANSWERED, CLOSED)
    ev.Asked: (_open, _ask_more, _ask_again, _ask_after_closing),
    ev.Added: (_NOTHING_YET, _add, _add_to_answered, _add_to_closed),
    ev.Served: (_NOTHING_YET, _ignored("the answer clock stays"), _served, _OVER),
    ev.Pleased: (_NOTHING_YET, _ignored("staff have not answered yet"), _please, _OVER),
    ev.Displeased: (_NOTHING_YET, _displease_open, _displease, _displease_closed),
    ev.Withdrawn: (_NOTHING_YET, _withdraw, _withdraw_answered, _OVER),
    ev.Chattered: (_NOTHING_YET, _NO_REPLY, _NO_REPLY, _ignored("thanks does not reopen")),
    ev.Rated: (_NOTHING_YET, _ignored("nothing to rate yet"), _rate_answered, _rate),
    ev.RatingRefused: (_NOTHING_YET, _ignored("nothing to rate yet"), _refuse_rating, _refuse_rating),
    ev.DetailsGiven: (_NOTHING_YET, _details, _details, _OVER),
    ev.TakenOver: (_NOTHING_YET, _take_over, _take_over, _OVER),
    ev.Released: (_NOTHING_YET, _release, _release, _OVER),
    ev.Transferred: (_NOTHING_YET, _transfer, _transfer, _OVER),
    ev.Answered: (_NOTHING_YET, _answer, _answer, _answer),
    ev.Noted: (_NOTHING_YET, _note, _note, _note),
    ev.ClosedByStaff: (_NOTHING_YET, _close_by_staff, _close_by_staff, _OVER),
    ev.ReopenedByStaff: (_NOTHING_YET, _ignored("is open"), _reopen_by_staff, _reopen_by_staff),
    ev.Delivered: (_NOTHING_YET, _ignored("the citizen has written since"), _delivered, _OVER),
    ev.DeliveryFailed: (_failed_alone, _failed_unmoved, _failed, _failed_unmoved),
    ev.WarningDue: (_NOTHING_YET, _warn, _DONE, _OVER),
    ev.BreachDue: (_NOTHING_YET, _breach, _DONE, _OVER),
    ev.ReminderDue: (_NOTHING_YET, _OWED, _remind, _OVER),
    ev.ClosingDue: (_NOTHING_YET, _OWED, _close_silent, _OVER),
    ev.CalendarChanged: (_NOTHING_YET, _recount, _recount_silence, _OVER),
}
TABLE: Mapping[tuple[State | None, type[ev.Event]], Handler] = {
    (state, event): cell
    for event, cells in _CELLS.items()
    for state, cell in zip((None, State.OPEN, State.ANSWERED, State.CLOSED), cells, strict=True)
}
