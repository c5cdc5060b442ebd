"""Plays a scenario: moves the clock by hand, lets due work run on the way, and writes down what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from bot.channels.simulator import DELIVERED, READ, Delivery
from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.model import Channel, ClosedReason
from bot.engine import ActionRefused
from bot.simulation import view
from bot.simulation.scenario import Announcement, Scenario, Step, span
from bot.simulation.world import World
from bot.store import listing, people, records

JOIN = timedelta(seconds=2)
_PLACEHOLDERS = {
    "image/webp": "[stiker]", "image": "[gambar: {name}]", "audio": "[pesan suara]", "video": "[video: {name}]",
}  # fmt: skip


class StoryError(ValueError):
    """A step cannot be played (an unknown consultation, a clock that would run backwards)."""


@dataclass
class Record:
    """What happened during one step."""

    number: int
    at: datetime
    sent: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    staff_notified: list[dict[str, Any]] = field(default_factory=list)
    consultations: list[dict[str, Any]] = field(default_factory=list)
    complaints: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, Any]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "step": self.number, "at": self.at.isoformat(), "sent": self.sent, "held": self.held,
            "staff_notified": self.staff_notified, "consultations": self.consultations,
            "complaints": self.complaints, "appointments": self.appointments, "failed": self.failed,
        }  # fmt: skip


class Player:
    """One story, one world. `play` yields a record for each step."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._scenario = scenario
        self._world = world
        self._messages = 0
        self._shown_deliveries = 0
        self._shown_notices = 0

    async def play(self) -> AsyncIterator[Record]:
        """All steps in order, each as soon as it is played."""
        for number, step in enumerate(self._scenario.step):
            yield await self._play(number, step)

    async def _play(self, number: int, step: Step) -> Record:
        await self._move(step)
        record = Record(number + 1, self._now)
        if step.network is not None:
            await self._disturb(step)
        if step.citizen is not None:
            await self._citizen(step)
            if not self._joined_by(number):
                await self._world.run_until(self._now + JOIN)
        if step.staff is not None:
            await self._staff(step)
        if step.announce is not None:
            await self._announce(step, step.announce)
        await self._world.run_until(self._now)
        await self._observe(record)
        if step.expect is not None:
            record.failed = view.unmet(step.expect, record, self._scenario.office)
        return record

    @property
    def _now(self) -> datetime:
        return self._world.now

    def _joined_by(self, number: int) -> bool:
        """The next step falls inside the delay that joins short messages."""
        following = self._scenario.step[number + 1] if number + 1 < len(self._scenario.step) else None
        return following is not None and following.at is not None and following.at < self._now + JOIN

    async def _move(self, step: Step) -> None:
        if step.asleep and step.at is not None:
            self._world.sleep_until(step.at)
            return
        if step.at is not None:
            if step.at < self._now - JOIN:
                raise StoryError(f"the clock would run backwards: {step.at.isoformat()}")
            await self._world.run_until(max(step.at, self._now))
        waits = step.waits
        if waits is not None:
            await self._world.run_until(self._after(step, *waits))

    def _after(self, step: Step, amount: int, unit: str) -> datetime:
        if unit != "working day":
            return self._now + span(amount, unit)
        calendar = self._world.office(step.office or self._scenario.office).calendar
        days = calendar.working_days_after(calendar.local(self._now).date())
        return calendar.opening([next(days) for _ in range(amount)][-1])

    # --- citizens --------------------------------------------------------------------------------------------------

    async def _citizen(self, step: Step) -> None:
        card = self._scenario.citizens[step.citizen or ""]
        office = step.office or self._scenario.office
        self._world.office(office)
        self._messages += 1
        name = step.message_id or f"SM{self._messages:04d}"
        if card.channel is Channel.WHATSAPP:
            received = self._chat(step, office, card.address, card.name, name)
            self._world.network.heard(office, card.address)
        else:
            received = self._mail(step, office, card.address, card.name, name)
        await self._world.service.engine.receive([received])

    def _chat(self, step: Step, office: str, address: str, profile: str, name: str) -> Received:
        button, token = self._button(step, office, address)
        media = [{"url": f"sim://{m.name}", "content_type": m.type, "filename": m.name} for m in step.media]
        text = step.says if step.says is not None else step.button or ""
        if not text and step.media:
            text = " ".join(_placeholder(m.type, m.name) for m in step.media)
        fields = {"text": text, "button": button, "media": media, "profile_name": profile, "phone": address}
        fields |= {"token": token} if token else {}
        return Received(office, Channel.WHATSAPP, "message", name, address, self._now, self._now + JOIN, fields)

    def _button(self, step: Step, office: str, address: str) -> tuple[str | None, str | None]:
        """A button by its title or its id, as it was last shown to this citizen, and the token of that message."""
        if step.button is None:
            return None, None
        mine = (d for d in reversed(self._world.network.deliveries) if (d.office, d.to) == (office, address))
        shown = [(key, title, d.token) for d in mine for key, title in d.buttons]
        wanted = step.button.casefold()
        found = ((key, token) for key, title, token in shown if wanted in (key.casefold(), title.casefold()))
        return next(found, (step.button, None))

    def _mail(self, step: Step, office: str, address: str, name: str, key: str) -> Received:
        raw = self._raw_mail(step, office, address, name, key)
        sender = address
        for header, value in step.headers.items():
            if header.casefold() == "from":
                sender = value.rpartition("<")[2].rstrip(">").strip()
        return Received(office, Channel.EMAIL, "message", key, sender.casefold(), self._now, self._now, {}, raw)

    def _raw_mail(self, step: Step, office: str, address: str, name: str, key: str) -> bytes:
        message = EmailMessage()
        message["From"] = f"{name} <{address}>" if name else address
        message["To"] = self._world.service.marks[office].address
        message["Date"] = format_datetime(self._now)
        message["Message-ID"] = key if key.startswith("<") else f"<{key}@contoh.id>"
        answered = self._answered_mail(step, office, address)
        if answered is not None:
            message["In-Reply-To"] = message["References"] = answered.provider_id
        default = f"Re: {answered.subject}" if answered else ""
        message["Subject"] = step.subject if step.subject is not None else default
        for header, value in step.headers.items():
            del message[header]
            message[header] = value
        if step.html is not None and step.says is None:
            message.set_content(step.html, subtype="html")
        else:
            message.set_content(step.says or "")
            if step.html is not None:
                message.add_alternative(step.html, subtype="html")
        for file in step.media:
            main, _, sub = file.type.partition("/")
            message.add_attachment(
                b"x" * min(file.size, 1_000_000), maintype=main, subtype=sub or "octet-stream", filename=file.name
            )
        return message.as_bytes()

    def _answered_mail(self, step: Step, office: str, address: str) -> Delivery | None:
        if step.reply_to is None:
            return None
        mails = [d for d in self._world.network.deliveries if d.channel is Channel.EMAIL]
        if step.reply_to == "last":
            mine = [d for d in mails if (d.office, d.to) == (office, address)]
            return mine[-1] if mine else None
        return next((d for d in mails if d.provider_id == step.reply_to), None)

    # --- staff -----------------------------------------------------------------------------------------------------

    async def _staff(self, step: Step) -> None:
        office = step.office or self._scenario.office
        if step.consultation is not None:
            office = step.consultation[:4]
        officer = await self._world.officer(office, step.by)
        if step.staff == "approve_deletion":
            await self._approve_deletion(office, officer)
            return
        number = step.consultation or await self._newest(office)
        if step.via == "email":
            await self._answer_by_mail(step, office, officer, number)
            return
        try:
            await self._world.service.engine.act(officer, number, _action(step), self._now)
        except ActionRefused as refused:
            self._world.log.append(f"refused: {refused}")

    async def _announce(self, step: Step, told: Announcement) -> None:
        officer = await self._world.officer(step.office or self._scenario.office, step.by)
        await self._world.service.engine.change_calendar(
            officer, told.first, told.last or told.first, told.opens, told.closes, told.reason, self._now
        )

    async def _approve_deletion(self, office: str, officer: people.Officer) -> None:
        async with self._world.service.database.read() as tx:
            pending = [r for r in await records.data_requests(tx, office) if r["done_at"] is None]
        if not pending:
            raise StoryError("there is no open request to delete data")
        await self._world.service.engine.approve_deletion(officer, pending[0]["id"], self._now)

    async def _newest(self, office: str) -> str:
        async with self._world.service.database.read() as tx:
            mine = [c for c in await listing.all_of(tx) if c["office"] == office]
        live = [c for c in mine if c["state"] != "closed"] or mine
        if not live:
            raise StoryError(f"office {office} has no consultation yet")
        return str(live[-1]["number"])

    async def _answer_by_mail(self, step: Step, office: str, officer: people.Officer, number: str) -> None:
        """The officer replies to the notification mail of that consultation."""
        mails = [d for d in self._world.network.deliveries if d.to == officer.email and number in (d.subject or "")]
        mails = mails or [d for d in self._world.network.deliveries if d.to == officer.email and number in d.body]
        if not mails:
            raise StoryError(f"{officer.name} has had no mail about {number}")
        self._messages += 1
        as_mail = replace_step(step, mails[-1].provider_id)
        raw = self._raw_mail(as_mail, office, officer.email, officer.name, f"STAFF{self._messages:04d}")
        received = Received(
            office, Channel.EMAIL, "message", f"STAFF{self._messages:04d}", officer.email, self._now, self._now, {}, raw
        )
        await self._world.service.engine.receive([received])

    # --- network ---------------------------------------------------------------------------------------------------

    async def _disturb(self, step: Step) -> None:
        network = step.network
        assert network is not None
        if network.next_send is not None:
            self._world.network.next_send(network.channel or Channel.WHATSAPP, network.next_send)
        for wanted, rank in ((network.delivered, DELIVERED), (network.read, READ)):
            if wanted is not None and self._world.network.deliveries:
                self._world.network.report(self._last_to_citizen(network.channel), rank)

    def _last_to_citizen(self, channel: Channel | None) -> Delivery:
        mine = [d for d in self._world.network.deliveries if d.purpose != "staff" and channel in (None, d.channel)]
        return mine[-1]

    # --- what happened ---------------------------------------------------------------------------------------------

    async def _observe(self, record: Record) -> None:
        record.at = self._world.local(self._now, self._scenario.office)
        deliveries = self._world.network.deliveries
        fresh, self._shown_deliveries = deliveries[self._shown_deliveries :], len(deliveries)
        record.sent = [view.sent(d, self._world) for d in fresh if d.purpose != "staff"]
        async with self._world.service.database.read() as tx:
            record.held = await view.held(tx, self._world)
            notices = await view.notices(tx, self._world)
            record.consultations = await view.consultations(tx, self._world, self._scenario)
            record.complaints = await view.complaints(tx, self._world, self._scenario)
            record.appointments = await view.appointments(tx, self._world, self._scenario)
        record.staff_notified, self._shown_notices = notices[self._shown_notices :], len(notices)


def replace_step(step: Step, message_id: str) -> Step:
    """An officer's step as the mail that he writes."""
    return step.model_copy(update={"says": step.text, "reply_to": message_id, "citizen": None})


def _action(step: Step) -> Any:
    makers = {
        "take_over": lambda at, by: ev.TakenOver(at, by),
        "release": lambda at, by: ev.Released(at, by),
        "answer": lambda at, by: ev.Answered(at, by, step.text),
        "note": lambda at, by: ev.Noted(at, by, step.text),
        "close": lambda at, by: ev.ClosedByStaff(at, by, ClosedReason(step.reason or "resolved")),
        "reopen": lambda at, by: ev.ReopenedByStaff(at, by),
        "transfer": lambda at, by: ev.Transferred(at, by, step.to or step.text or "petugas lain"),
    }
    return makers[step.staff or ""]


def _placeholder(content_type: str, name: str) -> str:
    known = _PLACEHOLDERS.get(content_type) or _PLACEHOLDERS.get(content_type.partition("/")[0], "[dokumen: {name}]")
    return known.format(name=name)
