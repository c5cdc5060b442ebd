"""A service with a simulated mail system, into which raw mails are put as a mailbox would."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from bot.channels.simulator import Delivery
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.world import World, open_world
from bot.store import listing, people, records
from bot.store.database import Database
from bot.store.listing import Row
from tests.conftest import wib

OFFICE = "3574"
RINA = "rina@warga.contoh.id"
QUESTION = "Mohon petugas menjawab: berapa jumlah pengrajin batik per RT di Kelurahan Contoh tahun 2019?"


@dataclass
class Scene:
    """`mail` puts one in and lets everything happen; `sent` are the mails since the last look."""

    world: World
    seen: int = 0
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def office_address(self) -> str:
        return self.world.service.marks[OFFICE].address

    def compose(self, sender: str, text: str, headers: dict[str, str] | None = None, subject: str = "Data") -> bytes:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, self.office_address, subject
        mail["Date"] = format_datetime(self.world.now)
        mail["Message-ID"] = f"<m{next(self.numbers)}@warga.contoh.id>"
        for name, value in (headers or {}).items():
            del mail[name]
            mail[name] = value
        mail.set_content(text)
        return mail.as_bytes()

    async def put(self, raw: bytes, sender: str, fields: dict[str, str] | None = None) -> None:
        now = self.world.now
        key = f"INBOX/1/{next(self.numbers)}"
        received = Received(OFFICE, Channel.EMAIL, "message", key, sender.casefold(), now, now, fields or {}, raw)
        await self.world.service.engine.receive([received])
        await self.world.run_until(now + timedelta(seconds=5))

    async def mail(
        self, sender: str, text: str, *, answers: Delivery | None = None, headers: dict[str, str] | None = None,
        subject: str = "Data",
    ) -> None:  # fmt: skip
        thread = {"In-Reply-To": answers.provider_id, "References": answers.provider_id} if answers else {}
        await self.put(self.compose(sender, text, thread | (headers or {}), subject), sender)

    def sent(self) -> list[Delivery]:
        fresh = self.world.network.deliveries[self.seen :]
        self.seen = len(self.world.network.deliveries)
        return fresh

    def to_citizens(self) -> list[Delivery]:
        return [d for d in self.sent() if d.purpose != "staff"]

    async def officer(self, name: str = "petugas") -> people.Officer:
        return await self.world.officer(OFFICE, name)

    async def consultations(self) -> list[Row]:
        async with self.world.service.database.read() as tx:
            return await listing.all_of(tx)

    async def news(self) -> list[Row]:
        async with self.world.service.database.read() as tx:
            return await records.notifications(tx, OFFICE)

    async def lines(self, address: str) -> list[Row]:
        async with self.world.service.database.read() as tx:
            return [row for row in await listing.everything(tx, "message") if row["address"] == address]


async def open_scene(settings: Settings, brain: Brain, database: Database, at: str = "2026-11-20 09:00") -> Scene:
    """Just after that moment; the morning's digest has been sent."""
    world = await open_world(settings, brain, wib(at), database)
    await world.run_until(world.now + timedelta(seconds=1))
    return Scene(world, len(world.network.deliveries))
