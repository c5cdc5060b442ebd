"""A running web room for tests: the real service on a temporary database, a simulated network, a real HTTP server.

Everything lives in the test's own event loop; requests leave from threads, so nothing blocks. The clock is the world's.
"""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.channels.simulator import Delivery
from bot.core.arrivals import Received
from bot.core.events import StaffEvent
from bot.core.model import Channel
from bot.simulation.world import World
from bot.store import listing, people
from bot.web.door import COOKIE, token_hash
from bot.web.inbox_routes import inbox_routes
from bot.web.pages import static_app
from bot.web.passwords import hash_password
from bot.web.simulator_routes import simulator_routes

PASSWORD = "kata sandi uji"
HASHED = hash_password(PASSWORD)
RINA = "+6281230000001"
BUDI = "budi@contoh.id"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    content: bytes

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    def field(self, name: str) -> str:
        """The value of the first field of that name in the page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no field {name!r} in the page"
        return found[1]


@dataclass
class Visitor:
    """A browser without a screen: keeps cookies, follows nothing by itself."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> Answer:
        return await asyncio.to_thread(self._send, "GET", path, None, headers)

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        body = urlencode(form).encode()
        return await asyncio.to_thread(self._send, "POST", path, body, {**_FORM, **headers})

    async def send(self, path: str, body: bytes, **headers: str) -> Answer:
        return await asyncio.to_thread(self._send, "POST", path, body, headers)

    async def sign_in(self, email: str, password: str = PASSWORD, back: str = "/inbox/") -> Answer:
        page = await self.get("/inbox/masuk")
        form = {"email": email, "password": password, "kembali": back, "form": page.field("form")}
        return await self.post("/inbox/masuk", form)

    async def deed(self, page: str, path: str, **form: str) -> Answer:
        """Open a page and send one of its forms with the page's own CSRF token and `seen` sign."""
        shown = await self.get(page)
        seen = {"seen": shown.field("seen")} if 'name="seen"' in shown.text else {}
        return await self.post(path, {"csrf": shown.field("csrf"), **seen, **form})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Cookie": self._cookies(), **named})
            response = connection.getresponse()
            content = response.read()
            self._keep(response.headers.get_all("Set-Cookie") or [])
            known = {name.casefold(): value for name, value in response.getheaders()}
            known["set-cookie"] = "\n".join(response.headers.get_all("Set-Cookie") or [])
            return Answer(response.status, known, content.decode("utf-8", "replace"), content)
        finally:
            connection.close()

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "max-age=0" in line.casefold():
                del self.cookies[name]


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Staging:
    """The web room on a free port of the loopback, with the world behind it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = 0
        self._messages = 0
        self._servers: list[asyncio.Server] = []

    async def __aenter__(self) -> Self:
        app = Starlette(routes=[
            Mount("/inbox", routes=inbox_routes(self.world.service)),
            Mount("/simulator", routes=simulator_routes(self.world.service, self.world.network)),
            Mount("/static", static_app()),
        ])  # fmt: skip
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])  # without uvicorn's own loop, which would take a tenth to end
        self._servers = server.servers
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    def visitor(self) -> Visitor:
        return Visitor(self.port)

    async def officer(self, office: str, name: str, role: str = "officer") -> str:
        """Hire somebody who can sign in; returns the mail address."""
        email = f"{name.casefold()}.{office}@contoh.id"
        async with self.world.service.database.write() as tx:
            if await people.add(tx, office, name, email, role, HASHED, self.world.now) is None:
                await people.set_password(tx, email, HASHED)
        return email

    async def signed_in(self, office: str, name: str, role: str = "officer") -> Visitor:
        """A visitor with a session, without the slow way over the password."""
        email, token = await self.officer(office, name, role), f"session of {name} {office}"
        async with self.world.service.database.write() as tx:
            officer = await people.by_email(tx, email)
            assert officer is not None
            await people.start_session(tx, officer, token_hash(token), f"csrf of {name}", self.world.now)
        return Visitor(self.port, {COOKIE: token})

    async def consults(self, text: str, *, office: str = "3574", phone: str = RINA, name: str = "Rina") -> str:
        """A citizen asks, and asks for staff where the base would have answered. Returns the consultation's number."""
        await self.writes(text, office=office, phone=phone, name=name)
        if await self.number(office, phone) is None:
            await self.writes("Tanya petugas", office=office, phone=phone, name=name, button="staff")
        if await self.number(office, phone) is None:
            await self.writes(text, office=office, phone=phone, name=name)
        number = await self.number(office, phone)
        assert number is not None
        return number

    async def consults_by_mail(self, subject: str, text: str, *, office: str = "3574", address: str = BUDI) -> str:
        """The same by e-mail."""
        await self.mails(subject, text, office=office, address=address)
        if await self.number(office, address) is None:
            await self.mails(f"Re: {subject}", "tanya petugas", office=office, address=address)
        number = await self.number(office, address)
        assert number is not None
        return number

    async def number(self, office: str, address: str) -> str | None:
        """A citizen's newest live consultation."""
        async with self.world.service.database.read() as tx:
            rows = await listing.all_of(tx)
        mine = [r for r in rows if (r["office"], r["address"]) == (office, address) and r["state"] != "closed"]
        return str(mine[-1]["number"]) if mine else None

    def received(self, address: str = RINA) -> list[Delivery]:
        """What the network delivered to somebody."""
        return [delivery for delivery in self.world.network.deliveries if delivery.to == address]

    async def row(self, number: str) -> listing.Row:
        async with self.world.service.database.read() as tx:
            found = await listing.one(tx, number[:4], number)
        assert found is not None
        return found

    async def act(self, number: str, make: Callable[[datetime, str], StaffEvent], name: str = "petugas") -> None:
        """A colleague does something, not through these pages."""
        officer = await self.world.officer(number[:4], name)
        await self.world.service.engine.act(officer, number, make, self.world.now)
        await self.passes(seconds=1)

    async def writes(
        self, text: str, *, office: str = "3574", phone: str = RINA, name: str = "Rina", button: str | None = None
    ) -> None:
        """A citizen writes on WhatsApp, and what follows happens."""
        self._messages += 1
        self.world.network.heard(office, phone)
        fields: dict[str, Any] = {"text": text, "button": button, "media": [], "profile_name": name, "phone": phone}
        now = self.world.now
        await self.world.service.engine.receive([
            Received(office, Channel.WHATSAPP, "message", f"SM{self._messages}", phone, now, now, fields)
        ])  # fmt: skip
        await self.passes(seconds=1)

    async def mails(
        self, subject: str, text: str, *, office: str = "3574", address: str = BUDI,
        file: tuple[str, bytes] | None = None,
    ) -> None:  # fmt: skip
        """A citizen writes an e-mail, and what follows happens."""
        self._messages += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Budi <{address}>", self.world.service.marks[office].address
        mail["Subject"], mail["Message-ID"] = subject, f"<m{self._messages}@contoh.id>"
        mail.set_content(text)
        if file is not None:
            mail.add_attachment(file[1], maintype="application", subtype="octet-stream", filename=file[0])
        now = self.world.now
        await self.world.service.engine.receive([
            Received(office, Channel.EMAIL, "message", f"m{self._messages}", address, now, now, {}, mail.as_bytes())
        ])  # fmt: skip
        await self.passes(seconds=1)

    async def passes(self, **span: float) -> None:
        await self.world.run_until(self.world.now + timedelta(**span))

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Time goes by on its own, for pages that look every second."""

        async def live() -> None:
            while True:
                await self.passes(seconds=0.5)
                await asyncio.sleep(0.1)

        life = asyncio.create_task(live())
        try:
            yield
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life

    async def until(self, moment: str) -> None:
        await self.world.run_until(datetime.fromisoformat(moment))


def database_url(folder: Path) -> str:
    return f"sqlite:///{folder}/web.db"
