"""Whose turn it is to write, where only one may: in the order of asking, but the door comes before the back office.

A webhook is answered when its message is committed, within the provider's patience; a worker can wait a moment.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_Waiting = deque[asyncio.Future[None]]


class Turns:
    """A lock with two queues."""

    def __init__(self) -> None:
        self._taken = False
        self._door: _Waiting = deque()
        self._others: _Waiting = deque()

    @asynccontextmanager
    async def mine(self, *, door: bool) -> AsyncIterator[None]:
        """Holds the turn for the block; `door`: before everybody who does not ask from there."""
        await self._wait(self._door if door else self._others)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, queue: _Waiting) -> None:
        if not self._taken:
            self._taken = True
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self._pass_on()  # it was our turn already
            raise

    def _pass_on(self) -> None:
        for queue in (self._door, self._others):
            while queue:
                called = queue.popleft()
                if not called.done():
                    called.set_result(None)
                    return
        self._taken = False
