"""The simulator's pages: a phone and a mailbox for people without accounts; mounted under /simulator in the demo only.

Its own script talks to these routes in JSON. A foreign page cannot: it may not send that content type here unasked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.app import Service
from bot.channels.simulator import SimulatedNetwork
from bot.core.model import Office
from bot.store import people
from bot.web.pages import Pages, protected
from bot.web.simulator_mail import Mailbox, Written
from bot.web.simulator_people import CITIZENS, Person, citizen
from bot.web.simulator_phone import Phone
from bot.web.words import day_clock
from scheduler.indonesian import clock, short_moment, zone_name

_LARGEST: Final = 100_000
_MOST_FILES: Final = 5
Show = Callable[[Mapping[str, str]], Awaitable[dict[str, Any]]]
Do = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Wrong(Exception):
    """The request names no office, person or mail of ours."""


def simulator_routes(service: Service, network: SimulatedNetwork) -> list[BaseRoute]:
    room = _Room(service, network, Pages())
    return [
        Route("/", room.page, methods=["GET"]),
        Route("/ponsel", _answered(room.phone), methods=["GET"]),
        Route("/ponsel", _told(room.write), methods=["POST"]),
        Route("/ponsel/dibaca", _told(room.read_chat), methods=["POST"]),
        Route("/surat", _answered(room.mailbox), methods=["GET"]),
        Route("/surat", _told(room.mail), methods=["POST"]),
        Route("/surat/dibaca", _told(room.read_mail), methods=["POST"]),
    ]


class _Room:
    def __init__(self, service: Service, network: SimulatedNetwork, pages: Pages) -> None:
        self._service = service
        self._network = network
        self._pages = pages

    async def page(self, request: Request) -> Response:
        offices = self._service.engine.offices.values()
        context = {"offices": list(offices), "citizens": CITIZENS, "officers": await self._officers()}
        return self._pages.page("simulator.html", context)

    async def phone(self, asked: Mapping[str, str]) -> dict[str, Any]:
        phone = self._phone(asked)
        found = {"messages": await phone.feed()}
        return _fresh(found, asked) | self._clock(self._office(asked))

    async def write(self, said: Mapping[str, Any]) -> dict[str, Any]:
        text, files = str(said.get("text") or "").strip(), _files(said)
        button = said.get("button")
        if not text and not files:
            raise Wrong
        await self._phone(said).send(text, str(button) if button else None, files)
        self._service.wake()
        return {"ok": True}

    async def read_chat(self, said: Mapping[str, Any]) -> dict[str, Any]:
        read = self._phone(said).read()
        if read:
            self._service.wake()
        return {"read": read}

    async def mailbox(self, asked: Mapping[str, str]) -> dict[str, Any]:
        mailbox = await self._mailbox(asked)
        return _fresh(await mailbox.feed(), asked)

    async def mail(self, said: Mapping[str, Any]) -> dict[str, Any]:
        mailbox, text = await self._mailbox(said), str(said.get("text") or "").strip()
        answered = mailbox.delivery(str(said["reply_to"])) if said.get("reply_to") else None
        office = answered.office if answered else self._office(said).code
        if not text:
            raise Wrong
        await mailbox.send(office, Written(str(said.get("subject") or ""), text, _files(said), answered))
        self._service.wake()
        return {"ok": True}

    async def read_mail(self, said: Mapping[str, Any]) -> dict[str, Any]:
        (await self._mailbox(said)).read(str(said.get("id") or ""))
        self._service.wake()
        return {"ok": True}

    def _office(self, asked: Mapping[str, Any]) -> Office:
        office = self._service.engine.offices.get(str(asked.get("office")))
        if office is None:
            raise Wrong
        return office

    def _phone(self, asked: Mapping[str, Any]) -> Phone:
        owner = citizen(str(asked.get("owner")))
        if owner is None:
            raise Wrong
        return Phone(self._service, self._network, self._office(asked).code, owner)

    async def _mailbox(self, asked: Mapping[str, Any]) -> Mailbox:
        wanted = str(asked.get("owner"))
        owner = citizen(wanted) or next((p for p in await self._officers() if p.key == wanted), None)
        if owner is None:
            raise Wrong
        return Mailbox(self._service, self._network, owner)

    async def _officers(self) -> list[Person]:
        async with self._service.database.read() as tx:
            found = [o for code in self._service.engine.offices for o in await people.of_office(tx, code)]
        return [Person(f"petugas-{o.id}", o.name, o.email, office=o.office) for o in found]

    def _clock(self, office: Office) -> dict[str, str]:
        """The service's time and whether the office is open."""
        now = office.calendar.local(self._service.clock())
        if office.calendar.is_open(now):
            state = f"Kantor buka sampai {clock(office.calendar.closing(now.date()))}"
        else:
            state = f"Kantor tutup, buka {day_clock(office.calendar.next_opening(now), now)}"
        return {"clock": f"{short_moment(now)} {zone_name(now)}", "state": state}


def _files(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Files by name, type and size; whatever is not described like that is left out."""
    wanted = said.get("files")
    found = [file for file in wanted if isinstance(file, dict)] if isinstance(wanted, list) else []
    return [file for file in found if isinstance(file.get("size"), int)][:_MOST_FILES]


def _fresh(found: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """Only what the page does not have already."""
    has = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
    return {"has": has} if asked.get("had") == has else {"has": has, **found}


def _answered(show: Show) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return protected(JSONResponse(await show(request.query_params)))
        except Wrong:
            return protected(JSONResponse({"error": "tidak dikenal"}, 404))

    return endpoint


def _told(do: Do) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        said = await _json(request)
        if said is None:
            return protected(JSONResponse({"error": "bukan JSON"}, 415))
        try:
            return protected(JSONResponse(await do(said)))
        except Wrong:
            return protected(JSONResponse({"error": "tidak dikenal"}, 400))

    return endpoint


async def _json(request: Request) -> dict[str, Any] | None:
    """The body, if it is a JSON object of a sane size and says so."""
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _LARGEST:
        return None
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return None
    try:
        said = await request.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
