"""No request whatever makes the service fail: every answer is below 500, and what was let in breaks no worker.

The suite sends two thousand; `make fuzz` twenty thousand (PST_TEST_FUZZ).
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from starlette.applications import Starlette

from bot.channels.simulator import SimulatedNetwork
from bot.channels.twilio_signature import Doorman
from bot.commands.serve import web_app
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.live import Live, live_service
from bot.reader import Brain
from bot.settings import Settings, load_settings
from bot.store import inbound, listing, people
from bot.store.database import open_database
from bot.store.schema import create_all
from bot.web.door import COOKIE, token_hash
from bot.worker import Worker
from tests.robustness.fuzzing import Asked, requests, status_of, templates

MANY = int(os.environ.get("PST_TEST_FUZZ", "2000"))
OFFICE = "3574"
OPENING = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
SESSION, CSRF = "kunci-uji", "csrf-uji"
ENVIRON = {
    "PST_SECRET_KEY": "x" * 40, "PST_PUBLIC_URL": "http://127.0.0.1",
    f"PST_{OFFICE}_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    f"PST_{OFFICE}_TWILIO_AUTH_TOKEN": "rahasia-uji", f"PST_{OFFICE}_WHATSAPP_FROM": "+6285600003574",
    "PST_TWILIO_API_URL": "http://127.0.0.1:9",
}  # fmt: skip


@dataclass
class Target:
    """The application with everything that a right request needs to know."""

    app: Starlette
    live: Live
    doorman: Doorman
    places: dict[str, list[str]]
    statuses: Counter[int] = field(default_factory=Counter)

    async def ask(self, asked: Asked) -> int:
        if asked.known:
            await signed_in(self.live)
        if asked.known and asked.form:
            asked = _with_form(asked, [*asked.form, ("csrf", CSRF)])
        if asked.signed:
            asked = self._signed(asked)
        status = await status_of(self.app, asked, f"{COOKIE}={SESSION}" if asked.known else "")
        self.statuses[status] += 1
        return status

    def _signed(self, asked: Asked) -> Asked:
        count = self.statuses.total()
        named = [("MessageSid", f"SM{count}"), ("From", f"whatsapp:+62812{count % 50:08d}")] if count % 3 else []
        form = [*asked.form, ("AccountSid", "AC" + "1" * 32), ("To", "whatsapp:+6285600003574"), *named]
        url = f"http://127.0.0.1{asked.path}" + (f"?{asked.query}" if asked.query else "")
        headers = [(k.lower().encode(), v.encode()) for k, v in self.doorman.sign(url, form).items()]
        asked = _with_form(asked, form)
        return dataclasses.replace(asked, headers=[*asked.headers, *headers])


def _with_form(asked: Asked, form: list[tuple[str, str]]) -> Asked:
    body = urlencode(form).encode()
    kind = b"application/x-www-form-urlencoded"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    return dataclasses.replace(asked, form=form, body=body, headers=headers)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.run_until_complete(_all_stopped())
    made.close()


async def _all_stopped() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(scope="module")
def target(loop: asyncio.AbstractEventLoop, brain: Brain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    made = loop.run_until_complete(_target(brain, tmp_path_factory.mktemp("fuzz")))
    yield made
    loop.run_until_complete(made.live.service.database.close())


async def _target(brain: Brain, folder: Path) -> Target:
    url = f"sqlite:///{folder}/pst.db"
    settings = load_settings({**ENVIRON, "PST_DATABASE_URL": url})
    database = open_database(url)
    await create_all(database)
    live = live_service(settings, database, brain, settings.secret_key.value)
    live = dataclasses.replace(live, network=SimulatedNetwork(live.service.clock))
    number = await _a_consultation(live)
    app = web_app(settings, live, Worker(live.service, ("web",)))
    places = {"office": [OFFICE, "3514"], "number": [number], "path": ["app.css"], "other": ["1", number]}
    return Target(app, live, _doorman(settings), places)


def _doorman(settings: Settings) -> Doorman:
    account = settings.access[OFFICE].whatsapp
    assert account is not None
    return Doorman(account)


async def _a_consultation(live: Live) -> str:
    """Of one citizen, who waits for an answer."""
    service, now = live.service, live.service.clock()
    form = {"MessageSid": "SM1", "From": "whatsapp:+6281230000001", "Body": OPENING, "WaId": "6281230000001"}
    await service.engine.receive(
        [Received(OFFICE, Channel.WHATSAPP, "message", "SM1", "+6281230000001", now, now, form)]
    )
    await service.engine.attend_all(now)
    await signed_in(live)
    async with service.database.read() as tx:
        return str((await listing.all_of(tx))[0]["number"])


async def signed_in(live: Live) -> None:
    """The head of the office has a session; one of the requests before may have ended it."""
    service, now = live.service, live.service.clock()
    async with service.database.read() as tx:
        if await people.session(tx, token_hash(SESSION)) is not None:
            return
    async with service.database.write() as tx:
        await people.add(tx, OFFICE, "Dewi", "dewi@contoh.id", "head", "!", now)
        officer = await people.by_email(tx, "dewi@contoh.id")
        assert officer is not None
        await people.start_session(tx, officer, token_hash(SESSION), CSRF, now)


def test_no_request_makes_the_service_fail(
    target: Target, loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)

    @hypothesis_settings(
        max_examples=MANY, deadline=None, database=None, derandomize=MANY <= 2000,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(requests(_weighted(target.app), target.places))
    def never_fails(asked: Asked) -> None:
        assert loop.run_until_complete(target.ask(asked)) < 500, asked

    never_fails()
    assert target.statuses.total() >= MANY
    assert target.statuses[200] > MANY / 20, "many come past the doors"
    assert {303, 403, 404, 405} <= set(target.statuses)
    loop.run_until_complete(_what_came_in_breaks_nothing(target))
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


def test_a_number_too_large_for_any_row_is_not_found(target: Target, loop: asyncio.AbstractEventLoop) -> None:
    """Found by the above: the database's driver refused it."""
    asked = Asked("GET", f"/inbox/data/{'9' * 30}/hapus", "", b"", [], signed=False, known=True)
    assert loop.run_until_complete(target.ask(asked)) == 404


def _weighted(app: Starlette) -> list[tuple[str, frozenset[str]]]:
    """What strangers can reach without signing in comes more often."""
    known = templates(app)
    return known + [route for route in known if route[0].startswith("/webhooks")] * (len(known) // 4)


async def _what_came_in_breaks_nothing(target: Target) -> None:
    """Whatever was signed was kept and acknowledged; the worker hears it without a fault."""
    service = target.live.service
    soon = service.clock() + timedelta(minutes=5)
    async with service.database.read() as tx:
        assert await inbound.next_due(tx) is not None, "nothing was let in"
    while await service.engine.attend_all(soon):
        pass
    async with service.database.read() as tx:
        assert await inbound.quarantined(tx) == []
        assert await inbound.next_due(tx) is None
