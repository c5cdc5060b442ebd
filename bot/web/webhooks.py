"""Twilio's webhooks: checked, stored, committed, and only then answered 200. Understanding comes later.

A request with a bad signature gets 403 and is kept (bounded) for the health page: a wrong public address or a rotated
token is noticed within a minute, and the messages can be brought in once the cause is fixed.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.twilio_form import FormError, Pairs, field, form_fields, read_form
from bot.channels.twilio_signature import Doorman, Rejected
from bot.channels.whatsapp_identity import addressee, identities
from bot.channels.whatsapp_status import report_key
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.intake import Intake

LARGEST_BODY = 64 * 1024
JOIN = timedelta(seconds=2)
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
Turned = Callable[[str, Rejected, Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Gate:
    """What the webhooks of all offices need. `turned_away(office, why, fields)` keeps what was refused."""

    public_url: str
    doormen: Mapping[str, Doorman]
    intake: Intake
    turned_away: Turned
    clock: Callable[[], datetime]
    mask: Callable[[str], str]


class _Refused(Exception):
    """Ends a request with a status."""

    def __init__(self, status: int) -> None:
        self.status = status


def webhook_routes(gate: Gate) -> list[BaseRoute]:
    async def message(request: Request) -> Response:
        return await _guarded(gate, request, _message)

    async def status(request: Request) -> Response:
        return await _guarded(gate, request, _status)

    return [
        Route("/webhooks/twilio/{office}/message", message, methods=["POST"]),
        Route("/webhooks/twilio/{office}/status", status, methods=["POST"]),
    ]


async def _guarded(
    gate: Gate, request: Request, make: Callable[[Gate, Request, str, dict[str, Any]], Received | None]
) -> Response:
    try:
        office, fields = await _admitted(gate, request)
        received = make(gate, request, office, fields)
    except _Refused as refused:
        return PlainTextResponse("", refused.status)
    except ClientDisconnect:
        return PlainTextResponse("", 400)
    if received is not None:
        await gate.intake.put(received)
    return Response(_EMPTY_TWIML, media_type="text/xml")


async def _admitted(gate: Gate, request: Request) -> tuple[str, dict[str, Any]]:
    """The office and the form of a request that is really Twilio's; raises _Refused."""
    office = request.path_params["office"]
    doorman = gate.doormen.get(office)
    if doorman is None:
        raise _Refused(404)
    pairs = await _form(request)
    query = request.url.query
    url = f"{gate.public_url}{request.url.path}" + (f"?{query}" if query else "")
    verdict = doorman.check(url, pairs, dict(request.headers))
    if isinstance(verdict, Rejected):
        logging.getLogger("pst.webhook").warning("turned away: %s", verdict.cause)
        await gate.turned_away(office, verdict, _masked(gate, form_fields(pairs)))
        raise _Refused(403)
    return office, _masked(gate, form_fields(pairs))


async def _form(request: Request) -> Pairs:
    """The pairs of the body, which is never read further than its limit."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise _Refused(413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _Refused(413)
    try:
        return read_form(bytes(body))
    except FormError:
        raise _Refused(400) from None


def _message(gate: Gate, request: Request, office: str, fields: dict[str, Any]) -> Received | None:
    sid, who, now = field(fields, "MessageSid") or field(fields, "SmsSid"), identities(fields), gate.clock()
    if not sid or not who.address:
        return None
    return Received(office, Channel.WHATSAPP, "message", sid, who.address, now, now + JOIN, fields)


def _status(gate: Gate, request: Request, office: str, fields: dict[str, Any]) -> Received | None:
    now, key = gate.clock(), report_key(fields)
    if key == ":":
        return None
    known = {"form": fields, "query": dict(request.query_params)}
    return Received(office, Channel.WHATSAPP, "status", f"status:{key}", addressee(fields) or "-", now, now, known)


def _masked(gate: Gate, fields: dict[str, str | list[str]]) -> dict[str, Any]:
    """Identity and card numbers never reach the database whole."""
    text = fields.get("Body")
    return {**fields, "Body": gate.mask(text)} if isinstance(text, str) else dict(fields)
