"""What comes in: stored before anything is understood, then heard as one message of one citizen."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta

from bot.bookkeeping import Cause
from bot.channels.port import Incoming
from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.charges import Category, month_of
from bot.core.conversation import hear
from bot.core.model import Channel, Facts, Office
from bot.core.window import WINDOW
from bot.engine.deliveries import Deliveries
from bot.engine.files import keep
from bot.engine.ground import Ground
from bot.engine.mail_watch import MailWatch
from bot.engine.staff_mail import StaffMail
from bot.store import conversations, inbound, listing, media, outbound, people, records, traffic
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.inbound import Pending, Sender
from bot.store.people import Officer

MOST_AT_ONCE = 200
_BIG_MAIL = 100_000  # bytes
_FILES_WAIT = timedelta(hours=24)  # how long a file waits for the words that say what it is for
RETRY_AFTER = timedelta(seconds=30)


class Reception:
    """Receives and attends."""

    def __init__(self, ground: Ground, deliveries: Deliveries, staff_mail: StaffMail) -> None:
        self._ground = ground
        self._deliveries = deliveries
        self._staff_mail = staff_mail
        self._watch = MailWatch(ground)
        self._log = logging.getLogger("pst.engine")

    async def receive(self, received: Iterable[Received]) -> int:
        """Store what came in; returns how much of it was new. Committed when this returns."""
        received = list(received)
        async with self._ground.database.write(door=True) as tx:
            fresh = await inbound.add(tx, received)
            await traffic.add(tx, self._charges(received, fresh))
        return len(fresh)

    def _charges(self, received: Sequence[Received], fresh: Set[tuple[str, str, str]]) -> Counter[traffic.Line]:
        """What the provider charges of it: each new message of a citizen on WhatsApp."""
        return Counter(
            traffic.Line(r.office, month_of(self._ground.offices[r.office], r.received_at), "in", Category.SERVICE)
            for r in {_key(r): r for r in received}.values()
            if r.channel is Channel.WHATSAPP and r.kind == "message" and _key(r) in fresh
        )

    async def attend_all(self, now: datetime) -> int:
        """Attend to every citizen whose message has rested; returns how many."""
        async with self._ground.database.read() as tx:
            senders = await inbound.due(tx, now, MOST_AT_ONCE)
        for sender in senders:
            await self.attend(sender, now)
        return len(senders)

    async def attend(self, sender: Sender, now: datetime) -> None:
        """Everything that one citizen has sent since we last looked, as one message. What breaks is kept aside."""
        async with self._ground.database.read() as tx:
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
            await self._deliveries.report(pending, now)
        officer = await self._officer(sender) if messages else None
        if officer is not None:
            for pending in messages:
                await self._staff_mail.attend(officer, pending, await self._open(pending.received), now)
        elif messages:
            read = await asyncio.gather(*(self._open(p.received) for p in messages))
            for pending, incoming in zip(messages, read, strict=True):
                if incoming.bounce is not None:
                    await self._deliveries.bounced(pending, incoming, incoming.bounce, now)
            told = [(p, r) for p, r in zip(messages, read, strict=True) if r.bounce is None]
            told = [(p, r) for p, r in told if not await self._watch.intercepted(p, r, now)]
            if told:
                await self._hear(sender, [p for p, _ in told], [r for _, r in told], now)

    async def _officer(self, sender: Sender) -> Officer | None:
        """The member of staff behind a mail address, if it is one of that office."""
        if sender.channel is not Channel.EMAIL:
            return None
        async with self._ground.database.read() as tx:
            officer = await people.by_email(tx, sender.address)
        return officer if officer and officer.office == sender.office and not officer.disabled else None

    async def _open(self, received: Received) -> Incoming:
        """Read the raw message; a big mail is read beside the loop."""
        reader = self._ground.doors.read_message[received.channel]
        if received.raw is not None and len(received.raw) > _BIG_MAIL:
            return await asyncio.to_thread(reader, received)
        return reader(received)

    async def _hear(self, sender: Sender, messages: list[Pending], read: list[Incoming], now: datetime) -> None:
        office = self._ground.offices[sender.office]
        async with self._ground.database.write() as tx:
            stored = await conversations.lock(
                tx, sender.office, sender.channel, sender.address, now, also=_another_address(sender, read)
            )
            still = {p.id for p in await inbound.of_sender(tx, sender)}
            if any(p.id not in still for p in messages):
                return  # another worker was faster
            heard_at = office.calendar.local(messages[-1].received.received_at)
            read = [await self._watch.judged(tx, stored, p, r, heard_at) for p, r in zip(messages, read, strict=True)]
            stored = await self._meet(tx, stored, messages, read)
            lines = await self._write_down(tx, stored, messages, read)
            heard = self._understand(stored, read, office, heard_at)
            heard = replace(heard, old_menu=await _old_menu(tx, stored, read))
            await outbound.drop_outdated(tx, stored.id, heard_at)
            facts = Facts(await records.booked(tx, office.code, heard_at), await listing.held_count(tx, stored.id))
            outcome = hear(stored.conversation, heard, office, facts)
            cause, met = Cause(f"in:{messages[0].id}", "citizen", heard_at, messages[0].id), stored
            stored = await self._ground.bookkeeper.apply(tx, stored, outcome, office, cause)
            if stored.consultation_id is not None and stored.conversation.consultation is not None:
                await records.assign(tx, lines, stored.consultation_id)
                if stored.consultation_id != met.consultation_id:
                    await records.adopt_files(
                        tx, stored.id, stored.consultation_id, _since(met, heard_at), met.consultation_id
                    )
            await inbound.done(tx, [p.id for p in messages])

    async def _meet(self, tx: Transaction, stored: Stored, messages: list[Pending], read: list[Incoming]) -> Stored:
        """What a message tells about how to reach its writer."""
        last = next((r for r in reversed(read) if not r.machine), read[-1])
        persons = [p for p, r in zip(messages, read, strict=True) if not r.machine]
        opens = persons and stored.conversation.channel is Channel.WHATSAPP
        stored = await conversations.set_contact(
            tx, stored, window_until=_window(stored, persons[-1].received.received_at) if opens else None,
            profile_name=last.profile_name, thread=(last.thread or None) if persons else None,
        )  # fmt: skip
        conversation = stored.conversation
        details = conversation.details
        if last.phone and details.phone is None:
            details = details.updated(phone=last.phone)
        if conversation.channel is Channel.EMAIL and details.email is None:
            details = details.updated(email=conversation.address)
        name = conversation.name or (last.profile_name and self._ground.reader.mask(last.profile_name))
        return replace(stored, conversation=replace(conversation, details=details, name=name))

    async def _write_down(
        self, tx: Transaction, stored: Stored, messages: list[Pending], read: list[Incoming]
    ) -> list[int]:
        """The citizen's words, in the transcript; personal numbers are masked on arrival."""
        lines = []
        for pending, incoming in zip(messages, read, strict=True):
            files = [await keep(tx, stored, f, pending.received.received_at) for f in incoming.files]
            files += [{"filename": m.filename, "content_type": m.content_type, "url": m.url} for m in incoming.media]
            line = await records.say(
                tx, stored, pending.received.received_at, "machine" if incoming.machine else "citizen",
                self._ground.reader.mask(incoming.text), subject=self._ground.reader.mask(incoming.subject) or None,
                attachments=files, inbound_id=pending.id, consultation_id=stored.consultation_id,
                doubt="unverified" if incoming.unverified else None,
            )  # fmt: skip
            wanted = [(n, f) for n, f in enumerate(files) if str(f.get("url", "")).startswith("http")]
            await media.want(
                tx, pending.received.office, pending.received.channel, stored.id, line, wanted,
                pending.received.received_at,
            )  # fmt: skip
            lines.append(line)
        return lines

    def _understand(self, stored: Stored, read: list[Incoming], office: Office, at: datetime) -> ev.Heard:
        persons = [r for r in read if not r.machine] or read
        text = self._ground.reader.mask("\n".join(r.text for r in persons if r.text).strip())
        if not text and persons[-1].subject and not persons[-1].tokens:
            text = self._ground.reader.mask(persons[-1].subject)
        return ev.Heard(
            at, text, self._ground.reader.read(text, office, stored.conversation, at), persons[-1].button,
            sum(len(r.files) + len(r.media) for r in persons), all(bool(r.machine) for r in read),
            any(r.unverified for r in read), next((r.obstacle for r in persons if r.obstacle), ""),
        )  # fmt: skip

    async def _set_aside(self, sender: Sender, waiting: list[Pending], error: Exception, now: datetime) -> None:
        """Nothing a citizen wrote is lost: tried again, then kept, marked and shown to staff."""
        async with self._ground.database.write() as tx:
            ids = [p.id for p in waiting]
            words = f"{type(error).__name__}: {error}"
            if await inbound.failed(tx, ids, words, now + RETRY_AFTER):
                text = f"Pesan masuk nomor {', '.join(map(str, ids))} belum dapat diproses dan disimpan."
                await records.notify(tx, sender.office, "quarantine", text, now, f"quarantine:{ids[0]}")


def _key(received: Received) -> tuple[str, str, str]:
    return received.office, received.channel, received.provider_key[:200]


async def _old_menu(tx: Transaction, stored: Stored, read: list[Incoming]) -> ev.OldMenu | None:
    """What a tapped button belongs to, when it is not of the last message that was sent."""
    tap = next((r for r in reversed(read) if not r.machine), None)
    if tap is None or tap.button is None or not tap.tokens:
        return None
    newest = await outbound.newest(tx, stored.id, stored.conversation.channel)
    if newest is not None and newest.draft.token == tap.tokens[0]:
        return None
    item = await outbound.by_token(tx, tap.tokens[0])
    if item is None or item.draft.conversation_id != stored.id:
        return ev.OldMenu(same_consultation=False)
    return ev.OldMenu(item.draft.content.get("question", ""), item.draft.consultation_id == stored.consultation_id)


def _since(met: Stored, heard_at: datetime) -> datetime:
    """From when on a citizen's files may belong to the consultation that he opens now."""
    earlier = met.conversation.consultation
    closed = earlier.closed_at if earlier else None
    return max(heard_at - _FILES_WAIT, closed or heard_at - _FILES_WAIT)


def _window(stored: Stored, heard_at: datetime) -> datetime:
    """A message that is brought in late does not shut a window that a newer one has opened."""
    return max(heard_at + WINDOW, stored.window_until or heard_at)


def _another_address(sender: Sender, read: list[Incoming]) -> str | None:
    """On WhatsApp the number, where a business-scoped id is the address."""
    phones = [r.phone for r in read if r.phone and r.phone != sender.address]
    return phones[-1] if phones and sender.channel is Channel.WHATSAPP else None
