"""What became of a message that left: provider's reports, bounces, failures.

Every function that takes a transaction works inside it; the outbox calls them from its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.bookkeeping import Cause, joined
from bot.channels.port import Bounce, Incoming, Report
from bot.core import events as ev
from bot.core.conversation import happen
from bot.core.effects import Notice, Purpose
from bot.core.model import Channel
from bot.core.window import stopped
from bot.engine.ground import Ground
from bot.store import conversations, desk, inbound, outbound, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.inbound import Pending
from bot.store.outbound import Outgoing


class Deliveries:
    """Applies delivery reports."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def report(self, pending: Pending, now: datetime) -> None:
        """A provider's report of one message, as it arrived."""
        report = self._ground.doors.read_status[pending.received.channel](pending.received)
        async with self._ground.database.write() as tx:
            await self._apply(tx, pending.received.channel, report, now)
            await inbound.done(tx, [pending.id])

    async def learned(self, channel: Channel, report: Report, now: datetime) -> None:
        """A report that we asked for."""
        async with self._ground.database.write() as tx:
            await self._apply(tx, channel, report, now)

    async def bounced(self, pending: Pending, incoming: Incoming, bounce: Bounce, now: datetime) -> None:
        """A mail of ours came back: shown in its conversation, and for good it counts as not delivered.

        What comes back to nobody we know of (somebody forged our address, or it was no mail of ours) is only kept.
        """
        words = self._ground.staff_wording.bounced(bounce.words, final=bounce.permanent)
        report = Report(bounce.token, None, 0, failed=bounce.permanent, words=words)
        async with self._ground.database.write() as tx:
            item = await outbound.by_token(tx, bounce.token) if bounce.token else None
            if item is not None and item.draft.office == pending.received.office:
                if not bounce.words.startswith("2"):  # "delivered" is no news
                    await self._show(tx, item, pending, incoming, words)
                await self._apply(tx, Channel.EMAIL, report, now)
            await inbound.done(tx, [pending.id])

    async def _show(
        self, tx: Transaction, item: Outgoing, pending: Pending, incoming: Incoming, words: str
    ) -> None:
        stored = await conversations.find(tx, item.draft.conversation_id or 0)
        if stored is None:
            return
        await records.say(
            tx, stored, pending.received.received_at, "machine", words, subject=incoming.subject or None,
            inbound_id=pending.id, consultation_id=item.draft.consultation_id,
        )  # fmt: skip

    async def _apply(self, tx: Transaction, channel: Channel, report: Report, now: datetime) -> None:
        item = await outbound.by_token(tx, report.token) if report.token else None
        if item is None and report.provider_id:
            item = await outbound.by_provider_id(tx, channel, report.provider_id)
        if item is None:
            return
        if report.failed:
            await self._undelivered(tx, item, report, now)
            return
        rose = await outbound.raise_status(tx, item.id, report.rank, provider_id=report.provider_id, at=now)
        if rose and report.rank >= outbound.DELIVERED:
            await self.delivered(tx, item, now)

    async def _undelivered(self, tx: Transaction, item: Outgoing, report: Report, now: datetime) -> None:
        if not await outbound.undelivered(tx, item.id, f"{report.code} {report.words}"):
            return
        if report.window_closed and item.draft.conversation_id is not None and not item.draft.content.get("knock"):
            await conversations.close_window(tx, item.draft.conversation_id, now)
            await outbound.once_more(tx, item, now)
            return
        if report.plain and item.draft.content.get("options") and not _tried_plain(item):
            await outbound.once_more(tx, item, now, plain=True)
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
        if not other and item.draft.purpose == Purpose.STAFF_ANSWER and item.draft.channel is Channel.WHATSAPP:
            await outbound.keep(tx, item.id)
        reason = f"{reason} {other}".strip()
        await self._happen_to(
            tx, item, ev.DeliveryFailed(self._ground.local(item.draft.office, now), reason), f"failed:{item.id}"
        )

    async def channel_trouble(self, tx: Transaction, item: Outgoing, words: str, now: datetime) -> None:
        """A channel is misconfigured: staff are told once a day, the queue waits."""
        day = self._ground.local(item.draft.office, now).date()
        key = f"channel:{item.draft.office}:{item.draft.channel}:{day}"
        await records.notify(tx, item.draft.office, "channel", words, now, key)

    async def _try_other_channel(self, tx: Transaction, item: Outgoing, now: datetime) -> str:
        stored = await conversations.find(tx, item.draft.conversation_id or 0)
        if stored is not None and item.draft.channel is Channel.EMAIL:
            return await self._by_phone(tx, stored, item, now)
        email = stored.conversation.details.email if stored else None
        if item.draft.channel is not Channel.WHATSAPP or email is None or item.draft.purpose == Purpose.REPLY:
            return ""
        if stored is not None and _stopped(stored, item):
            return ""
        office = self._ground.offices[item.draft.office]
        lost = item.draft
        if lost.content.get("knock"):
            held = await outbound.held(tx, stored.id if stored else 0)
            await outbound.replaced(tx, [h.id for h in held])
            lost = joined([h.draft for h in held]) if held else lost
        content = {**lost.content, "subject": f"Konsultasi statistik {office.name}", "headers": {}}
        draft = replace(
            lost, token=self._ground.new_token(), channel=Channel.EMAIL, recipient=email, content=content,
            dedupe_key=f"other:{item.id}", not_before=now, created_at=now,
        )  # fmt: skip
        await outbound.add(tx, draft)
        return f"Dikirim lewat e-mail ke {email}."

    async def _by_phone(self, tx: Transaction, stored: Stored, item: Outgoing, now: datetime) -> str:
        """A mail that came back: to WhatsApp, but only where its writer has written to this office himself."""
        phone, tried = stored.conversation.details.phone, item.draft.dedupe_key.startswith(("other:", "email:"))
        if phone is None or tried or item.draft.purpose != Purpose.STAFF_ANSWER:
            return ""
        chat = await desk.conversation_id(tx, item.draft.office, Channel.WHATSAPP, phone)
        if chat is None:
            return ""
        draft = replace(
            item.draft, token=self._ground.new_token(), channel=Channel.WHATSAPP, recipient=phone,
            dedupe_key=f"other:{item.id}", not_before=now, created_at=now, conversation_id=chat,
        )  # fmt: skip
        await outbound.add(tx, draft)
        return "Dikirim lewat WhatsApp ke nomor yang ia berikan."

    async def _happen_to(self, tx: Transaction, item: Outgoing, event: ev.Event, key: str) -> None:
        if item.draft.conversation_id is None:
            return
        stored = await conversations.lock_by_id(tx, item.draft.conversation_id)
        if stored is None:
            return
        office = self._ground.offices[item.draft.office]
        event = replace(event, at=office.calendar.local(event.at))
        if stored.consultation_id != item.draft.consultation_id:
            await self._tell_of_older(tx, stored, item, event, key)
            return
        outcome = happen(stored.conversation, event, office)
        await self._ground.bookkeeper.apply(tx, stored, outcome, office, Cause(key, type(event).__name__, event.at))

    async def _tell_of_older(
        self, tx: Transaction, stored: Stored, item: Outgoing, event: ev.Event, key: str
    ) -> None:
        """A message of an older consultation (or of none) failed: no clock moves any more, staff are still told."""
        if isinstance(event, ev.DeliveryFailed):
            await records.notify(
                tx, item.draft.office, Notice.UNDELIVERABLE, event.reason, event.at, key,
                conversation_id=stored.id, consultation_id=item.draft.consultation_id,
            )  # fmt: skip


def _tried_plain(item: Outgoing) -> bool:
    return bool(item.draft.content.get("plain") or item.draft.content.get("knock"))


def _stopped(stored: Stored, item: Outgoing) -> bool:
    """Whether it is not to be tried another way either; behind a knock is an answer to his question."""
    unasked = bool(item.draft.content.get("unasked", True)) and not item.draft.content.get("knock")
    return stopped(Purpose(item.draft.purpose), opted_out=stored.conversation.opted_out, unasked=unasked)
