"""The page of one consultation: the talk, the clock, the citizen, and what an officer can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from bot.store import desk, records
from bot.web.door import INBOX, Door, NotHere, Visit
from bot.web.inbox_case import context, load
from bot.web.inbox_frame import framed
from bot.web.inbox_lines import citizen
from bot.web.inbox_transcript import Sources, chapters, file_keys
from bot.web.pages import protected


@dataclass(frozen=True, slots=True)
class Typed:
    """What an officer had written when his deed was refused, and why it was: the page shows both."""

    problem: str = ""
    text: str = ""
    mode: Literal["answer", "note"] = "answer"


def conversation_routes(door: Door) -> list[BaseRoute]:
    return [
        door.page("/percakapan/{conversation:int}", _without_consultation),
        door.page("/{number}", _page),
        door.page("/{number}/isi", _part, quiet=True),
    ]


async def show_case(visit: Visit, number: str, typed: Typed | None = None) -> Response:
    """The page; with status 409 when it shows a refusal."""
    typed = typed or Typed()
    async with visit.service.database.read() as tx:
        case = await load(tx, visit, number)
        frame = await framed(tx, visit, "list", {"problem": typed.problem, "typed": typed})
    return visit.show("case.html", {**frame, **_polled(context(case, visit))}, 409 if typed.problem else 200)


async def _page(visit: Visit) -> Response:
    return await show_case(visit, visit.request.path_params["number"])


async def _part(visit: Visit) -> Response:
    """The part that changes while the page is open; nothing at all when it has not."""
    async with visit.service.database.read() as tx:
        case = await load(tx, visit, visit.request.path_params["number"])
    found = _polled(context(case, visit))
    if visit.asked("had") == found["has"]:
        return protected(Response(status_code=204))
    return visit.show("case_part.html", {**found, "oob": True})


def _polled(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "oob": False, "poll": f"{INBOX}/{found['row']['number']}/isi?had={found['has']}"}


async def _without_consultation(visit: Visit) -> Response:
    """The talk with somebody who has no consultation (a complaint, an appointment); else his newest one."""
    office = visit.office
    async with visit.service.database.read() as tx:
        row = await desk.conversation_of(tx, office.code, visit.request.path_params["conversation"])
        if row is None:
            raise NotHere
        if row["number"]:
            return RedirectResponse(f"{INBOX}/{row['number']}", 303)
        transcript = await records.transcript(tx, row["id"])
        stored = await desk.files(tx, office.code, file_keys(transcript))
        sources = Sources(transcript, await desk.sendings(tx, row["id"]), {}, stored, citizen(row), office)
        found = {"row": row, "citizen": citizen(row), "talk": chapters(sources, None)}
        frame = await framed(tx, visit, "list", found)
    return visit.show("talk_only.html", frame)
