"""The front page of the inbox: what has to be done next, and the news. Refreshes itself and keeps still otherwise."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.store import desk, listing
from bot.store.database import Transaction
from bot.web import words
from bot.web.door import INBOX, Door, Visit
from bot.web.inbox_frame import framed
from bot.web.inbox_lines import VIEWS, line
from bot.web.pages import protected

_LONGEST_SEARCH: Final = 80


def list_routes(door: Door) -> list[BaseRoute]:
    return [door.page("/", _page), door.page("/daftar", _part, quiet=True)]


async def _page(visit: Visit) -> Response:
    async with visit.service.database.read() as tx:
        frame = await framed(tx, visit, "list", await _context(tx, visit))
    return visit.show("list.html", frame)


async def _part(visit: Visit) -> Response:
    """The part of the page that changes; nothing at all when it has not."""
    async with visit.service.database.read() as tx:
        context = await _context(tx, visit)
    if visit.asked("had") == context["has"]:
        return protected(Response(status_code=204))
    return visit.show("list_part.html", context)


async def _context(tx: Transaction, visit: Visit) -> dict[str, Any]:
    office = visit.office
    wanted, view = visit.asked("cari")[:_LONGEST_SEARCH], visit.asked("lihat")
    view = view if view in VIEWS else "open"
    rows = await desk.search(tx, office.code, wanted) if wanted else await _listed(tx, visit, view)
    context = {
        "lines": [line(row, office, visit.now) for row in rows], "view": view, "views": VIEWS, "wanted": wanted,
        "counts": await listing.counts(tx, office.code), "news": await _news(tx, visit),
        "mine": visit.officer.name,
    }  # fmt: skip
    has = hashlib.sha256(repr(context).encode()).hexdigest()[:16]
    asked = {"cari": wanted} if wanted else {"lihat": view}
    return {**context, "has": has, "poll": f"{INBOX}/daftar?{urlencode({**asked, 'had': has})}"}


async def _listed(tx: Transaction, visit: Visit, view: str) -> list[listing.Row]:
    return await listing.consultations(tx, visit.office.code, view, now=visit.now)


async def _news(tx: Transaction, visit: Visit) -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"], "kind": row["kind"], "title": words.NEWS.get(row["kind"], row["kind"]),
            "text": row["text"],
            "when": words.ago(row["at"], visit.now), "number": row["number"],
        }
        for row in await desk.news(tx, visit.office.code)
    ]  # fmt: skip
