"""The simulated mailbox: mails that arrived for somebody, and mails that he writes, as real bytes.

Officers have one too, so that a notification can be answered by mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final

from bot.app import Service
from bot.channels.mime import MailError, parse_mail
from bot.channels.simulator import READ, Delivery, SimulatedNetwork
from bot.core.arrivals import Received
from bot.core.effects import Purpose
from bot.core.model import Channel
from bot.store import desk, inbound, records
from bot.store.database import Transaction
from bot.store.inbound import Sender
from bot.web import words
from bot.web.marks import marked, plain
from bot.web.simulator_people import Person
from scheduler.indonesian import clock, long_moment, short_date

LARGEST_FILE: Final = 1_000_000
LONGEST: Final = 50_000
_KIND: Final = re.compile(r"(?:application|audio|image|text|video)/[\w.+-]{1,80}")


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as its writer typed it. `reply_to`: the delivery that it answers."""

    subject: str
    text: str
    files: Sequence[Mapping[str, Any]] = ()
    reply_to: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One person's mails from and to all offices."""

    service: Service
    network: SimulatedNetwork
    owner: Person

    async def feed(self) -> dict[str, list[dict[str, Any]]]:
        """Received and sent mails, newest first."""
        received = [self._received(delivery) for delivery in reversed(self.deliveries())]
        async with self.service.database.read() as tx:
            sent = [mail for office in self.service.engine.offices for mail in await self._sent(tx, office)]
        sent.sort(key=lambda mail: mail.pop("order"), reverse=True)
        return {"received": received, "sent": sent}

    async def send(self, office: str, mail: Written) -> None:
        """As the mail system hands it in at the front door."""
        now, message_id = self.service.clock(), f"<{self.service.new_token()}@contoh.id>"
        raw = self._bytes(office, mail, message_id)
        address = self.owner.email.casefold()
        await self.service.engine.receive([
            Received(office, Channel.EMAIL, "message", message_id, address, now, now, {}, raw)
        ])  # fmt: skip

    def deliveries(self) -> list[Delivery]:
        mine = self.owner.email.casefold()
        return [
            d for d in self.network.deliveries
            if d.channel is Channel.EMAIL and d.to.casefold() == mine and not d.dropped
        ]  # fmt: skip

    def delivery(self, token: str) -> Delivery | None:
        return next((d for d in self.deliveries() if d.token == token), None)

    def read(self, token: str) -> None:
        delivery = self.delivery(token)
        if delivery is None or delivery.rank >= READ:
            return
        if delivery.purpose in set(Purpose):
            self.network.report(delivery, READ)
        else:
            delivery.rank = READ  # an officer's notification: nobody waits for a report

    def _received(self, d: Delivery) -> dict[str, Any]:
        local = self.service.engine.offices[d.office].calendar.local(d.at)
        mark = self.service.marks[d.office]
        return {
            "id": d.token, "office": d.office, "who": mark.name, "address": mark.address,
            "subject": d.subject or "(tanpa subjek)", "html": str(marked(d.body)), "preview": _preview(d.body),
            "when": f"{short_date(local, year=False)} {clock(local)}", "full": long_moment(local),
            "unread": d.rank < READ, "files": _files(d.raw),
        }  # fmt: skip

    async def _sent(self, tx: Transaction, office: str) -> list[dict[str, Any]]:
        """What the store knows of this person's mails to one office; an officer's are no part of a transcript."""
        found = await desk.conversation_id(tx, office, Channel.EMAIL, self.owner.email.casefold())
        lines = await records.transcript(tx, found) if found is not None else []
        mine = (row for row in lines if row["author"] in ("citizen", "machine"))
        rows = [(row["at"], row["subject"], row["text"], row["attachments"]) for row in mine]
        sender = Sender(office, Channel.EMAIL, self.owner.email.casefold())
        rows += [_waiting(p.received) for p in await inbound.of_sender(tx, sender)]
        return [self._sent_one(office, number, *row) for number, row in enumerate(rows)]

    def _sent_one(
        self, office: str, number: int, at: datetime, subject: str | None, text: str, files: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        local, mark = self.service.engine.offices[office].calendar.local(at), self.service.marks[office]
        return {
            "id": f"{office}-{number}", "order": at, "office": office, "who": f"Kepada: {mark.name}",
            "address": mark.address, "subject": subject or "(tanpa subjek)", "html": str(plain(text)),
            "preview": _preview(text), "when": f"{short_date(local, year=False)} {clock(local)}",
            "full": long_moment(local), "unread": False,
            "files": [[f.get("filename") or "lampiran", words.size(f.get("size"))] for f in files],
        }  # fmt: skip

    def _bytes(self, office: str, mail: Written, message_id: str) -> bytes:
        message = EmailMessage()
        message["From"] = f"{self.owner.name} <{self.owner.email}>"
        message["To"] = self.service.marks[office].address
        message["Date"] = format_datetime(self.service.clock())
        message["Message-ID"] = message_id
        message["Subject"] = " ".join(mail.subject.split())[:200]
        text = mail.text[:LONGEST]
        if mail.reply_to is not None:
            message["In-Reply-To"] = mail.reply_to.provider_id
            message["References"] = f"{mail.reply_to.headers.get('References', '')} {mail.reply_to.provider_id}".strip()
            text = f"{text}\n\n{self._quote(mail.reply_to)}"
        message.set_content(text)
        for file in mail.files:
            _attach(message, file)
        return message.as_bytes()

    def _quote(self, answered: Delivery) -> str:
        """The answered mail below the answer, as mail programs do it."""
        local = self.service.engine.offices[answered.office].calendar.local(answered.at)
        mark = self.service.marks[answered.office]
        quoted = "\n".join(f"> {line}".rstrip() for line in answered.body.strip().splitlines())
        return f"Pada {short_date(local)} pukul {clock(local)} {mark.name} <{mark.address}> menulis:\n\n{quoted}"


def _waiting(received: Received) -> tuple[datetime, str, str, list[Mapping[str, Any]]]:
    try:
        mail = parse_mail(received.raw or b"")
    except MailError:
        return received.received_at, "", "", []
    files: list[Mapping[str, Any]] = [{"filename": a.filename, "size": len(a.content)} for a in mail.attachments]
    return received.received_at, mail.subject, mail.text, files


def _files(raw: bytes) -> list[list[str]]:
    try:
        return [[a.filename, words.size(len(a.content))] for a in parse_mail(raw).attachments]
    except MailError:
        return []


def _attach(message: EmailMessage, file: Mapping[str, Any]) -> None:
    """Only name and size are real."""
    kind = str(file.get("type") or "")
    main, _, sub = kind.partition("/") if _KIND.fullmatch(kind) else ("application", "/", "octet-stream")
    size = min(max(int(file.get("size") or 0), 0), LARGEST_FILE)
    name = str(file.get("name") or "berkas")[:120]
    message.add_attachment(b"x" * size, maintype=main, subtype=sub, filename=name)


def _preview(text: str) -> str:
    return " ".join(text.split())[:110]
