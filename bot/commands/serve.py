"""`pst serve`: the roles of one process, and the demo."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.app import secret_key
from bot.base import served_entries
from bot.channels.twilio_signature import Doorman
from bot.commands.brain import brain_for
from bot.commands.demo import announce, seed
from bot.commands.output import DONE, WRONG_USAGE, fail, say
from bot.intake import Intake
from bot.live import Live, demo_service, live_service
from bot.reader import Brain
from bot.refusals import RefusalBook
from bot.settings import Settings
from bot.store.database import Database, StoreError, make_folder, open_database, sqlite_file
from bot.store.leadership import FileLock
from bot.store.schema import upgrade
from bot.web.health import health_routes
from bot.web.inbox_routes import inbox_routes
from bot.web.pages import static_app
from bot.web.server import build_web
from bot.web.simulator_routes import simulator_routes
from bot.web.webhooks import Gate, webhook_routes
from bot.worker import ROLES, Worker


def serve(settings: Settings, roles: str, *, demo: bool) -> int:
    """Run until interrupted. What makes it impossible is one line and exit status 2."""
    chosen = [role.strip() for role in roles.split(",") if role.strip()]
    unknown = [role for role in chosen if role not in ROLES]
    if unknown or not chosen:
        fail(WRONG_USAGE, f"--roles: unknown role {', '.join(unknown) or '(none)'}; known are {', '.join(ROLES)}")
    _logs()
    try:
        with _alone(settings):
            asyncio.run(_serve(settings, chosen, demo=demo))
    except StoreError as error:
        fail(WRONG_USAGE, str(error))
    return DONE


@contextlib.contextmanager
def _alone(settings: Settings):  # type: ignore[no-untyped-def]
    """SQLite serves one process: a second one is refused."""
    make_folder(settings.database_url)
    path = sqlite_file(settings.database_url)
    with FileLock(path.with_suffix(".lock")) if path else contextlib.nullcontext():
        yield


async def _serve(settings: Settings, roles: Sequence[str], *, demo: bool) -> None:
    listener = _listener(settings) if "web" in roles else None
    database = open_database(settings.database_url)
    try:
        await database.ping()
        await upgrade(database)
        live = _assembled(settings, database, brain_for(settings, await served_entries(database)), demo=demo)
        if demo:
            await seed(live.service)
        if live.recall is not None:
            await live.recall()
        await live.service.engine.refresh_calendars()
        worker = Worker(live.service, roles, live.duties, live.keepers)
        gc.collect()
        gc.freeze()  # what was learnt stays for good: looking through it again and again stops everything for 0.1 s
        live.service.wakers.append(worker.wake)
        await _run(settings, live, worker, roles, listener, demo=demo)
    finally:
        await database.close()
        if listener is not None:
            listener.close()


def _listener(settings: Settings) -> socket.socket:
    """The port, taken before anything else is done: two services would get into each other's way."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        fail(WRONG_USAGE, f"cannot listen on {settings.host}:{settings.port} (PST_HOST, PST_PORT): {error.strerror}")


def _assembled(settings: Settings, database: Database, brain: Brain, *, demo: bool) -> Live:
    if demo:
        return demo_service(settings, database, brain)
    place = sqlite_file(settings.database_url)
    keep_in = (place.parent if place else Path("var")) / "secret.key"
    return live_service(settings, database, brain, secret_key(settings, keep_in))


async def _run(
    settings: Settings, live: Live, worker: Worker, roles: Sequence[str], listener: socket.socket | None, *, demo: bool
) -> None:
    if listener is not None:
        config = uvicorn.Config(
            web_app(settings, live, worker), host=settings.host, port=settings.port, log_level="warning",
            access_log=False, server_header=False,
        )  # fmt: skip
        if demo:
            announce(settings)
        else:
            say(f"serving {', '.join(roles)} on {settings.host}:{settings.port} ({settings.public_url})")
        await uvicorn.Server(config).serve(sockets=[listener])
        return
    await worker.start()
    say(f"working as {', '.join(roles)}")
    await _interrupted()
    await worker.stop()


def web_app(settings: Settings, live: Live, worker: Worker) -> Starlette:
    """The web application of this process; its lifespan starts and stops the worker."""
    service = live.service
    intake = Intake(service.engine.receive, worker.wake)
    doormen = {code: Doorman(a.whatsapp) for code, a in settings.access.items() if a.whatsapp}

    book = RefusalBook(service.database, service.clock, service.staff_wording)
    gate = Gate(settings.public_url, doormen, intake, book.write, service.clock, service.brain.mask)
    mounts = [Mount("/inbox", routes=inbox_routes(service)), Mount("/static", static_app())]
    if live.network is not None:
        mounts.append(Mount("/simulator", routes=simulator_routes(service, live.network)))

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        await worker.start()
        yield
        await worker.stop()
        await intake.close()
        if live.wire is not None:
            await live.wire.close()

    home = "/simulator/" if live.network is not None else "/inbox/"
    return build_web([*health_routes(service), *webhook_routes(gate), *mounts], lifespan, home=home)


async def _interrupted() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _logs() -> None:
    """One JSON line each on stderr; no personal data is ever given to a logger."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper("iso"),
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("apscheduler", "aioimaplib", "aiosqlite", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
