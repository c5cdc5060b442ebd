"""The world of a story: the real service on a temporary database, a simulated network, and a clock moved by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.app import Service, build_service, postmark
from bot.channels.port import Channel as Port
from bot.channels.simulator import (
    SimulatedMail,
    SimulatedNetwork,
    SimulatedWhatsApp,
    read_simulated_chat,
    read_simulated_status,
)
from bot.channels.twilio_errors import fault
from bot.clock import seeded_tokens
from bot.core.arrivals import Received
from bot.core.effects import Template
from bot.core.model import Channel, Office
from bot.reader import Brain
from bot.settings import Settings
from bot.store import people
from bot.store.database import Database
from bot.store.schema import create_all

_STEP = timedelta(milliseconds=200)
_MOST_ROUNDS = 100_000


class World:
    """Everything that a story plays in. `run_until` moves the clock and lets what is due happen on the way."""

    def __init__(
        self, settings: Settings, brain: Brain, database: Database, start: datetime, *, templates: bool = True
    ) -> None:
        self.now = start.astimezone(UTC)
        self.log: list[str] = []
        self.network = SimulatedNetwork(lambda: self.now)
        ports: dict[tuple[str, Channel], Port] = {}
        for code, office in settings.offices.items():
            ports[code, Channel.WHATSAPP] = SimulatedWhatsApp(self.network, code, lambda c: fault(c).error())
            ports[code, Channel.EMAIL] = SimulatedMail(self.network, code, postmark(settings, office))
        self.service: Service = build_service(
            settings, brain=brain, ports=ports, read_whatsapp=read_simulated_chat,
            read_status={Channel.WHATSAPP: read_simulated_status, Channel.EMAIL: read_simulated_status},
            templates={code: frozenset(Template if templates else ()) for code in settings.offices},
            clock=lambda: self.now, new_token=seeded_tokens(1), database=database,
        )  # fmt: skip
        self._day = self.now

    def office(self, code: str) -> Office:
        return self.service.engine.offices[code]

    def local(self, moment: datetime, code: str) -> datetime:
        return self.office(code).calendar.local(moment)

    async def officer(self, office: str, name: str) -> people.Officer:
        """A member of staff, hired when first named."""
        email = f"{name.replace(' ', '.').casefold()}.{office}@contoh.id"
        async with self.service.database.write() as tx:
            await people.add(tx, office, name, email, "head", "!", self.now)
            found = await people.by_email(tx, email)
        assert found is not None
        return found

    async def run_until(self, target: datetime) -> None:
        """Move the clock to `target`; what falls due on the way happens at its own time, in order."""
        for _ in range(_MOST_ROUNDS):
            await self._work()
            due = await self._next_due()
            if due is None or due > target:
                break
            self.now = max(self.now + _STEP, due) if due <= self.now else due
            self.now = min(self.now, target) if self.now > target >= due else self.now
        self.now = max(self.now, target)
        await self._work()

    def sleep_until(self, target: datetime) -> None:
        """The service is down: time goes by and nothing happens."""
        self.now = max(self.now, target.astimezone(UTC))

    async def _next_due(self) -> datetime | None:
        due = await self.service.engine.next_due()
        openings = [office.calendar.next_opening(self._day) for office in self.service.engine.offices.values()]
        return min(m for m in (due, *openings) if m is not None)

    async def _work(self) -> None:
        """One round of every job, until nothing is left to do at this moment."""
        service = self.service
        for _ in range(_MOST_ROUNDS):
            busy = await service.engine.attend_all(self.now)
            busy += await service.engine.sweep(self.now)
            busy += await service.outbox.deliver(lambda: self.now)
            busy += await service.outbox.reconcile(self.now)
            busy += await self._reports()
            if not busy:
                break
        if self.now > self._day:
            await service.engine.digest(self.now)
            self._day = self.now
            await service.outbox.deliver(lambda: self.now)

    async def _reports(self) -> int:
        """Hand the network's delivery reports in at the front door."""
        reports = self.network.take_reports()
        for number, (delivery, report) in enumerate(reports):
            key = f"status:{delivery.provider_id}:{report.rank}:{report.failed}:{self.now.timestamp()}:{number}"
            fields = {
                "token": report.token, "provider_id": report.provider_id, "rank": report.rank,
                "failed": report.failed, "code": report.code, "words": report.words,
            }  # fmt: skip
            received = Received(
                delivery.office, delivery.channel, "status", key, delivery.to, self.now, self.now, fields
            )
            await self.service.engine.receive([received])
        return len(reports)


async def open_world(
    settings: Settings, brain: Brain, start: datetime, database: Database, closed_days: tuple[date, ...] = (), *,
    templates: bool = True,
) -> World:  # fmt: skip
    """A fresh world on an empty database, with one officer in each office."""
    await create_all(database)
    further = dict.fromkeys(closed_days, "hari libur dalam skenario")
    offices = {code: _with_closed(office, further) for code, office in settings.offices.items()}
    world = World(replace(settings, offices=offices), brain, database, start, templates=templates)
    for code in offices:
        await world.officer(code, "petugas")
    return world


def _with_closed(office: Office, days: dict[date, str]) -> Office:
    calendar = replace(office.calendar, closed_days={**office.calendar.closed_days, **days})
    return replace(office, calendar=calendar)


class LogLines(logging.Handler):
    """Keeps every log line of a story."""

    def __init__(self, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        self._keep(self.format(record))
