"""The service in processes of its own, which die and come back; around it a played Twilio, and the database to look at.

A process that comes back believes that five minutes have passed: what the dead one was sending is given up by then.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.store import tables
from bot.store.database import Database, open_database
from bot.store.schema import upgrade
from tests.standins.loopback import Answer, Request
from tests.standins.twilio import Provider

ROOT = Path(__file__).parent.parent.parent
ACCOUNT, TOKEN, SENDER = "AC" + "1" * 32, "rahasia-uji", "whatsapp:+6285600003574"
OFFICE = "3574"
LATER = 300.0  # seconds; longer than a claim lasts
PATIENCE = 60.0  # seconds; on two idle cores a tenth of it
ALL_ROLES = "web,worker,ticker"


class KillingProvider(Provider):
    """Twilio, which sees a caller die in the middle of a call: `victim` is killed when it asks for a message."""

    victim: Callable[[], None] | None = None

    async def _handle(self, request: Request) -> Answer:
        sending = request.method == "POST" and request.path.endswith("/Messages.json")
        victim, self.victim = (self.victim, None) if sending else (None, self.victim)
        answer = await super()._handle(request)
        if victim is not None:
            victim()
        return answer


class Scene:
    """One office with its database; `url` is where its web process listens, in every life."""

    def __init__(self, database: Database, database_url: str, environ: Mapping[str, str], port: int) -> None:
        self.database = database
        self.url = f"http://127.0.0.1:{port}"
        self._environ = {
            "PST_DATABASE_URL": database_url, "PST_PORT": str(port), "PST_SECRET_KEY": "x" * 40, **environ,
        }  # fmt: skip

    @asynccontextmanager
    async def life(
        self, *, step: str = "", passes: int = 0, ahead: float = 0.0, roles: str = ALL_ROLES
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """One life of a process. Ends with the block, unless it has ended itself."""
        order = json.dumps({"roles": roles, "step": step, "passes": passes, "ahead": ahead})
        known = {k: v for k, v in os.environ.items() if not k.startswith("PST_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.robustness.service_child", order, cwd=ROOT, env=known | self._environ,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            async with asyncio.timeout(PATIENCE):
                line = await process.stdout.readline()  # "serving ..." or "working as ..."
                assert line, f"the service did not start: exit status {await process.wait()}"
                if "web" in roles:
                    await self._answers()
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _answers(self) -> None:
        """It says that it serves a moment before it does."""
        port = int(self.url.rpartition(":")[2])
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)

    async def rows(self, name: str) -> list[dict[str, Any]]:
        """All rows of a table, oldest first."""
        table = tables.metadata.tables[name]
        async with self.database.read() as tx:
            return [dict(row) for row in (await tx.execute(select(table).order_by(*table.primary_key))).mappings()]

    async def settled(self, patience: float = PATIENCE) -> None:
        """Waits until everything that came in is done and everything to be sent is sent."""
        unread = select(func.count()).where(tables.inbound.c.state == "new")
        unsent = select(func.count()).where(tables.outbound.c.state.in_(("pending", "sending", "uncertain")))
        try:
            async with asyncio.timeout(patience):
                while True:
                    async with self.database.read() as tx:
                        left = [(await tx.execute(query)).scalar_one() for query in (unread, unsent)]
                    if left == [0, 0]:
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not settled: {await self._states()}") from None

    async def _states(self) -> list[Counter[tuple[str, str | None]]]:
        return [Counter((r["state"], r["error"]) for r in await self.rows(name)) for name in ("inbound", "outbound")]


@asynccontextmanager
async def scene(database_url: str, environ: Mapping[str, str]) -> AsyncIterator[Scene]:
    database = open_database(database_url)
    await upgrade(database)
    try:
        yield Scene(database, database_url, environ, free_port())
    finally:
        await database.close()


@asynccontextmanager
async def whatsapp_scene(database_url: str, provider: Provider) -> AsyncIterator[Scene]:
    """With a WhatsApp account; the provider knows where to call."""
    environ = {
        "PST_TWILIO_API_URL": provider.url, f"PST_{OFFICE}_TWILIO_ACCOUNT_SID": ACCOUNT,
        f"PST_{OFFICE}_TWILIO_AUTH_TOKEN": TOKEN, f"PST_{OFFICE}_WHATSAPP_FROM": SENDER.removeprefix("whatsapp:"),
    }  # fmt: skip
    async with scene(database_url, environ) as place:
        provider.account(ACCOUNT, TOKEN, SENDER, message_url=f"{place.url}/webhooks/twilio/{OFFICE}/message")
        yield place


async def dead(process: asyncio.subprocess.Process) -> None:
    """Waits until a process has been killed; fails when it ends otherwise or goes on."""
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == -signal.SIGKILL


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
