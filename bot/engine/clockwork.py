"""What happens by the clock: the sweep of due deadlines, and the morning's summary for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.bookkeeping import Cause, staff_letter
from bot.core import events as ev
from bot.core.conversation import happen
from bot.core.effects import ClockKind
from bot.core.model import Office
from bot.engine.ground import Ground
from bot.store import conversations, deadlines, inbound, listing, outbound, people
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.deadlines import Clock
from bot.store.inbound import Sender

MOST_AT_ONCE = 200
LATE = timedelta(minutes=15)
_CITIZEN_HOURS = (7, 20)
_CLOCK_EVENTS: Mapping[ClockKind, type[ev.Event]] = {
    ClockKind.WARN: ev.WarningDue, ClockKind.BREACH: ev.BreachDue, ClockKind.REMIND: ev.ReminderDue,
    ClockKind.CLOSE: ev.ClosingDue, ClockKind.APPOINTMENT: ev.AppointmentEve,
}  # fmt: skip
_AFTER_SILENCE = frozenset({ClockKind.REMIND, ClockKind.CLOSE})
_FOR_STAFF = frozenset({ClockKind.WARN, ClockKind.BREACH})


class Clockwork:
    """Any number may run over one database: a deadline is taken once."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def sweep(self, now: datetime) -> int:
        """Let everything happen that is due, oldest first; returns how much was done."""
        async with self._ground.database.read() as tx:
            due = await deadlines.due(tx, now, MOST_AT_ONCE)
        done = 0
        for clock in due:
            done += await self._ring(clock, now)
        return done

    async def _ring(self, clock: Clock, now: datetime) -> bool:
        office = self._ground.offices.get(clock.office)
        if office is None:
            return False
        at = office.calendar.local(now)
        async with self._ground.database.write() as tx:
            stored = await conversations.lock_by_id(tx, clock.conversation_id, skip_locked=True)
            if stored is None:
                return False
            if clock.kind in _AFTER_SILENCE and await self._has_written(tx, stored):
                return False  # his message rests unread: it is attended to first, and may stop this clock
            allowed = _allowed(clock, office, at)
            if allowed > at:
                await deadlines.postpone(tx, clock.id, allowed)
                return False
            if not await deadlines.take(tx, clock.id):
                return False  # a reply that arrived meanwhile has replaced it
            event = _CLOCK_EVENTS[clock.kind](at)
            outcome = happen(stored.conversation, event, office)
            cause = Cause(f"clock:{clock.id}", type(event).__name__, at, paced=True)
            await self._ground.bookkeeper.apply(tx, stored, outcome, office, cause)
        return True

    async def _has_written(self, tx: Transaction, stored: Stored) -> bool:
        c = stored.conversation
        waiting = await inbound.of_sender(tx, Sender(c.office, c.channel, c.address))
        return any(pending.received.kind == "message" for pending in waiting)

    async def digest(self, now: datetime) -> None:
        """Once on every working day, from the opening on, each officer gets a summary of his office."""
        for office in self._ground.offices.values():
            at = office.calendar.local(now)
            if office.calendar.is_open(at):
                async with self._ground.database.write() as tx:
                    await self._digest(tx, office, at)

    async def _digest(self, tx: Transaction, office: Office, at: datetime) -> None:
        counts = await listing.counts(tx, office.code) | await listing.due_counts(
            tx, office.code, *_day(office, at), at
        )
        if not await listing.live_before(tx, office.code, office.calendar.opening(at.date())):
            return  # what has come in since the opening is news, not a summary
        mail = self._ground.staff_wording.digest(office, counts, at)
        for officer in await people.of_office(tx, office.code):
            key = f"digest:{officer.id}:{at.date()}"
            await outbound.add(tx, staff_letter(self._ground.new_token(), officer, mail, key, at))

    async def next_due(self) -> datetime | None:
        """When the next thing is due that needs no one: a message that rests, a deadline, something to be sent."""
        async with self._ground.database.read() as tx:
            moments = [await inbound.next_due(tx), await deadlines.next_due(tx), await outbound.next_due(tx)]
        return min((m for m in moments if m is not None), default=None)


def _day(office: Office, at: datetime) -> tuple[datetime, datetime]:
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)


def _allowed(clock: Clock, office: Office, at: datetime) -> datetime:
    """When a clock may ring: staff are told in service hours, citizens between 07:00 and 20:00, not at night."""
    if clock.kind in _FOR_STAFF:
        return at if at - clock.due_at <= LATE else office.calendar.now_or_next_opening(at)
    first, last = _CITIZEN_HOURS
    if first <= at.hour < last:
        return at
    day = at if at.hour < first else at + timedelta(days=1)
    return day.replace(hour=first, minute=0, second=0, microsecond=0)
