"""Alive, ready, and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.app import Service
from bot.core.charges import month_of
from bot.store import health, listing, traffic, turned_away
from bot.store.database import StoreError, Transaction
from bot.web.mailbox_state import figures, mailbox_lines

SILENCE = timedelta(seconds=90)
CHANNEL_SILENCE = timedelta(minutes=12)


def health_routes(service: Service) -> list[BaseRoute]:
    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        state = await readiness(service)
        return JSONResponse(state, 200 if state["ready"] else 503)

    async def metrics(_: Request) -> Response:
        return Response(await measured(service), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]


async def readiness(service: Service) -> dict[str, Any]:
    """Whether the service can serve: the database answers, every role and channel has given a sign of life lately."""
    now = service.clock()
    try:
        async with service.database.read() as tx:
            beats = await health.beats(tx)
            hour = now - timedelta(hours=1)
            boxes = {code: await _boxes(tx, service, code) for code in service.engine.offices}
            refused = {code: await turned_away.count_since(tx, code, hour) for code in service.engine.offices}
    except (StoreError, OSError, Exception) as error:  # whatever the driver raises: not ready, and why
        return {"ready": False, "database": type(error).__name__, "roles": {}, "channels": {}}
    signs = {
        name: {"at": at.isoformat(), "late": now - at > _silence(name), "note": note}
        for name, (at, note) in beats.items()
    }
    roles = {n.removeprefix("role:"): s for n, s in signs.items() if n.startswith("role:")}
    channels = {n.removeprefix("channel:"): s for n, s in signs.items() if n.startswith("channel:")}
    late = any(sign["late"] for sign in roles.values())
    return {
        "ready": not late, "database": "ok", "roles": roles, "channels": channels,
        "rejected_last_hour": refused, "mailboxes": {code: found for code, found in boxes.items() if found},
    }  # fmt: skip


async def _boxes(tx: Transaction, service: Service, code: str) -> list[dict[str, Any]]:
    return figures(await mailbox_lines(tx, code, service.settings.access[code], service.clock()))


def _silence(name: str) -> timedelta:
    """How long a sign of life lasts: WhatsApp's comes every five minutes."""
    return CHANNEL_SILENCE if name.startswith("channel:") else SILENCE


async def measured(service: Service) -> bytes:
    """The figures that an operator watches, in Prometheus' text form."""
    registry = CollectorRegistry()
    open_now = Gauge("pst_consultations", "Consultations by state", ["office", "view"], registry=registry)
    queue = Gauge("pst_queue", "Rows waiting", ["queue", "state"], registry=registry)
    charged = Gauge(
        "pst_whatsapp_messages", "Messages this month", ["office", "direction", "category"], registry=registry
    )
    refused = Gauge("pst_webhooks_refused", "Webhooks turned away in the last hour", ["office"], registry=registry)
    now = service.clock()
    async with service.database.read() as tx:
        for code, office in service.engine.offices.items():
            for (direction, category), count in (await traffic.of_month(tx, code, month_of(office, now))).items():
                charged.labels(code, direction, category).set(count)
            refused.labels(code).set(await turned_away.count_since(tx, code, now - timedelta(hours=1)))
            for view, count in (await listing.counts(tx, code)).items():
                open_now.labels(code, view).set(count)
        for (name, state), count in (await health.queues(tx)).items():
            queue.labels(name, state).set(count)
    return generate_latest(registry)
