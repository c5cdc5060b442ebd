"""The front door's clerk: what arrives together is committed together, and acknowledged only then.

One transaction for every webhook would let the disk's flush decide how many a second we can take; a group commit takes
as many as arrived while the last one was being flushed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable

from bot.core.arrivals import Received

LARGEST_GROUP = 200
Store = Callable[[Iterable[Received]], Awaitable[int]]


class Intake:
    """Collects arrivals into groups. `put` returns when the arrival is committed; raises what the store raised."""

    def __init__(self, store: Store, arrived: Callable[[], None]) -> None:
        self._store = store
        self._arrived = arrived
        self._waiting: asyncio.Queue[tuple[Received, asyncio.Future[None]]] = asyncio.Queue()
        self._clerk: asyncio.Task[None] | None = None

    async def put(self, received: Received) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((received, done))
        if self._clerk is None or self._clerk.done():
            self._clerk = asyncio.create_task(self._work())
        await done

    async def close(self) -> None:
        if self._clerk is not None:
            self._clerk.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clerk

    async def _work(self) -> None:
        while True:
            group = [await self._waiting.get()]
            while not self._waiting.empty() and len(group) < LARGEST_GROUP:
                group.append(self._waiting.get_nowait())
            await self._commit(group)

    async def _commit(self, group: list[tuple[Received, asyncio.Future[None]]]) -> None:
        try:
            await self._store([received for received, _ in group])
        except Exception as error:
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        for _, done in group:
            if not done.done():
                done.set_result(None)
        self._arrived()
