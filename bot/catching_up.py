"""What never reached us, asked for at the provider: messages from before we were back, and reports that do not come.

A webhook that nobody answered is not repeated for long. So it is remembered up to when everything has arrived, and what
the provider's list holds beyond that is brought in: once, because it has the key that the webhook had. A message that
was turned away at the door (a wrong address, a rotated token) is brought in the same way, and in its full form: that
the provider lists it proves that it is real.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from bot.channels.port import DeliveryError, Report, Verdict
from bot.channels.twilio_form import field
from bot.channels.whatsapp_identity import identities
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.staff_wording import StaffWording
from bot.store import gaps, outbound, records, turned_away
from bot.store.database import Database, Transaction

EVERY: Final = timedelta(minutes=5)
ON_ITS_WAY: Final = timedelta(seconds=60)  # the webhook itself may still come, and knows more than the list
OUTAGE: Final = timedelta(minutes=15)
SILENT: Final = timedelta(hours=1)
ASK_AGAIN: Final = timedelta(hours=6)
ASK_FOR: Final = timedelta(days=3)
MOST_QUESTIONS: Final = 50
_BATCH: Final = 500
_FORGOTTEN: Final = "20404"
Beat = Callable[[str, str], Awaitable[None]]
Receive = Callable[[Iterable[Received]], Awaitable[int]]


class Lists(Protocol):
    """A channel that remembers what citizens sent. Raises DeliveryError, nothing else."""

    async def missed(self, since: datetime) -> list[dict[str, str]]: ...

    async def received(self, sid: str) -> dict[str, str] | None: ...


class Tells(Protocol):
    """A channel that can be asked about a message. Raises DeliveryError, nothing else."""

    async def status(self, provider_id: str) -> Report: ...


class Learner(Protocol):
    """The engine, as far as it is told what was learnt."""

    async def learned(self, channel: Channel, report: Report, now: datetime) -> None: ...


class GapSweep:
    """Brings in what never arrived, through `receive`, as webhooks do.

    `arrived` wakes whoever works; `beat` leaves a sign of life or a complaint.
    """

    def __init__(
        self, database: Database, channels: Mapping[str, Lists], *, now: Callable[[], datetime], receive: Receive,
        mask: Callable[[str], str], arrived: Callable[[], None], beat: Beat, words: StaffWording,
    ) -> None:  # fmt: skip
        self._database = database
        self._channels = channels
        self._receive = receive
        self._words = words
        self._now = now
        self._mask = mask
        self._arrived = arrived
        self._beat = beat
        self._swept: dict[str, datetime] = {}
        self._log = logging.getLogger("pst.catching_up")

    async def sweep_due(self) -> int:
        """Every office whose turn it is: at once after the start, then every five minutes.

        One that cannot be asked is asked the next time, for the whole of its gap.
        """
        found = 0
        for office in self._channels:
            last = self._swept.get(office)
            if last is not None and self._now() - last < EVERY:
                continue
            try:
                found += await self.sweep(office)
            except DeliveryError as error:
                self._log.warning("cannot ask what was missed", extra={"office": office, "code": error.code})
                await self._beat(f"channel:{office}:whatsapp", error.words)
            else:
                self._swept[office] = self._now()
                await self._beat(f"channel:{office}:whatsapp", "")
        return found

    async def sweep(self, office: str) -> int:
        """One office; returns how many messages had been missed. Raises DeliveryError."""
        now = self._now()
        async with self._database.read() as tx:
            since = await gaps.known_until(tx, office, Channel.WHATSAPP)
        listed = await self._channels[office].missed(since) if since else []  # what was before us is none of ours
        ripe = [form for form in listed if _sent_at(form, now) <= now - ON_ITS_WAY]
        missed = await self._bring_in(office, ripe, now)
        async with self._database.write() as tx:
            await gaps.complete_until(tx, office, Channel.WHATSAPP, now)
            if missed and since is not None:
                await self._tell(tx, office, missed, since, now)
        if missed:
            self._log.warning("messages were missed", extra={"office": office, "count": missed})
            self._arrived()
        return missed

    async def prove(self, office: str, sid: str) -> bool:
        """Bring in one message that was turned away, if the provider knows it. Raises DeliveryError."""
        form = await self._channels[office].received(sid)
        if form is None:
            return False
        await self._bring_in(office, [form], self._now())
        self._arrived()
        return True

    async def _bring_in(self, office: str, listed: Sequence[Mapping[str, Any]], now: datetime) -> int:
        missed = 0
        for start in range(0, len(listed), _BATCH):
            forms = {field(form, "MessageSid"): form for form in listed[start : start + _BATCH]}
            async with self._database.read() as tx:
                known = await turned_away.forms(tx, office, list(forms))
            missed += await self._receive(
                [self._received(office, form, known.get(sid, {}), now) for sid, form in forms.items()]
            )
            async with self._database.write() as tx:
                await turned_away.brought_in(tx, office, list(forms), now)
        return missed

    async def _tell(self, tx: Transaction, office: str, count: int, since: datetime, now: datetime) -> None:
        """Staff learn of an outage, and of webhooks that do not come although the service is there; once a day."""
        why = "missed_away" if now - since > OUTAGE else "missed_webhook"
        text = self._words.channel(why, count=count)
        await records.notify(tx, office, "channel", text, now, f"{why}:{office}:{now.date()}")

    def _received(
        self, office: str, form: Mapping[str, Any], fuller: Mapping[str, Any], now: datetime
    ) -> Received:
        """The list knows less than the webhook that was turned away; but only the list is to be believed."""
        proven = fuller if _same(form, fuller, self._mask) else {}
        fields = {**form, **proven, "Body": self._mask(field(form, "Body"))}
        at = _sent_at(form, now)
        key = field(form, "MessageSid")
        return Received(office, Channel.WHATSAPP, "message", key, identities(fields).address, at, now, fields)


def _same(form: Mapping[str, Any], fuller: Mapping[str, Any], mask: Callable[[str], str]) -> bool:
    """Whether a form that was turned away says what the provider says: the same writer, the same words."""
    here, there = identities(form), identities(fuller)
    writers = {here.address, here.phone} & {there.address, there.phone} - {None, ""}
    return bool(writers) and mask(field(form, "Body")) == field(fuller, "Body")


def _sent_at(form: Mapping[str, Any], now: datetime) -> datetime:
    """When it was sent, never later than now."""
    try:
        return min(datetime.fromisoformat(field(form, "DateSent")), now)
    except ValueError:
        return now


class Enquiries:
    """Asks how far messages have come that no delivery report arrives about."""

    def __init__(
        self, database: Database, channels: Mapping[str, Tells], learner: Learner, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._channels = channels
        self._learner = learner
        self._now = now
        self._log = logging.getLogger("pst.catching_up")

    async def ask(self) -> int:
        """Ask about what has been silent for an hour, every six hours for three days; returns how many were asked."""
        now = self._now()
        async with self._database.read() as tx:
            span = (now - ASK_FOR, now - SILENT)
            silent = await outbound.quiet(tx, Channel.WHATSAPP, span, now - ASK_AGAIN, MOST_QUESTIONS)
        asked = 0
        for item in silent:
            channel = self._channels.get(item.draft.office)
            if channel is not None and item.provider_id is not None:
                asked += await self._ask(channel, item.id, item.provider_id)
        return asked

    async def _ask(self, channel: Tells, outbound_id: int, provider_id: str) -> bool:
        try:
            report = await channel.status(provider_id)
        except DeliveryError as error:
            self._log.warning("cannot ask about a message", extra={"outbound": outbound_id, "code": error.code})
            if error.verdict is not Verdict.REFUSED and error.code != _FORGOTTEN:
                return False
        else:
            await self._learner.learned(Channel.WHATSAPP, report, self._now())
        async with self._database.write() as tx:
            await outbound.asked(tx, outbound_id, self._now())
        return True
