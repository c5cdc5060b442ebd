"""The hands of the service: loops that attend and deliver as soon as there is something, and a ticker for the rest.

Any number of workers may run over one database: what they take up is claimed there. The ticker's jobs are harmless
when several run them; on one machine only one does (bot/store/leadership.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.app import Service
from bot.store import health
from bot.store.leadership import Leadership
from scheduler.ticker import Ticker

PAUSE = 0.25  # seconds between looks when nothing woke us
ROLES = ("web", "worker", "ticker")
Work = Callable[[], Awaitable[int]]
Keeper = Callable[[], Awaitable[None]]
LEADERSHIP_CHECK = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Duty:
    """A further thing to do every so often, brought along by the composition root.

    `role`: only where that role is played. `led`: only by the process that leads.
    """

    name: str
    seconds: float
    work: Callable[[], Awaitable[object]]
    role: str = ""
    led: bool = False


class Worker:
    """Runs the roles of one process until stopped."""

    def __init__(
        self, service: Service, roles: Sequence[str], duties: Sequence[Duty] = (), keepers: Sequence[Keeper] = ()
    ) -> None:
        self._service = service
        self._roles = roles
        self._duties = duties
        self._keepers = keepers
        self._leadership = Leadership(service.database)
        self._leading = False
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._ticker = Ticker(logging.getLogger("pst.ticker"))
        self._log = logging.getLogger("pst.worker")

    def wake(self) -> None:
        """There is something to do now."""
        self._wake.set()

    async def start(self) -> None:
        service = self._service
        if "worker" in self._roles:
            loops: list[Work] = [self._attend, self._deliver]
            self._tasks = [asyncio.create_task(self._loop(work), name=work.__name__) for work in loops]
            self._ticker.every(30, "reconcile", lambda: service.outbox.reconcile(service.clock()))
        if "ticker" in self._roles:
            self._tasks.append(asyncio.create_task(self._lead(), name="lead"))
            self._ticker.every(10, "sweep", self._sweep)
            self._ticker.every(60, "digest", self._digest)
        self._ticker.every(60, "calendars", service.engine.refresh_calendars)
        for duty in self._duties:
            if not duty.role or duty.role in self._roles:
                self._ticker.every(duty.seconds, duty.name, self._led(duty) if duty.led else duty.work)
        self._ticker.every(15, "heartbeat", self.beat)
        self._ticker.start()
        await self.beat()

    async def stop(self) -> None:
        self._ticker.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leadership.resign()

    async def beat(self) -> None:
        """A sign of life of each role, for the health page."""
        async with self._service.database.write() as tx:
            for role in self._roles:
                await health.beat(tx, f"role:{role}", self._service.clock())

    async def _attend(self) -> int:
        return await self._service.engine.attend_all(self._service.clock())

    async def _deliver(self) -> int:
        return await self._service.outbox.deliver(self._service.clock)

    async def _lead(self) -> None:
        """One process leads: it runs the clock and keeps the mailboxes; another takes over when it is gone."""
        keeping: list[asyncio.Task[None]] = []
        try:
            while True:
                self._leading = await self._leadership.held()
                if self._leading and not keeping:
                    keeping = [asyncio.create_task(_for_ever(keeper, self._log)) for keeper in self._keepers]
                elif not self._leading and keeping:
                    await _stopped(keeping)
                    keeping = []
                await asyncio.sleep(LEADERSHIP_CHECK)
        finally:
            await _stopped(keeping)

    def _led(self, duty: Duty) -> Callable[[], Awaitable[object]]:
        async def work() -> None:
            if self._leading:
                await duty.work()

        return work

    async def _digest(self) -> None:
        if self._leading:
            await self._service.engine.digest(self._service.clock())

    async def _sweep(self) -> None:
        if not self._leading:
            return
        if await self._service.engine.sweep(self._service.clock()):
            self.wake()

    async def _loop(self, work: Work) -> None:
        """Work while there is any, else wait for a wake-up or a moment; a failure never ends the loop."""
        while True:
            try:
                busy = await work()
            except Exception:
                self._log.exception("work failed")
                busy = 0
                await asyncio.sleep(1)
            if busy:
                self._wake.set()
                await asyncio.sleep(0)
            else:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(PAUSE):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()


async def _for_ever(keeper: Keeper, log: logging.Logger) -> None:
    while True:
        try:
            await keeper()
        except Exception:
            log.exception("a keeper failed")
        await asyncio.sleep(5)


async def _stopped(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
