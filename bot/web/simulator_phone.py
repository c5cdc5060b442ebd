"""The simulated phone: what its owner sees in the chat with one office, and what he sends.

What the office sent is in the network's memory; what the citizen wrote is in the store, so that it outlives a reload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, Final

from bot.app import Service
from bot.channels.simulator import READ, Delivery, SimulatedNetwork
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.store import desk, inbound, records
from bot.store.database import Transaction
from bot.store.inbound import Sender
from bot.web import words
from bot.web.marks import marked, plain
from bot.web.simulator_people import Person
from scheduler.indonesian import clock, long_date

JOIN: Final = timedelta(seconds=2)
LONGEST: Final = 4096
_PLACEHOLDERS: Final = {"image": "[gambar: {name}]", "audio": "[pesan suara]", "video": "[video: {name}]"}


@dataclass(frozen=True, slots=True)
class Item:
    """One bubble. `ticks`: sent, received or read, for the citizen's own; `buttons` are (key, title) pairs."""

    at: datetime
    mine: bool
    html: str
    text: str
    ticks: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """One citizen's phone in the chat with one office."""

    service: Service
    network: SimulatedNetwork
    office: str
    owner: Person

    async def feed(self) -> list[dict[str, Any]]:
        """All bubbles in the order of time."""
        async with self.service.database.read() as tx:
            items = [*await self._said(tx), *await self._waiting(tx)]
            items += [_received(delivery) for delivery in self._deliveries()]
        items.sort(key=lambda item: item.at)
        last_office = max((item.at for item in items if not item.mine), default=None)
        return [self._bubble(n, items, last_office) for n in range(len(items))]

    async def send(self, text: str, button: str | None, files: Sequence[Mapping[str, Any]]) -> None:
        """As the phone network hands a message in at the front door."""
        now = self.service.clock()
        media = [_media(file) for file in files]
        text = text or " ".join(_placeholder(m["content_type"], m["filename"]) for m in media)
        fields = {
            "text": text[:LONGEST], "button": button, "media": media, "profile_name": self.owner.name,
            "phone": self.owner.phone,
        }  # fmt: skip
        key = f"SM{self.service.new_token().replace('-', '')}"
        self.network.heard(self.office, self.owner.phone)
        await self.service.engine.receive([
            Received(self.office, Channel.WHATSAPP, "message", key, self.owner.phone, now, now + JOIN, fields)
        ])  # fmt: skip

    def read(self) -> int:
        """The owner looks at the chat: what he had not seen is read. Returns how many messages that were."""
        fresh = [delivery for delivery in self._deliveries() if delivery.rank < READ]
        for delivery in fresh:
            self.network.report(delivery, READ)
        return len(fresh)

    def _deliveries(self) -> list[Delivery]:
        mine = (self.office, self.owner.phone, Channel.WHATSAPP)
        return [d for d in self.network.deliveries if (d.office, d.to, d.channel) == mine and not d.dropped]

    async def _said(self, tx: Transaction) -> list[Item]:
        found = await desk.conversation_id(tx, self.office, Channel.WHATSAPP, self.owner.phone)
        lines = await records.transcript(tx, found) if found is not None else []
        return [_own(r["at"], r["text"], r["attachments"], "received") for r in lines if r["author"] == "citizen"]

    async def _waiting(self, tx: Transaction) -> list[Item]:
        """Stored, but nobody has attended to it yet."""
        waiting = await inbound.of_sender(tx, Sender(self.office, Channel.WHATSAPP, self.owner.phone))
        arrived = [p.received for p in waiting if p.received.kind == "message"]
        return [_own(r.received_at, r.fields["text"], r.fields["media"], "sent") for r in arrived]

    def _bubble(self, number: int, items: Sequence[Item], last_office: datetime | None) -> dict[str, Any]:
        item = items[number]
        local = self.service.engine.offices[self.office].calendar.local(item.at)
        seen = item.ticks == "received" and last_office is not None and last_office >= item.at
        answer = next((i.text for i in items[number + 1 :] if i.mine), "")
        return {
            "mine": item.mine, "html": item.html, "clock": clock(local), "day": long_date(local.date()),
            "ticks": "read" if seen else item.ticks, "buttons": [list(b) for b in item.buttons],
            "tapped": next((title for _, title in item.buttons if title == answer), None),
            "files": [list(f) for f in item.files],
        }  # fmt: skip


def _own(at: datetime, text: str, attachments: Sequence[Mapping[str, Any]], ticks: str) -> Item:
    files = tuple((a.get("filename") or "lampiran", words.size(_size(a))) for a in attachments)
    shown = "" if files and text.startswith("[") else text
    return Item(at, True, str(plain(shown)), text, ticks, files=files)


def _received(delivery: Delivery) -> Item:
    return Item(delivery.at, False, str(marked(delivery.body)), delivery.body, buttons=tuple(delivery.buttons))


def _media(file: Mapping[str, Any]) -> dict[str, str]:
    """A file of which only name and size exist; the size travels in its address."""
    name = PurePath(str(file.get("name") or "berkas")).name[:120]
    return {
        "url": f"sim://{int(file.get('size') or 0)}/{name}", "filename": name,
        "content_type": str(file.get("type") or "application/octet-stream")[:100],
    }  # fmt: skip


def _size(attachment: Mapping[str, Any]) -> int | None:
    url = attachment.get("url") or ""
    octets = url.removeprefix("sim://").partition("/")[0]
    return int(octets) if octets.isdigit() else attachment.get("size")


def _placeholder(content_type: str, name: str) -> str:
    return _PLACEHOLDERS.get(content_type.partition("/")[0], "[dokumen: {name}]").format(name=name)
