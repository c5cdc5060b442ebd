"""The service with real channels, or with the simulated ones of the demo; assembled for `pst serve`."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.app import Service, build_service, postmark
from bot.brain_file import packaged_brain
from bot.channels.email import Mail
from bot.channels.imap_client import ImapError
from bot.channels.imap_intake import Intake
from bot.channels.imap_mailbox import Mailbox, Surroundings
from bot.channels.mail_access import Beat
from bot.channels.mail_oauth import GrantedTokens
from bot.channels.port import Channel as Port
from bot.channels.port import DeliveryError, Incoming, Report
from bot.channels.simulator import (
    SimulatedMail,
    SimulatedNetwork,
    SimulatedWhatsApp,
    read_simulated_chat,
    read_simulated_status,
)
from bot.channels.twilio_errors import fault
from bot.channels.twilio_http import Wire
from bot.channels.twilio_selftest import webhook_complaint
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_reading import read_message
from bot.channels.whatsapp_status import Callbacks, read_status
from bot.clock import system_clock
from bot.core.arrivals import Received
from bot.core.effects import Template
from bot.core.model import Channel
from bot.reader import Brain
from bot.retention import LOOK_EVERY, Housekeeping
from bot.settings import Access, MailAccess, Settings
from bot.simulation.recall import recall
from bot.store import health, outbound, turned_away
from bot.store.database import Database, open_database
from bot.store.mail_ledger import MailLedger
from bot.whatsapp_duties import refused_messages, whatsapp_duties
from bot.worker import Duty, Keeper


@dataclass(frozen=True)
class Live:
    """A service ready to run. `keepers` run for ever in the leading process: the mailboxes.

    `network` and `recall` only in the demo; `wire` and `phones` (by office) only with Twilio.
    """

    service: Service
    duties: Sequence[Duty]
    keepers: Sequence[Keeper] = ()
    network: SimulatedNetwork | None = None
    recall: Callable[[], Awaitable[int]] | None = None
    wire: Wire | None = None
    phones: Mapping[str, WhatsApp] = field(default_factory=dict)


def demo_service(settings: Settings, database: Database, brain: Brain) -> Live:
    """Both offices on a simulated phone network and mail system."""
    network = SimulatedNetwork(system_clock)
    ports: dict[tuple[str, Channel], SimulatedWhatsApp | SimulatedMail] = {}
    for code, office in settings.offices.items():
        ports[code, Channel.WHATSAPP] = SimulatedWhatsApp(network, code, lambda c: fault(c).error())
        ports[code, Channel.EMAIL] = SimulatedMail(network, code, postmark(settings, office))
    service = build_service(
        settings, brain=brain, ports=ports, read_whatsapp=read_simulated_chat,
        read_status={Channel.WHATSAPP: read_simulated_status, Channel.EMAIL: read_simulated_status},
        templates={code: frozenset(Template) for code in settings.offices}, database=database,
    )  # fmt: skip
    duty = Duty("network", 0.5, lambda: _hand_in_reports(service, network))
    duties = [duty, _nightly(service)]
    return Live(service, duties, network=network, recall=lambda: recall(service, network, ports))


def _nightly(service: Service) -> Duty:
    keeper = Housekeeping(service.database, service.settings.offices, service.clock)
    return Duty("retention", LOOK_EVERY, keeper.run_due, role="ticker", led=True)


async def _hand_in_reports(service: Service, network: SimulatedNetwork) -> None:
    """The network's delivery reports, at the front door like everybody's."""
    now = service.clock()
    reports = network.take_reports()
    for delivery, report in reports:
        fields = {
            "token": report.token, "provider_id": report.provider_id, "rank": report.rank, "failed": report.failed,
            "code": report.code, "words": report.words,
        }  # fmt: skip
        key = f"status:{delivery.provider_id}:{report.rank}:{report.failed}"
        received = Received(delivery.office, delivery.channel, "status", key, delivery.to, now, now, fields)
        await service.engine.receive([received])
    if reports:
        service.wake()


def live_service(settings: Settings, database: Database, brain: Brain, secret: str) -> Live:
    """Every office with the channels that it has credentials for."""
    wire = Wire(settings.twilio_api_url)
    callbacks = {code: Callbacks(settings.public_url, code, secret) for code in settings.offices}
    ports: dict[tuple[str, Channel], Port] = {}
    phones: dict[str, WhatsApp] = {}

    async def owned(sids: Sequence[str]) -> set[str]:
        async with database.read() as tx:
            return await outbound.owned(tx, Channel.WHATSAPP, sids)

    beat = _beats(database)
    for code, access in settings.access.items():
        if access.whatsapp is not None:
            phones[code] = WhatsApp(access.whatsapp, wire, callbacks[code], system_clock, owned=owned)
            ports[code, Channel.WHATSAPP] = phones[code]
        if access.mail is not None:
            mark = postmark(settings, settings.offices[code])
            ports[code, Channel.EMAIL] = Mail(access.mail, mark, office=code, tokens=_tokens(access.mail), beat=beat)

    def read_report(received: Received) -> Report:
        known = received.fields
        return read_status(known["form"], known["query"], callbacks[received.office])

    templates = {code: _templates(access) for code, access in settings.access.items()}
    service = build_service(
        settings, brain=brain, ports=ports, read_whatsapp=_read_chat,
        read_status={Channel.WHATSAPP: read_report}, templates=templates, database=database,
    )  # fmt: skip
    keepers = [
        _mailbox(code, a.mail, service, beat).run for code, a in settings.access.items() if a.mail and a.mail.imap
    ]
    duties = [*whatsapp_duties(service, phones, beat), _nightly(service)]
    return Live(service, duties, keepers, wire=wire, phones=phones)


def _mailbox(code: str, access: MailAccess, service: Service, beat: Beat) -> Mailbox:
    assert access.imap is not None
    intake = Intake(code, MailLedger(service.database, code), service.clock)
    around = Surroundings(service.clock, random.random, beat, service.wake, tokens=_tokens(access))
    return Mailbox(access.imap, code, intake, around)


def _tokens(access: MailAccess) -> GrantedTokens | None:
    return GrantedTokens(access.oauth, system_clock) if access.oauth else None


def _beats(database: Database) -> Beat:
    """Signs of life of the channels, for the health page."""

    async def beat(name: str, note: str) -> None:
        async with database.write() as tx:
            await health.beat(tx, name, system_clock(), note)

    return beat


def _templates(access: Access) -> frozenset[Template]:
    return frozenset(access.whatsapp.templates) if access.whatsapp else frozenset()


def _read_chat(received: Received) -> Incoming:
    return read_message(received.fields)


async def log_in_everywhere(settings: Settings) -> list[tuple[str, str]]:
    """Each configured channel, each webhook, and what went wrong when knocking there ("" for nothing).

    Nothing is sent to anybody.
    """
    wire = Wire(settings.twilio_api_url)
    found = []
    for code, access in settings.access.items():
        if access.whatsapp is not None:
            channel = WhatsApp(access.whatsapp, wire, Callbacks(settings.public_url, code, ""), system_clock)
            found.append((f"{code} whatsapp", await _complaint(channel.check())))
            found.append((f"{code} webhook", await webhook_complaint(settings.public_url, code, access.whatsapp)))
        if access.mail is not None:
            found += await _mail_complaints(code, access.mail, settings)
    await wire.close()
    return found


async def bring_in_refused(settings: Settings, database: Database, rejected_id: int) -> str:
    """Bring in a message that was turned away at a webhook, if Twilio knows it; what keeps it from that, or ""."""
    async with database.read() as tx:
        row = await turned_away.one(tx, rejected_id)
    if row is None or row["provider_key"] is None:
        return "there is no such message"
    if row["brought_in_at"] is not None:
        return "it is inside already"
    access = settings.access.get(row["office"])
    if access is None or access.whatsapp is None:
        return f"office {row['office']} has no credentials for WhatsApp"
    live = live_service(settings, database, packaged_brain(), "")
    try:
        known = await refused_messages(live.service, live.phones).prove(row["office"], row["provider_key"])
    except DeliveryError as error:
        return str(error)
    finally:
        if live.wire is not None:
            await live.wire.close()
    return "" if known else "Twilio does not know this message: it was not sent by a citizen"


async def _mail_complaints(code: str, access: MailAccess, settings: Settings) -> list[tuple[str, str]]:
    mail = Mail(access, postmark(settings, settings.offices[code]), office=code, tokens=_tokens(access))
    found = [(f"{code} smtp", await _complaint(mail.check()))]
    await mail.close()
    if access.imap is not None:
        ledger = Intake(code, MailLedger(open_database("sqlite://"), code), system_clock)
        box = Mailbox(access.imap, code, ledger, Surroundings(system_clock, random.random, tokens=_tokens(access)))
        found.append((f"{code} imap", await _complaint(box.check())))
    return found


async def _complaint(check: Awaitable[None]) -> str:
    try:
        await check
    except DeliveryError as error:
        return str(error)
    except ImapError as error:
        return error.words
    return ""
