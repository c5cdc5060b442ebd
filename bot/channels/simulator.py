"""A world without accounts: a phone network and a mail system in memory, behind the same port as the real ones.

Used by the demo's phone and mailbox pages and by `pst simulate`. The network enforces what the real one does
(WhatsApp's window, its length, what does not go with buttons), can be told to misbehave, and hands out delivery
reports; mails are really composed to bytes and read again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.mailing import Postmark, write_mail
from bot.channels.mime import parse_mail
from bot.channels.port import DeliveryError, Incoming, Letter, Media, Receipt, Report, Verdict
from bot.channels.whatsapp_approval import forms, rendered
from bot.channels.whatsapp_content import menu
from bot.channels.whatsapp_parcels import body_text, from_text
from bot.core.arrivals import Received
from bot.core.charges import Category
from bot.core.effects import Template
from bot.core.model import Channel

WINDOW = timedelta(hours=24)
SENT, DELIVERED, READ = 3, 4, 5
_SHOWN_HEADERS = ("From", "Reply-To", "Message-ID", "In-Reply-To", "References", "Auto-Submitted")


@dataclass
class Delivery:
    """One message that the network took, as its receiver sees it. `rank` rises with delivery reports."""

    at: datetime
    office: str
    to: str
    channel: Channel
    kind: str  # text | template | email
    purpose: str
    provider_id: str
    token: str
    body: str
    buttons: Sequence[tuple[str, str]]
    template: str | None = None
    subject: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    rank: int = SENT
    raw: bytes = b""
    dropped: bool = False


class SimulatedNetwork:
    """Everything that was sent, in order, and what the network was told to do next."""

    def __init__(self, clock: Callable[[], datetime], *, delivers: bool = True) -> None:
        self.clock = clock
        self.deliveries: list[Delivery] = []
        self.reports: list[tuple[Delivery, Report]] = []
        self.last_heard: dict[tuple[str, str], datetime] = {}
        self.delivers = delivers
        self._script: dict[Channel, deque[str]] = {channel: deque() for channel in Channel}

    def next_send(self, channel: Channel, outcome: str) -> None:
        """What the next message on a channel meets: a provider code, timeout, accept-then-drop, 4xx, 5xx or bounce."""
        self._script[channel].append(outcome)

    def heard(self, office: str, address: str) -> None:
        """A citizen wrote on WhatsApp: his window is open from now on."""
        self.last_heard[office, address] = self.clock()

    def take_reports(self) -> list[tuple[Delivery, Report]]:
        """Delivery reports that nobody has seen yet."""
        reports, self.reports = self.reports, []
        return reports

    def report(self, delivery: Delivery, rank: int, *, failed: bool = False, code: str = "", words: str = "") -> None:
        delivery.rank = max(delivery.rank, rank)
        self.reports.append((delivery, Report(delivery.token, delivery.provider_id, rank, failed, code, words)))

    def outcome(self, channel: Channel) -> str:
        return self._script[channel].popleft() if self._script[channel] else ""

    def accept(self, delivery: Delivery, outcome: str) -> Delivery:
        """Take a message; reports follow unless it is dropped on the way."""
        self.deliveries.append(delivery)
        if outcome == "accept-then-drop":
            delivery.dropped = True
        elif outcome == "bounce":
            self.report(delivery, SENT, failed=True, code="5.1.1", words="Alamat penerima tidak dapat menerima pesan.")
        elif self.delivers and delivery.channel is Channel.WHATSAPP:
            self.report(delivery, DELIVERED)
        return delivery


class SimulatedWhatsApp:
    """The phone network's port for one office."""

    def __init__(self, network: SimulatedNetwork, office: str, classify: Callable[[str], DeliveryError]) -> None:
        self._network = network
        self._office = office
        self._classify = classify

    async def send(self, letter: Letter) -> Receipt:
        outcome = self._network.outcome(Channel.WHATSAPP)
        if outcome and outcome not in ("accept-then-drop", "bounce"):
            raise _error(outcome, self._classify)
        self._check(letter)
        parts = self.shown(letter, self._network.clock())
        self._network.deliveries.extend(parts[:-1])
        last = self._network.accept(parts[-1], outcome)
        for early in parts[:-1]:
            early.rank, early.dropped = last.rank, last.dropped
        return Receipt(last.provider_id, messages=len(parts), category=_category(letter))

    def shown(self, letter: Letter, at: datetime) -> list[Delivery]:
        """A letter as the phone shows it, like the real channel: a long text in parts, of which the last one is
        reported on; options as text where they do not fit. Raises DeliveryError for what cannot leave at all."""
        kind, last = "template" if letter.template else "text", f"SM{letter.token}"
        parts = _parts(letter)
        names = [f"{last}-{number}" for number in range(1, len(parts))] + [last]
        return [
            Delivery(
                at, self._office, letter.recipient, Channel.WHATSAPP, kind, letter.purpose, name, letter.token, text,
                options, letter.template,
            )
            for name, (text, options) in zip(names, parts, strict=True)
        ]  # fmt: skip

    async def find(self, letter: Letter, since: datetime) -> str | None:
        found = (d for d in self._network.deliveries if d.token == letter.token and d.channel is Channel.WHATSAPP)
        return next((d.provider_id for d in found if d.provider_id == f"SM{letter.token}"), None)

    def _check(self, letter: Letter) -> None:
        heard = self._network.last_heard.get((self._office, letter.recipient))
        if letter.template is None and (heard is None or self._network.clock() >= heard + WINDOW):
            raise self._classify("63016")


def _parts(letter: Letter) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """Texts with their buttons; of a template only its approved words, whatever text waits behind it."""
    if letter.template is not None:
        template = Template(letter.template)
        return [(rendered(template, letter.variables), forms()[template].buttons)]
    if menu(body_text(letter), letter.options, letter.token, letter.language) is not None:
        return [(body_text(letter), tuple(letter.options))]
    return [(parcel.text, ()) for parcel in from_text(letter)]


def _category(letter: Letter) -> Category:
    """What the real network would charge it as."""
    return Category(forms()[Template(letter.template)].category.lower()) if letter.template else Category.SERVICE


class SimulatedMail:
    """The mail system's port for one office: mails are composed to bytes and kept as they would arrive."""

    def __init__(self, network: SimulatedNetwork, office: str, mark: Postmark) -> None:
        self._network = network
        self._office = office
        self._mark = mark

    async def send(self, letter: Letter) -> Receipt:
        outcome = self._network.outcome(Channel.EMAIL)
        if outcome and outcome not in ("accept-then-drop", "bounce"):
            raise _mail_error(outcome)
        delivery = self.composed(letter, self._network.clock())
        self._network.accept(delivery, outcome)
        return Receipt(delivery.provider_id, readable=outcome == "")

    def composed(self, letter: Letter, at: datetime) -> Delivery:
        """A letter as it lies in its receiver's mailbox."""
        raw = write_mail(letter, self._mark)
        mail = parse_mail(raw)
        return Delivery(
            at, self._office, letter.recipient, Channel.EMAIL, "email", letter.purpose, mail.message_id or "",
            letter.token, mail.full_text, tuple(letter.options), None, mail.subject, _headers(raw), DELIVERED, raw,
        )  # fmt: skip

    async def find(self, letter: Letter, since: datetime) -> str | None:
        found = (d for d in self._network.deliveries if d.token == letter.token and d.channel is Channel.EMAIL)
        return next((d.provider_id for d in found), None)


def _headers(raw: bytes) -> dict[str, str]:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n ", " ")
    lines = (line.partition(": ") for line in head.split("\r\n"))
    found = {name: value for name, _, value in lines}
    return {name: found[name] for name in _SHOWN_HEADERS if name in found}


def _error(outcome: str, classify: Callable[[str], DeliveryError]) -> DeliveryError:
    if outcome in ("timeout", "5xx"):
        return DeliveryError(Verdict.UNCERTAIN, outcome, "Penyedia WhatsApp tidak menjawab.")
    if outcome == "4xx":
        return DeliveryError(Verdict.REFUSED, "400", "Penyedia WhatsApp menolak pesan ini.")
    return classify(outcome)


def _mail_error(outcome: str) -> DeliveryError:
    if outcome == "timeout":
        return DeliveryError(Verdict.UNCERTAIN, outcome, "Server surel tidak menjawab.")
    if outcome == "4xx" or outcome.startswith("4"):
        return DeliveryError(Verdict.TRY_AGAIN, outcome, "Server surel meminta mencoba lagi nanti.")
    return DeliveryError(Verdict.REFUSED, outcome, "Alamat penerima ditolak oleh server surel.")


def read_simulated_chat(received: Received) -> Incoming:
    """The phone network's messages need no parsing."""
    f = received.fields
    media = tuple(Media(m["url"], m["content_type"], m["filename"]) for m in f.get("media", ()))
    phone = f.get("phone") or ""
    return Incoming(
        f["text"], f.get("button"), (), media, f.get("profile_name") or None,
        phone=phone if phone.startswith("+") else None, machine=f.get("machine", ""),
        tokens=(f["token"],) if f.get("token") else (),
    )  # fmt: skip


def read_simulated_status(received: Received) -> Report:
    return Report(**received.fields)
