"""The use cases: one function each, one transaction each.

    receive   store what came in, under its unique key, before anything is understood
    attend    understand and answer what one citizen wrote
    report    apply a provider's delivery report
    act       what an officer does; the only way for staff to reach a consultation
    sweep     what is due by the clock
    digest    the morning's summary for staff

Knows no channel (pure parsers come in as functions) and decides nothing (bot.core does). Every function takes the
moment that it happens at; network calls never happen in here.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from bot.bookkeeping import STAFF, Bookkeeper, Cause
from bot.calendars import LONGEST, in_force
from bot.channels.port import Bounce, File, Incoming, Report
from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.consultation import step as consultation_step
from bot.core.conversation import happen, hear
from bot.core.effects import ClockKind, Part, Purpose, Say, Template
from bot.core.model import Channel, Conversation, Facts, Office
from bot.core.reading import Reading
from bot.core.turn import Outcome
from bot.core.window import WINDOW
from bot.staff_wording import StaffWording
from bot.store import calendar as calendars
from bot.store import conversations, deadlines, erasure, inbound, listing, outbound, people, records
from bot.store.calendar import CalendarChange
from bot.store.conversations import Stored
from bot.store.database import Database, Transaction
from bot.store.deadlines import Clock
from bot.store.inbound import Pending, Sender
from bot.store.outbound import Draft, Outgoing
from bot.store.people import Officer

MOST_AT_ONCE = 200
_BIG_MAIL = 100_000  # bytes
RETRY_AFTER = timedelta(seconds=30)
LATE = timedelta(minutes=15)
_CITIZEN_HOURS = (7, 20)
_CLOCK_EVENTS: Mapping[ClockKind, type[ev.Event]] = {
    ClockKind.WARN: ev.WarningDue, ClockKind.BREACH: ev.BreachDue, ClockKind.REMIND: ev.ReminderDue,
    ClockKind.CLOSE: ev.ClosingDue, ClockKind.APPOINTMENT: ev.AppointmentEve,
}  # fmt: skip
_FOR_STAFF = frozenset({ClockKind.WARN, ClockKind.BREACH})


Objection = Callable[[Transaction], Awaitable[str]]


class Reader(Protocol):
    """Understands a message in its context; pure and fast (a millisecond or two)."""

    def read(self, text: str, office: Office, conversation: Conversation | None, now: datetime) -> Reading: ...

    def mask(self, text: str) -> str: ...


class ActionRefused(Exception):
    """An officer asked for something that cannot be done; the message is for him, in Indonesian."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the engine is given by the composition root to read what comes in; all pure."""

    read_message: Mapping[Channel, Callable[[Received], Incoming]]
    read_status: Mapping[Channel, Callable[[Received], Report]]


class Engine:
    """The service's use cases over one database."""

    def __init__(
        self, database: Database, offices: Mapping[str, Office], reader: Reader, bookkeeper: Bookkeeper,
        doors: Doors, staff_wording: StaffWording, new_token: Callable[[], str],
    ) -> None:  # fmt: skip
        self.database = database
        self._packaged = dict(offices)
        self.offices = dict(offices)
        self._reader = reader
        self._bookkeeper = bookkeeper
        self._doors = doors
        self._staff_wording = staff_wording
        self._new_token = new_token
        self._log = logging.getLogger("pst.engine")

    # --- what comes in ---------------------------------------------------------------------------------------------

    async def receive(self, received: Iterable[Received]) -> int:
        """Store what came in; returns how much of it was new. Committed when this returns."""
        async with self.database.write() as tx:
            return len(await inbound.add(tx, received))

    async def attend_all(self, now: datetime) -> int:
        """Attend to every citizen whose message has rested; returns how many."""
        async with self.database.read() as tx:
            senders = await inbound.due(tx, now, MOST_AT_ONCE)
        for sender in senders:
            await self.attend(sender, now)
        return len(senders)

    async def attend(self, sender: Sender, now: datetime) -> None:
        """Everything that one citizen has sent since we last looked, as one message. What breaks is kept aside."""
        async with self.database.read() as tx:
            waiting = await inbound.of_sender(tx, sender)
        if not waiting:
            return
        try:
            await self._attend(sender, waiting, now)
        except Exception as error:
            self._log.exception("inbound failed", extra={"inbound": [p.id for p in waiting]})
            await self._set_aside(sender, waiting, error, now)

    async def _attend(self, sender: Sender, waiting: list[Pending], now: datetime) -> None:
        messages = [p for p in waiting if p.received.kind == "message"]
        for pending in (p for p in waiting if p.received.kind == "status"):
            await self._report(pending, now)
        officer = await self._officer(sender) if messages else None
        if officer is not None:
            for pending in messages:
                await self._staff_mail(officer, pending, now)
        elif messages:
            read = await asyncio.gather(*(self._open(p.received) for p in messages))
            for pending, incoming in zip(messages, read, strict=True):
                if incoming.bounce is not None:
                    await self._bounced(pending, incoming.bounce, now)
            told = [(p, r) for p, r in zip(messages, read, strict=True) if r.bounce is None]
            if told:
                await self._hear(sender, [p for p, _ in told], [r for _, r in told], now)

    async def _bounced(self, pending: Pending, bounce: Bounce, now: datetime) -> None:
        """A mail of ours came back: it counts as a delivery report of that mail, if it is one of ours."""
        report = Report(bounce.token, None, 0, failed=bounce.permanent, words=f"Surel kembali ({bounce.words}).")
        async with self.database.write() as tx:
            await self._apply_report(tx, Channel.EMAIL, report, now)
            await inbound.done(tx, [pending.id])

    async def _officer(self, sender: Sender) -> Officer | None:
        """The member of staff behind a mail address, if it is one of that office."""
        if sender.channel is not Channel.EMAIL:
            return None
        async with self.database.read() as tx:
            officer = await people.by_email(tx, sender.address)
        return officer if officer and officer.office == sender.office and not officer.disabled else None

    async def _keep(self, tx: Transaction, stored: Stored, file: File, at: datetime) -> dict[str, Any]:
        """A file that came along, stored by its hash; what an officer must not open is listed but not kept."""
        row = {"filename": file.filename, "content_type": file.content_type, "size": len(file.content)}
        if file.refusal:
            return {**row, "refusal": file.refusal}
        key = hashlib.sha256(b"%d:" % stored.id + file.content).hexdigest()
        await records.keep_attachment(tx, stored, key, file.filename, file.content_type, file.content, at)
        return {**row, "key": key}

    async def _open(self, received: Received) -> Incoming:
        """Read the raw message; a big mail is read beside the loop."""
        reader = self._doors.read_message[received.channel]
        if received.raw is not None and len(received.raw) > _BIG_MAIL:
            return await asyncio.to_thread(reader, received)
        return reader(received)

    async def _hear(self, sender: Sender, messages: list[Pending], read: list[Incoming], now: datetime) -> None:
        office = self.offices[sender.office]
        async with self.database.write() as tx:
            stored = await conversations.lock(
                tx, sender.office, sender.channel, sender.address, now, also=_another_address(sender, read)
            )
            still = {p.id for p in await inbound.of_sender(tx, sender)}
            if any(p.id not in still for p in messages):
                return  # another worker was faster
            heard_at = office.calendar.local(messages[-1].received.received_at)
            stored = await self._meet(tx, stored, messages, read)
            lines = await self._write_down(tx, stored, messages, read)
            heard = self._understand(stored, read, office, heard_at)
            facts = Facts(await records.booked(tx, office.code, heard_at), await listing.held_count(tx, stored.id))
            outcome = hear(stored.conversation, heard, office, facts)
            cause = Cause(f"in:{messages[0].id}", "citizen", heard_at, messages[0].id)
            stored = await self._bookkeeper.apply(tx, stored, outcome, office, cause)
            if stored.consultation_id is not None and stored.conversation.consultation is not None:
                await records.assign(tx, lines, stored.consultation_id)
            await inbound.done(tx, [p.id for p in messages])

    async def _meet(self, tx: Transaction, stored: Stored, messages: list[Pending], read: list[Incoming]) -> Stored:
        """What a message tells about how to reach its writer."""
        last = read[-1]
        persons = [p for p, r in zip(messages, read, strict=True) if not r.machine]
        opens = persons and stored.conversation.channel is Channel.WHATSAPP
        stored = await conversations.set_contact(
            tx, stored, window_until=persons[-1].received.received_at + WINDOW if opens else None,
            profile_name=last.profile_name, thread=last.thread or None,
        )  # fmt: skip
        conversation = stored.conversation
        details = conversation.details
        if last.phone and details.phone is None:
            details = details.updated(phone=last.phone)
        if conversation.channel is Channel.EMAIL and details.email is None:
            details = details.updated(email=conversation.address)
        name = conversation.name or (last.profile_name and self._reader.mask(last.profile_name))
        return replace(stored, conversation=replace(conversation, details=details, name=name))

    async def _write_down(
        self, tx: Transaction, stored: Stored, messages: list[Pending], read: list[Incoming]
    ) -> list[int]:
        """The citizen's words, in the transcript; personal numbers are masked on arrival."""
        lines = []
        for pending, incoming in zip(messages, read, strict=True):
            files = [await self._keep(tx, stored, f, pending.received.received_at) for f in incoming.files]
            files += [{"filename": m.filename, "content_type": m.content_type, "url": m.url} for m in incoming.media]
            line = await records.say(
                tx, stored, pending.received.received_at, "machine" if incoming.machine else "citizen",
                self._reader.mask(incoming.text), subject=self._reader.mask(incoming.subject) or None,
                attachments=files, inbound_id=pending.id, consultation_id=stored.consultation_id,
            )  # fmt: skip
            lines.append(line)
        return lines

    def _understand(self, stored: Stored, read: list[Incoming], office: Office, at: datetime) -> ev.Heard:
        persons = [r for r in read if not r.machine] or read
        text = self._reader.mask("\n".join(r.text for r in persons if r.text).strip())
        if not text and persons[-1].subject:
            text = self._reader.mask(persons[-1].subject)
        return ev.Heard(
            at, text, self._reader.read(text, office, stored.conversation, at), persons[-1].button,
            sum(len(r.files) + len(r.media) for r in persons), all(bool(r.machine) for r in read),
            any(r.unverified for r in read),
        )  # fmt: skip

    async def _set_aside(self, sender: Sender, waiting: list[Pending], error: Exception, now: datetime) -> None:
        """Nothing a citizen wrote is lost: tried again, then kept, marked and shown to staff."""
        async with self.database.write() as tx:
            ids = [p.id for p in waiting]
            words = f"{type(error).__name__}: {error}"
            if await inbound.failed(tx, ids, words, now + RETRY_AFTER):
                text = f"Pesan masuk nomor {', '.join(map(str, ids))} belum dapat diproses dan disimpan."
                await records.notify(tx, sender.office, "quarantine", text, now, f"quarantine:{ids[0]}")

    # --- delivery reports ------------------------------------------------------------------------------------------

    async def _report(self, pending: Pending, now: datetime) -> None:
        report = self._doors.read_status[pending.received.channel](pending.received)
        async with self.database.write() as tx:
            await self._apply_report(tx, pending.received.channel, report, now)
            await inbound.done(tx, [pending.id])

    async def _apply_report(self, tx: Transaction, channel: Channel, report: Report, now: datetime) -> None:
        item = await outbound.by_token(tx, report.token) if report.token else None
        if item is None and report.provider_id:
            item = await outbound.by_provider_id(tx, channel, report.provider_id)
        if item is None:
            return
        if report.failed:
            await self._undelivered(tx, item, report, now)
            return
        if await outbound.raise_status(tx, item.id, report.rank) and report.rank >= outbound.DELIVERED:
            await self.delivered(tx, item, now)

    async def _undelivered(self, tx: Transaction, item: Outgoing, report: Report, now: datetime) -> None:
        if not await outbound.undelivered(tx, item.id, f"{report.code} {report.words}"):
            return
        if report.window_closed and item.draft.conversation_id is not None and not item.draft.content.get("knock"):
            await conversations.close_window(tx, item.draft.conversation_id, now)
            await outbound.once_more(tx, item.id, now)
            return
        await self.delivery_failed(tx, item, report.words or report.code, now, unwanted=report.unwanted)

    async def delivered(self, tx: Transaction, item: Outgoing, now: datetime) -> None:
        """The citizen can read it; after an officer's answer this starts the silence clock."""
        if item.draft.purpose == Purpose.STAFF_ANSWER:
            await self._happen_to(tx, item, ev.Delivered(now), f"delivered:{item.id}")

    async def delivery_failed(
        self, tx: Transaction, item: Outgoing, reason: str, now: datetime, *, unwanted: bool = False
    ) -> None:
        """It never arrives: the other channel is tried where it is known, staff are told in either case.

        `unwanted`: the citizen has blocked us; nothing proactive is sent any more.
        """
        if not item.to_citizen or item.draft.conversation_id is None:
            return
        if unwanted:
            await conversations.opt_out(tx, item.draft.conversation_id)
        other = await self._try_other_channel(tx, item, now)
        reason = f"{reason} {other}".strip()
        await self._happen_to(tx, item, ev.DeliveryFailed(self._local(item, now), reason), f"failed:{item.id}")

    async def channel_trouble(self, tx: Transaction, item: Outgoing, words: str, now: datetime) -> None:
        """A channel is misconfigured: staff are told once a day, the queue waits."""
        day = self._local(item, now).date()
        key = f"channel:{item.draft.office}:{item.draft.channel}:{day}"
        await records.notify(tx, item.draft.office, "channel", words, now, key)

    async def _try_other_channel(self, tx: Transaction, item: Outgoing, now: datetime) -> str:
        stored = await conversations.find(tx, item.draft.conversation_id or 0)
        email = stored.conversation.details.email if stored else None
        if item.draft.channel is not Channel.WHATSAPP or email is None or item.draft.purpose == Purpose.REPLY:
            return ""
        office = self.offices[item.draft.office]
        lost = item.draft
        if lost.content.get("knock"):
            held = await outbound.held(tx, stored.id if stored else 0)
            await outbound.replaced(tx, [h.id for h in held])
            lost = held[-1].draft if held else lost
        content = {**lost.content, "subject": f"Konsultasi statistik {office.name}", "headers": {}}
        draft = replace(
            lost, token=self._new_token(), channel=Channel.EMAIL, recipient=email, content=content,
            dedupe_key=f"other:{item.id}", not_before=now, created_at=now,
        )  # fmt: skip
        await outbound.add(tx, draft)
        return f"Dikirim lewat e-mail ke {email}."

    async def _happen_to(self, tx: Transaction, item: Outgoing, event: ev.Event, key: str) -> None:
        if item.draft.conversation_id is None:
            return
        stored = await conversations.lock_by_id(tx, item.draft.conversation_id)
        if stored is None or stored.consultation_id != item.draft.consultation_id:
            return
        office = self.offices[item.draft.office]
        event = replace(event, at=office.calendar.local(event.at))
        outcome = happen(stored.conversation, event, office)
        await self._bookkeeper.apply(tx, stored, outcome, office, Cause(key, type(event).__name__, event.at))

    def _local(self, item: Outgoing, now: datetime) -> datetime:
        return self.offices[item.draft.office].calendar.local(now)

    # --- staff -----------------------------------------------------------------------------------------------------

    async def act(
        self, officer: Officer, number: str, make: Callable[[datetime, str], ev.StaffEvent], now: datetime,
        objection: Objection | None = None,
    ) -> str:  # fmt: skip
        """Let an officer do something to a consultation of his own office. Returns its state afterwards.

        `objection` looks once more, under the lock, and says why not ("" for nothing): a page may be stale.
        Raises ActionRefused with a line for him.
        """
        office = self.offices.get(officer.office)
        if office is None or officer.disabled:
            raise ActionRefused("Akun ini tidak aktif.")
        at = office.calendar.local(now)
        event = make(at, officer.name)
        async with self.database.write() as tx:
            stored = await conversations.lock_by_number(tx, officer.office, number)
            if stored is None:
                raise ActionRefused(f"Konsultasi {number} tidak ada di kantor ini.")
            newest = await conversations.lock_by_id(tx, stored.id)
            if newest is not None and newest.consultation_id != stored.consultation_id:
                raise ActionRefused("Pengguna ini sudah punya konsultasi yang lebih baru. Jawab di sana.")
            if objection is not None and (words := await objection(tx)):
                raise ActionRefused(words)
            step = consultation_step(stored.conversation.consultation, event, office)
            if step.ignored is not None:
                raise ActionRefused(_REFUSALS.get(type(event), "Tindakan ini tidak berlaku untuk konsultasi ini."))
            if isinstance(event, ev.Noted):
                await records.say(
                    tx, stored, at, "note", self._reader.mask(event.text), by=officer.name,
                    consultation_id=stored.consultation_id,
                )  # fmt: skip
            outcome = happen(stored.conversation, event, office)
            key = f"staff:{self._new_token()}"
            stored = await self._bookkeeper.apply(tx, stored, outcome, office, Cause(key, type(event).__name__, at))
        consultation = stored.conversation.consultation
        return consultation.state if consultation else ""

    async def approve_deletion(self, officer: Officer, request_id: int, now: datetime) -> None:
        """Erase what a citizen asked to have erased, and tell him. Raises ActionRefused."""
        office = self.offices[officer.office]
        at = office.calendar.local(now)
        async with self.database.write() as tx:
            request = await records.data_request_of(tx, office.code, request_id)
            if request is None or request["done_at"] is not None:
                raise ActionRefused("Permintaan ini tidak ada atau sudah diselesaikan.")
            stored = await conversations.lock_by_id(tx, request["conversation_id"])
            assert stored is not None
            c = stored.conversation.consultation
            outcome = Outcome(stored.conversation)
            if c is not None and c.live:
                outcome = happen(stored.conversation, ev.Withdrawn(at), office)
            farewell = Say(Purpose.NOTICE, (Part("data_erased"),), template=Template.NEWS)
            outcome = Outcome(outcome.conversation, (*outcome.effects, farewell))
            cause = Cause(f"erase:{request_id}", "DataErased", at)
            stored = await self._bookkeeper.apply(tx, stored, outcome, office, cause)
            await records.data_request_done(tx, request_id, officer.name, at)
            await erasure.erase(tx, stored, at)

    async def _staff_mail(self, officer: Officer, pending: Pending, now: datetime) -> None:
        """An officer answered a notification by mail: his words go to the citizen, or become a note (#catatan)."""
        incoming = await self._open(pending.received)
        number = await self._number_of(incoming)
        text = incoming.text.strip()
        if incoming.machine or incoming.unverified or number is None or not text:
            await self._refuse_staff_mail(officer, pending, incoming, now)
            return
        note = text.casefold().startswith("#catatan")
        if note:
            text = text[len("#catatan") :].strip()
        try:
            await self.act(
                officer, number, lambda at, by: ev.Noted(at, by, text) if note else ev.Answered(at, by, text), now
            )
        except ActionRefused as refused:
            await self._tell_officer(officer, pending, f"Tidak terkirim: konsultasi {number}", str(refused), now)
        else:
            kind = "Catatan disimpan" if note else "Jawaban diteruskan"
            await self._tell_officer(officer, pending, f"{kind}: konsultasi {number}", f"{kind}:\n\n{text}", now)

    async def _number_of(self, incoming: Incoming) -> str | None:
        """The consultation whose notification a mail answers, by the unguessable token in its thread."""
        async with self.database.read() as tx:
            for token in incoming.tokens:
                item = await outbound.by_token(tx, token)
                if item is not None and item.draft.purpose == STAFF:
                    return await listing.number(tx, item.draft.consultation_id)
        return None

    async def _refuse_staff_mail(self, officer: Officer, pending: Pending, incoming: Incoming, now: datetime) -> None:
        if incoming.machine:
            async with self.database.write() as tx:
                await inbound.done(tx, [pending.id])
            return
        words = (
            "Surel Anda tidak dapat dihubungkan dengan konsultasi. Balas surel pemberitahuannya, atau buka kotak masuk."
        )
        await self._tell_officer(officer, pending, "Surel tidak dapat diproses", words, now)

    async def _tell_officer(self, officer: Officer, pending: Pending, subject: str, text: str, now: datetime) -> None:
        content = {"text": text, "subject": subject, "options": [], "automatic": "auto-replied"}
        draft = Draft(
            self._new_token(),
            officer.office,
            Channel.EMAIL,
            officer.email,
            STAFF,
            f"told:{pending.id}",
            content,
            now,
            now,
        )
        async with self.database.write() as tx:
            await outbound.add(tx, draft)
            await inbound.done(tx, [pending.id])

    # --- hours and closed days -------------------------------------------------------------------------------------

    async def change_calendar(
        self, officer: Officer, first: date, last: date, opens: time | None, closes: time | None, reason: str,
        now: datetime,
    ) -> int:  # fmt: skip
        """Announce closed days (no hours) or other hours; running clocks are counted anew. Returns what has moved.

        Raises ActionRefused for what cannot be.
        """
        if last < first or last - first > LONGEST or not reason.strip():
            raise ActionRefused("Periksa tanggal (paling lama 120 hari) dan alasannya.")
        if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
            raise ActionRefused("Jam tutup harus sesudah jam buka.")
        change = CalendarChange(0, officer.office, first, last, opens, closes, reason.strip(), officer.name, now)
        async with self.database.write() as tx:
            await calendars.add(tx, change)
        return await self._recount(officer.office, now)

    async def withdraw_calendar_change(self, officer: Officer, change_id: int, now: datetime) -> int:
        """Take an announcement back. Raises ActionRefused."""
        async with self.database.write() as tx:
            if not await calendars.withdraw(tx, officer.office, change_id, now):
                raise ActionRefused("Perubahan ini sudah tidak berlaku.")
        return await self._recount(officer.office, now)

    async def refresh_calendars(self) -> None:
        """Learn what was announced, here or in another process."""
        async with self.database.read() as tx:
            self.offices = in_force(self._packaged, await calendars.calendar_changes(tx))

    async def _recount(self, code: str, now: datetime) -> int:
        """Tell every live consultation of an office that its calendar has changed; returns how many dates moved."""
        await self.refresh_calendars()
        async with self.database.read() as tx:
            live = await listing.live_conversations(tx, code)
        moved = 0
        for conversation_id in live:
            moved += await self._recount_one(code, conversation_id, now, float(moved))
        return moved

    async def _recount_one(self, code: str, conversation_id: int, now: datetime, spread: float) -> bool:
        office = self.offices[code]
        at = office.calendar.local(now)
        async with self.database.write() as tx:
            stored = await conversations.lock_by_id(tx, conversation_id)
            if stored is None:
                return False
            outcome = happen(stored.conversation, ev.CalendarChanged(at), office)
            key = f"calendar:{conversation_id}:{office.calendar.version}:{at.isoformat()}"
            await self._bookkeeper.apply(tx, stored, outcome, office, Cause(key, "CalendarChanged", at, spread=spread))
        return bool(outcome.effects)

    # --- the clock -------------------------------------------------------------------------------------------------

    async def sweep(self, now: datetime) -> int:
        """Let everything happen that is due, oldest first; returns how much was done."""
        async with self.database.read() as tx:
            due = await deadlines.due(tx, now, MOST_AT_ONCE)
        done = 0
        for clock in due:
            done += await self._ring(clock, now, spread=float(done))
        return done

    async def _ring(self, clock: Clock, now: datetime, spread: float) -> bool:
        office = self.offices.get(clock.office)
        if office is None:
            return False
        at = office.calendar.local(now)
        async with self.database.write() as tx:
            stored = await conversations.lock_by_id(tx, clock.conversation_id, skip_locked=True)
            if stored is None:
                return False
            allowed = _allowed(clock, office, at)
            if allowed > at:
                await deadlines.postpone(tx, clock.id, allowed)
                return False
            if not await deadlines.take(tx, clock.id):
                return False  # a reply that arrived meanwhile has replaced it
            event = _CLOCK_EVENTS[clock.kind](at)
            outcome = happen(stored.conversation, event, office)
            cause = Cause(f"clock:{clock.id}", type(event).__name__, at, spread=spread)
            await self._bookkeeper.apply(tx, stored, outcome, office, cause)
        return True

    async def digest(self, now: datetime) -> None:
        """Once on every working day, from the opening on, each officer gets a summary of his office."""
        for office in self.offices.values():
            at = office.calendar.local(now)
            if office.calendar.is_open(at):
                async with self.database.write() as tx:
                    await self._digest(tx, office, at)

    async def _digest(self, tx: Transaction, office: Office, at: datetime) -> None:
        counts = await listing.counts(tx, office.code) | await listing.due_counts(
            tx, office.code, *_day(office, at), at
        )
        if not any(counts.values()):
            return
        mail = self._staff_wording.digest(office, counts, at)
        for officer in await people.of_office(tx, office.code):
            content = {"text": mail.body, "subject": mail.subject, "options": [], "automatic": "auto-generated"}
            key = f"digest:{officer.id}:{at.date()}"
            draft = Draft(self._new_token(), office.code, Channel.EMAIL, officer.email, STAFF, key, content, at, at)
            await outbound.add(tx, draft)

    async def next_due(self) -> datetime | None:
        """When the next thing is due that needs no one: a message that rests, a deadline, something to be sent."""
        async with self.database.read() as tx:
            moments = [await inbound.next_due(tx), await deadlines.next_due(tx), await outbound.next_due(tx)]
        return min((m for m in moments if m is not None), default=None)


def _another_address(sender: Sender, read: list[Incoming]) -> str | None:
    """On WhatsApp the number, where a business-scoped id is the address."""
    phones = [r.phone for r in read if r.phone and r.phone != sender.address]
    return phones[-1] if phones and sender.channel is Channel.WHATSAPP else None


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


_REFUSALS: Mapping[type[ev.Event], str] = {
    ev.TakenOver: "Konsultasi sudah ditutup; buka kembali dulu.",
    ev.Released: "Konsultasi sudah ditutup.",
    ev.Transferred: "Konsultasi sudah ditutup.",
    ev.ClosedByStaff: "Konsultasi sudah ditutup.",
    ev.ReopenedByStaff: "Konsultasi masih terbuka.",
}
