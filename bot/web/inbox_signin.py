"""Signing in and out.

The sign-in form has no session to take a CSRF token from: a random value in a cookie must come back in the form, which
a foreign page can neither read nor set.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.app import Service
from bot.store import people
from bot.store.people import Officer
from bot.web.door import COOKIE, INBOX, Door, Visit, local_path, token_hash
from bot.web.pages import Pages, protected
from bot.web.passwords import hash_password, matches
from bot.web.tries import WrongTries

_FORM_COOKIE: Final = "pst_masuk"


def signin_routes(service: Service, pages: Pages, door: Door) -> list[BaseRoute]:
    desk = _Reception(service, pages, WrongTries())
    return [
        Route("/masuk", desk.form, methods=["GET"]),
        Route("/masuk", desk.sign_in, methods=["POST"]),
        door.deed("/keluar", _sign_out),
    ]


class _Reception:
    def __init__(self, service: Service, pages: Pages, tries: WrongTries) -> None:
        self._service = service
        self._pages = pages
        self._tries = tries
        self._nobody = ""
        self._secure = service.settings.public_url.startswith("https")
        self._log = logging.getLogger("pst.inbox")

    async def form(self, request: Request) -> Response:
        return self._page(request, request.query_params.get("kembali", ""))

    async def sign_in(self, request: Request) -> Response:
        form = await request.form(max_files=0, max_fields=10)
        email, password = str(form.get("email", "")).strip(), str(form.get("password", ""))[:1000]
        back = local_path(str(form.get("kembali", "")))
        if not self._meant(request, str(form.get("form", ""))):
            return self._page(request, back, email, "Halaman masuk sudah kedaluwarsa. Silakan coba lagi.", 403)
        keys = (f"address:{email.casefold()}", f"client:{request.client.host if request.client else ''}")
        now = self._service.clock()
        wait = self._tries.wait(keys, now)
        if wait is not None:
            minutes = math.ceil(wait.total_seconds() / 60)
            words = f"Terlalu banyak percobaan. Coba lagi dalam {minutes} menit."
            return self._page(request, back, email, words, 429)
        officer = await self._officer(email, password)
        if officer is None:
            self._tries.add(keys, now)
            self._log.warning("sign-in refused")
            return self._page(request, back, email, "Alamat e-mail atau kata sandi tidak cocok.", 401)
        self._tries.forget(keys[0])
        return await self._begin(officer, back)

    async def _officer(self, email: str, password: str) -> Officer | None:
        """Takes as long for an unknown address as for a known one."""
        async with self._service.database.read() as tx:
            officer = await people.by_email(tx, email)
        self._nobody = self._nobody or await asyncio.to_thread(hash_password, self._service.new_token())
        right = await asyncio.to_thread(matches, officer.password if officer else self._nobody, password)
        known = officer is not None and officer.office in self._service.engine.offices and not officer.disabled
        return officer if known and right else None

    async def _begin(self, officer: Officer, back: str) -> Response:
        token = self._service.new_token() + self._service.new_token()
        async with self._service.database.write() as tx:
            now = self._service.clock()
            await people.start_session(tx, officer, token_hash(token), self._service.new_token(), now)
        response = protected(RedirectResponse(back, 303))
        response.set_cookie(COOKIE, token, path=INBOX, httponly=True, samesite="lax", secure=self._secure)
        response.delete_cookie(_FORM_COOKIE, path=INBOX)
        return response

    def _page(self, request: Request, back: str, email: str = "", problem: str = "", status: int = 200) -> Response:
        token = request.cookies.get(_FORM_COOKIE) or self._service.new_token()
        context = {
            "form": token, "back": local_path(back), "email": email, "problem": problem, "INBOX": INBOX,
            "offices": [office.name for office in self._service.engine.offices.values()],
        }  # fmt: skip
        response = self._pages.page("sign_in.html", context, status)
        response.set_cookie(_FORM_COOKIE, token, path=INBOX, httponly=True, samesite="strict", secure=self._secure)
        return response

    def _meant(self, request: Request, field: str) -> bool:
        kept = request.cookies.get(_FORM_COOKIE, "")
        return bool(kept) and hmac.compare_digest(kept.encode(), field.encode())


async def _sign_out(visit: Visit) -> Response:
    async with visit.service.database.write() as tx:
        await people.end_session(tx, token_hash(visit.request.cookies[COOKIE]))
    response = visit.to("/masuk")
    response.delete_cookie(COOKIE, path=INBOX)
    return response
