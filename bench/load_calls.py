"""Calls a server at a fixed rate, whatever it answers, and writes down how long each answer took.

The calls are due by the clock and not by the answers (an open loop): a server that stalls is called on, and each call
is timed from the moment it was due. Connections are kept and used again, as a provider does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

LOST = 0  # the status of a call that was not answered
PATIENCE = 15.0  # seconds; what Twilio waits


@dataclass
class Answers:
    """`seconds`: of each answer, in the order of arrival; `statuses`: how many of each."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def share(self, part: float) -> float:
        """The time within which that part of the calls was answered, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class _Line(asyncio.Protocol):
    """One connection, one call at a time."""

    def __init__(self) -> None:
        self._answered: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self.open = transport, True

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        self._settle(LOST)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        self._settle(status)

    def close(self) -> None:
        self._transport.close()

    async def call(self, request: bytes) -> int:
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def _settle(self, status: int) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)


class Caller:
    """Speaks to one address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._free: list[_Line] = []
        self.answers = Answers()

    async def run(self, requests: Sequence[bytes], rate: float) -> Answers:
        """All requests, `rate` of them a second; returns when the last one was answered."""
        loop = asyncio.get_running_loop()
        start, calls = loop.time() + 0.2, []
        for number, request in enumerate(requests):
            due = start + number / rate
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            calls.append(asyncio.create_task(self._call(request, due)))
        await asyncio.gather(*calls)
        for line in self._free:
            line.close()
        return self.answers

    async def _call(self, request: bytes, due: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                line = await self._line()
                status = await line.call(request)
            self._free.append(line)
        except (OSError, TimeoutError):
            status = LOST
        self.answers.seconds.append(loop.time() - due)
        self.answers.statuses[status] += 1

    async def _line(self) -> _Line:
        while self._free:
            line = self._free.pop()
            if line.open:
                return line
        _, line = await asyncio.get_running_loop().create_connection(_Line, self._host, self._port)
        return line
