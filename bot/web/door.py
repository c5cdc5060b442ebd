"""The one door to the staff pages: who comes in, from which office, with which role, and whether he meant it.

A page (GET) needs a session; without one the visitor is sent to sign in and comes back. A deed (POST) needs a session
and the session's CSRF token. Behind the door a handler gets a `Visit` and reaches only its office.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.app import Service
from bot.core.model import Office
from bot.store import people
from bot.store.people import Officer, Session
from bot.web.pages import Pages, protected

INBOX: Final = "/inbox"
COOKIE: Final = "pst_session"
IDLE: Final = timedelta(hours=12)
_TOUCH: Final = timedelta(minutes=5)
_LARGEST_KEY: Final = 2**63 - 1  # what a database has room for
_LARGEST_FORM: Final = 200_000
_LARGEST_WITH_FILES: Final = 12_000_000


class NotHere(Exception):
    """There is no such thing in this officer's office."""


@dataclass(frozen=True)
class Visit:
    """One request of one officer, let in by the door. `now` is on his office's clock."""

    service: Service
    pages: Pages
    request: Request
    officer: Officer
    csrf: str
    now: datetime
    form: FormData = field(default_factory=FormData)

    @property
    def office(self) -> Office:
        return self.service.engine.offices[self.officer.office]

    @property
    def is_head(self) -> bool:
        return self.officer.role == "head"

    def local(self, moment: datetime) -> datetime:
        return self.office.calendar.local(moment)

    def said(self, name: str) -> str:
        """A text field of the form, line ends as people mean them."""
        value = self.form.get(name, "")
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def asked(self, name: str) -> str:
        return self.request.query_params.get(name, "").strip()

    def wake(self) -> None:
        """Let a worker in this process look at once; others look every moment anyway."""
        self.service.wake()

    def to(self, path: str) -> Response:
        """After a deed: the page to look at."""
        return protected(RedirectResponse(f"{INBOX}{path}", 303))

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> Response:
        frame = {"visit": self, "INBOX": INBOX}
        return self.pages.page(template, {**frame, **context}, status)


Handler = Callable[[Visit], Awaitable[Response]]


class Door:
    """Makes routes out of handlers; every route of the staff pages but sign-in comes from here."""

    def __init__(self, service: Service, pages: Pages) -> None:
        self._service = service
        self._pages = pages

    def page(self, path: str, handler: Handler, *, quiet: bool = False) -> Route:
        """`quiet`: a page that refreshes itself and does not keep a session alive."""

        async def endpoint(request: Request) -> Response:
            session = await self._session(request, touch=not quiet)
            if session is None:
                return to_sign_in(request, request.url.path, request.url.query)
            return await self._enter(handler, self._visit(request, session))

        return Route(path, endpoint, methods=["GET"])

    def deed(self, path: str, handler: Handler, *, head_only: bool = False, files: int = 0) -> Route:
        """`head_only`: only the head of the office may. `files`: so many files may come along."""

        async def endpoint(request: Request) -> Response:
            session = await self._session(request, touch=True)
            if not _small(request, _LARGEST_WITH_FILES if files and session else _LARGEST_FORM):
                return self._turned_away(413, "too_large", "")
            async with request.form(max_files=files, max_fields=60) as form:
                return await self._do(request, session, form, handler, head_only=head_only)

        return Route(path, endpoint, methods=["POST"])

    async def _do(
        self, request: Request, session: Session | None, form: FormData, handler: Handler, *, head_only: bool
    ) -> Response:
        typed = str(form.get("text", ""))
        if session is None and typed:
            return self._turned_away(401, "signed_out", typed)
        if session is None:
            return to_sign_in(request, _came_from(request))
        if not hmac.compare_digest(str(form.get("csrf", "")).encode(), session.csrf.encode()):
            return self._turned_away(403, "outdated", typed)
        if head_only and session.officer.role != "head":
            return self._turned_away(403, "head_only", typed)
        return await self._enter(handler, self._visit(request, session, form))

    async def _session(self, request: Request, *, touch: bool) -> Session | None:
        token = request.cookies.get(COOKIE)
        if not token:
            return None
        key, now = token_hash(token), self._service.clock()
        async with self._service.database.read() as tx:
            session = await people.session(tx, key)
        if session is None or session.officer.office not in self._service.engine.offices:
            return None
        if now - session.seen_at > IDLE:
            async with self._service.database.write() as tx:
                await people.end_session(tx, key)
            return None
        if touch and now - session.seen_at > _TOUCH:
            async with self._service.database.write() as tx:
                await people.touch_session(tx, key, now)
        return session

    def _visit(self, request: Request, session: Session, form: FormData | None = None) -> Visit:
        office = self._service.engine.offices[session.officer.office]
        now = office.calendar.local(self._service.clock())
        return Visit(self._service, self._pages, request, session.officer, session.csrf, now, form or FormData())

    async def _enter(self, handler: Handler, visit: Visit) -> Response:
        if any(isinstance(key, int) and key > _LARGEST_KEY for key in visit.request.path_params.values()):
            return visit.show("not_here.html", {}, 404)
        try:
            return protected(await handler(visit))
        except NotHere:
            return visit.show("not_here.html", {}, 404)

    def _turned_away(self, status: int, why: str, typed: str) -> Response:
        """What he typed is shown again, so that it is not lost."""
        return self._pages.page("turned_away.html", {"why": why, "typed": typed, "INBOX": INBOX}, status)


def token_hash(token: str) -> str:
    """What is kept of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def to_sign_in(request: Request, path: str, query: str = "") -> Response:
    """To the sign-in page and back to `path`; a page part that htmx fetched sends the whole page there."""
    back = quote(f"{path}?{query}" if query else path)
    if request.headers.get("hx-request"):
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        back = quote(local_path(f"{shown.path}?{shown.query}" if shown.query else shown.path))
        return protected(Response(status_code=401, headers={"HX-Redirect": f"{INBOX}/masuk?kembali={back}"}))
    return protected(RedirectResponse(f"{INBOX}/masuk?kembali={back}", 303))


def local_path(wanted: str) -> str:
    """A path of the staff pages, or their front page: nobody is sent elsewhere after signing in."""
    plain = wanted.isprintable() and "\\" not in wanted and "//" not in wanted
    return wanted if plain and wanted.startswith(f"{INBOX}/") else f"{INBOX}/"


def _came_from(request: Request) -> str:
    return local_path(urlsplit(request.headers.get("referer", "")).path)


def _small(request: Request, limit: int) -> bool:
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) <= limit
