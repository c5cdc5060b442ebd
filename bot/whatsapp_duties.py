"""What has to be done for WhatsApp every so often, put together for the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.app import Service
from bot.catching_up import Enquiries, GapSweep
from bot.channels.whatsapp import WhatsApp
from bot.core.model import Channel
from bot.media import MediaRunner
from bot.meter import Meter
from bot.worker import Duty

LOOK_EVERY = 10.0  # seconds; a sweep itself is due every five minutes
ASK_EVERY = 300.0
FETCH_EVERY = 2.0
TIDY_EVERY = 3600.0
Beat = Callable[[str, str], Awaitable[None]]


def whatsapp_duties(service: Service, channels: Mapping[str, WhatsApp], beat: Beat) -> list[Duty]:
    """`channels`: by office code."""
    ports = {(code, Channel.WHATSAPP): channel for code, channel in channels.items()}
    words = service.staff_wording
    sweep = _sweep(service, channels, beat)
    enquiries = Enquiries(service.database, channels, service.engine.deliveries, service.clock)
    files = MediaRunner(service.database, ports, service.media_folder, service.clock, words)
    ceilings = {c: a.whatsapp.monthly_messages for c, a in service.settings.access.items() if a.whatsapp}
    meter = Meter(
        service.database, service.settings.offices, {c: most for c, most in ceilings.items() if most},
        now=service.clock, new_token=service.new_token, words=words,
    )  # fmt: skip
    return [
        Duty("gaps", LOOK_EVERY, sweep.sweep_due, role="ticker", led=True),
        Duty("enquiries", ASK_EVERY, enquiries.ask, role="ticker", led=True),
        Duty("meter", 60.0, meter.watch, role="ticker", led=True),
        Duty("media", FETCH_EVERY, files.fetch_due, role="worker"),
        Duty("media tidy", TIDY_EVERY, files.sweep, role="worker"),
    ]


def refused_messages(service: Service, channels: Mapping[str, WhatsApp]) -> GapSweep:
    """For bringing in single messages that were turned away."""

    async def no_beat(name: str, note: str) -> None:
        return None

    return _sweep(service, channels, no_beat)


def _sweep(service: Service, channels: Mapping[str, WhatsApp], beat: Beat) -> GapSweep:
    return GapSweep(
        service.database, channels, now=service.clock, receive=service.engine.receive, mask=service.brain.mask,
        arrived=service.wake, beat=beat, words=service.staff_wording,
    )  # fmt: skip
