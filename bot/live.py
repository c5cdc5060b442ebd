"""The service with real channels, or with the simulated ones of the demo; assembled for `pst serve`."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from bot.app import Service, build_service, postmark
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
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_reading import read_message
from bot.channels.whatsapp_status import Callbacks, read_status
from bot.clock import system_clock
from bot.core.arrivals import Received
from bot.core.effects import Template
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Access, Settings
from bot.store import outbound
from bot.store.database import Database
from bot.worker import Duty


@dataclass(frozen=True)
class Live:
    """A service ready to run. `network` only in the demo; `wire` only with Twilio."""

    service: Service
    duties: Sequence[Duty]
    network: SimulatedNetwork | None = None
    wire: Wire | None = None


def demo_service(settings: Settings, database: Database, brain: Brain) -> Live:
    """Both offices on a simulated phone network and mail system."""
    network = SimulatedNetwork(system_clock)
    ports: dict[tuple[str, Channel], Port] = {}
    for code, office in settings.offices.items():
        ports[code, Channel.WHATSAPP] = SimulatedWhatsApp(network, code, lambda c: fault(c).error())
        ports[code, Channel.EMAIL] = SimulatedMail(network, code, postmark(settings, office))
    service = build_service(
        settings, brain=brain, ports=ports, read_whatsapp=read_simulated_chat,
        read_status={Channel.WHATSAPP: read_simulated_status, Channel.EMAIL: read_simulated_status},
        templates={code: frozenset(Template) for code in settings.offices}, database=database,
    )  # fmt: skip
    return Live(service, [Duty("network", 0.5, lambda: _hand_in_reports(service, network))], network)


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

    async def owned(sids: Sequence[str]) -> set[str]:
        async with database.read() as tx:
            return await outbound.owned(tx, Channel.WHATSAPP, sids)

    for code, access in settings.access.items():
        if access.whatsapp is not None:
            ports[code, Channel.WHATSAPP] = WhatsApp(access.whatsapp, wire, callbacks[code], system_clock, owned=owned)

    def read_report(received: Received) -> Report:
        known = received.fields
        return read_status(known["form"], known["query"], callbacks[received.office])

    templates = {code: _templates(access) for code, access in settings.access.items()}
    service = build_service(
        settings, brain=brain, ports=ports, read_whatsapp=_read_chat,
        read_status={Channel.WHATSAPP: read_report}, templates=templates, database=database,
    )  # fmt: skip
    return Live(service, [], wire=wire)


def _templates(access: Access) -> frozenset[Template]:
    return frozenset(access.whatsapp.templates) if access.whatsapp else frozenset()


def _read_chat(received: Received) -> Incoming:
    return read_message(received.fields)


async def log_in_everywhere(settings: Settings) -> list[tuple[str, str]]:
    """Each configured channel and what went wrong when logging in ("" for nothing); nothing is sent."""
    wire = Wire(settings.twilio_api_url)
    found = []
    for code, access in settings.access.items():
        if access.whatsapp is not None:
            channel = WhatsApp(access.whatsapp, wire, Callbacks(settings.public_url, code, ""), system_clock)
            found.append((f"{code} whatsapp", await _complaint(channel.check())))
    await wire.close()
    return found


async def _complaint(check: Awaitable[None]) -> str:
    try:
        await check
    except DeliveryError as error:
        return str(error)
    return ""
