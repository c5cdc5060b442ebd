"""A small and fast HTTP/1.1 server on loopback, in a thread with an event loop of its own.

For providers that are played in tests: besides answering it can say nothing at all, or hang up, at any moment. It
never listens on anything but 127.0.0.1 and ends with its `with` block.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl

import httptools

T = TypeVar("T")
_REASONS: Final = {200: "OK", 201: "Created", 204: "No Content", 307: "Temporary Redirect", 400: "Bad Request"}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]  # names in lower case
    body: bytes

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "\r\n"]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing comes back, and the connection stays."""


Answer = Reply | Cut | Silence
Handler = Callable[[Request], Awaitable[Answer]]


class Call(Generic[T]):
    """Something that goes on in the server's thread; `result()` for plain code, `await` for a coroutine."""

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def result(self, timeout: float = 10.0) -> T:
        return self._future.result(timeout)

    def __await__(self) -> Generator[Any, None, T]:
        return asyncio.wrap_future(self._future).__await__()


class Loopback:
    """The server; `handler` runs in its thread."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self._handler = handler
        self._port = port
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.faults: list[BaseException] = []
        self.closing: list[Callable[[], Awaitable[None]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.loop is not None and self._stop is not None:
            self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def run(self, work: Coroutine[Any, Any, T]) -> Call[T]:
        """Start something in the server's thread."""
        assert self.loop is not None, "the server is not running"
        return Call(asyncio.run_coroutine_threadsafe(work, self.loop))

    async def _serve(self) -> None:
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self.loop.create_server(lambda: _Connection(self), "127.0.0.1", self._port, backlog=512)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for close in self.closing:
            await close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def answer(self, request: Request) -> Answer:
        try:
            return await self._handler(request)
        except Exception as error:  # shown by the test, not swallowed by the thread
            self.faults.append(error)
            return Reply(599, repr(error).encode())


class _Connection(asyncio.Protocol):
    """One connection; requests on it are answered one after the other."""

    def __init__(self, server: Loopback) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._tasks: set[asyncio.Task[None]] = set()
        self._begin()

    def _begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        url = httptools.parse_url(self._url)
        query = tuple(parse_qsl((url.query or b"").decode(), keep_blank_values=True))
        method = self._parser.get_method().decode()
        request = Request(method, url.path.decode(), query, self._headers, b"".join(self._body))
        self._begin()
        task = asyncio.get_running_loop().create_task(self._answer(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, request: Request) -> None:
        answer = await self._server.answer(request)
        if isinstance(answer, Cut):
            self._transport.abort()
        elif isinstance(answer, Reply):
            self._transport.write(answer.bytes())
