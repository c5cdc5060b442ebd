"""An officer's browser at the real service, signed in without the slow way over the password."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from bot.store import people
from bot.web.door import COOKIE, token_hash
from tests.service.running import Running


@dataclass(frozen=True)
class Officer:
    url: str
    web: aiohttp.ClientSession

    async def page(self, path: str) -> str:
        async with self.web.get(f"{self.url}/inbox{path}") as reply:
            assert reply.status == 200, (path, reply.status)
            return await reply.text()

    async def deed(self, page: str, path: str) -> int:
        """Press a button of a page; the status without following where it leads."""
        csrf = re.search(r'name="csrf" value="([^"]*)"', await self.page(page))
        assert csrf
        form, headers = {"csrf": csrf[1]}, {"Origin": self.url}
        async with self.web.post(f"{self.url}/inbox{path}", data=form, headers=headers, allow_redirects=False) as reply:
            return reply.status


@asynccontextmanager
async def officer(service: Running, office: str = "3574", role: str = "head") -> AsyncIterator[Officer]:
    now, email, token = service.live.service.clock(), f"{role}.{office}@contoh.id", f"session of {role} {office}"
    async with service.live.service.database.write() as tx:
        await people.add(tx, office, "Dewi", email, role, "!", now)
        found = await people.by_email(tx, email)
        assert found is not None
        await people.start_session(tx, found, token_hash(token), "csrf", now)
    cookies = aiohttp.CookieJar(unsafe=True)  # the address is a number
    async with aiohttp.ClientSession(cookies={COOKIE: token}, cookie_jar=cookies) as web:
        yield Officer(service.url, web)
