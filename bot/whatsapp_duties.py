"""What has to be done for WhatsApp every so often, put together for the composition root."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app import Service
from bot.channels.whatsapp import WhatsApp
from bot.core.model import Channel
from bot.media import MediaRunner
from bot.worker import Duty

FETCH_EVERY = 2.0  # seconds
TIDY_EVERY = 3600.0


def whatsapp_duties(service: Service, channels: Mapping[str, WhatsApp]) -> list[Duty]:
    """`channels`: by office code."""
    ports = {(code, Channel.WHATSAPP): channel for code, channel in channels.items()}
    files = MediaRunner(service.database, ports, service.media_folder, service.clock)
    return [
        Duty("media", FETCH_EVERY, files.fetch_due, role="worker"),
        Duty("media tidy", TIDY_EVERY, files.sweep, role="worker"),
    ]
