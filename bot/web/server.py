"""The web application of one process: webhooks, pages, health. Mounts; nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


def build_web(
    routes: Sequence[BaseRoute], lifespan: Lifespan, *, home: str, middleware: Sequence[Middleware] = ()
) -> Starlette:
    """All routes in one application; `home` is where "/" leads."""

    async def start(_: Request) -> Response:
        return RedirectResponse(home)

    @asynccontextmanager
    async def live(_: Starlette) -> AsyncIterator[None]:
        async with lifespan():
            yield

    async def broken(_: Request, error: Exception) -> Response:
        return PlainTextResponse("Maaf, ada gangguan. Kesalahan sudah dicatat.\n", 500)

    return Starlette(
        routes=[Route("/", start), *routes], lifespan=live, middleware=list(middleware),
        exception_handlers={Exception: broken},
    )  # fmt: skip
