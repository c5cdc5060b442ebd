"""The real service on loopback: web server, worker, database; only the provider is played."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from bot.commands.serve import web_app
from bot.live import Live, live_service
from bot.reader import Brain
from bot.settings import Settings, load_settings
from bot.store.database import Database
from bot.store.schema import create_all
from bot.worker import Worker
from tests.standins.twilio import Provider

ACCOUNT, TOKEN, SENDER = "AC" + "1" * 32, "rahasia-uji", "whatsapp:+6285600003574"


@dataclass(frozen=True)
class Running:
    settings: Settings
    live: Live
    url: str

    def webhook(self, name: str) -> str:
        return f"{self.url}/webhooks/twilio/3574/{name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(provider: Provider, port: int, database_url: str, **more: str) -> Settings:
    environ = {
        "PST_DATABASE_URL": database_url, "PST_PORT": str(port), "PST_TWILIO_API_URL": provider.url,
        "PST_3574_TWILIO_ACCOUNT_SID": ACCOUNT, "PST_3574_TWILIO_AUTH_TOKEN": TOKEN,
        "PST_3574_WHATSAPP_FROM": SENDER.removeprefix("whatsapp:"), "PST_SECRET_KEY": "x" * 40, **more,
    }  # fmt: skip
    return load_settings(environ)


@asynccontextmanager
async def running(
    provider: Provider, database: Database, database_url: str, brain: Brain, **more: str
) -> AsyncIterator[Running]:
    """The service, answering; stopped at the end of the block."""
    port = free_port()
    settings = settings_for(provider, port, database_url, **more)
    await create_all(database)
    live = live_service(settings, database, brain, settings.secret_key.value)
    worker = Worker(live.service, ("web", "worker", "ticker"), live.duties, live.keepers)
    live.service.wakers.append(worker.wake)
    config = uvicorn.Config(web_app(settings, live, worker), host="127.0.0.1", port=port, log_level="error")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Running(settings, live, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        await serving
