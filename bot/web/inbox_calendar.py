"""Closed days and special hours, entered by staff: a form, what it would move, and only then the change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.engine import ActionRefused
from bot.store import calendar, desk, listing
from bot.store.calendar import CalendarChange
from bot.web.door import Door, Visit
from bot.web.inbox_calendar_form import Unclear, read_form
from bot.web.inbox_calendar_preview import change_hours, hours_words, preview
from bot.web.inbox_frame import framed
from scheduler.calendar import national_holidays

_FIELDS: Final = ("kind", "first", "last", "opens", "closes", "early", "reason")
_MOST_ROWS: Final = 2000


def calendar_routes(door: Door) -> list[BaseRoute]:
    return [
        door.page("/jam", _page),
        door.deed("/jam/periksa", _check),
        door.deed("/jam", _change),
        door.deed("/jam/{id:int}/cabut", _withdraw),
    ]


async def _page(visit: Visit) -> Response:
    return await _form(visit, {"kind": "closed"})


async def _form(visit: Visit, typed: Mapping[str, str], problem: str = "") -> Response:
    async with visit.service.database.read() as tx:
        changes = await calendar.calendar_changes(tx, visit.office.code)
        context = {
            "typed": {name: typed.get(name, "") for name in _FIELDS}, "problem": problem, "week": _week(visit),
            "changes": [(change, change_hours(change)) for change in changes], "today": visit.now.date(),
            "holidays": _holidays(visit),
        }  # fmt: skip
        frame = await framed(tx, visit, "calendar", context)
    return visit.show("calendar.html", frame, 422 if problem else 200)


async def _check(visit: Visit) -> Response:
    """What the change would move; nothing is saved yet."""
    typed = _typed(visit)
    try:
        change = read_form(typed, visit.office, visit.officer.name, visit.now)
    except Unclear as unclear:
        return await _form(visit, typed, str(unclear))
    async with visit.service.database.read() as tx:
        office = visit.office
        live = [
            *await listing.consultations(tx, office.code, "open", _MOST_ROWS),
            *await listing.consultations(tx, office.code, "answered", _MOST_ROWS),
        ]
        booked = [row for row in await desk.appointments(tx, office.code, visit.now) if row["state"] == "booked"]
        found = {"preview": preview(office, change, live, booked), "change": change, "typed": typed}
        frame = await framed(tx, visit, "calendar", found)
    return visit.show("calendar_check.html", frame)


async def _change(visit: Visit) -> Response:
    typed = _typed(visit)
    try:
        change = read_form(typed, visit.office, visit.officer.name, visit.now)
        await _apply(visit, change)
    except (Unclear, ActionRefused) as refused:
        return await _form(visit, typed, str(refused))
    visit.wake()
    return visit.to("/jam?kabar=kalender")


async def _apply(visit: Visit, change: CalendarChange) -> None:
    await visit.service.engine.change_calendar(
        visit.officer, change.first, change.last, change.opens, change.closes, change.reason, visit.now
    )


async def _withdraw(visit: Visit) -> Response:
    try:
        change_id = int(visit.request.path_params["id"])
        await visit.service.engine.withdraw_calendar_change(visit.officer, change_id, visit.now)
    except ActionRefused as refused:
        return await _form(visit, {"kind": "closed"}, str(refused))
    visit.wake()
    return visit.to("/jam?kabar=kalender-batal")


def _typed(visit: Visit) -> dict[str, str]:
    return {name: visit.said(name) for name in _FIELDS}


def _week(visit: Visit) -> list[str]:
    return [hours_words(hours) for hours in visit.office.calendar.week]


def _holidays(visit: Visit) -> list[dict[str, Any]]:
    """The next national holidays, which need not be entered."""
    today = visit.now.date()
    days = sorted({**national_holidays(today.year), **national_holidays(today.year + 1)}.items())
    return [{"day": day, "name": name} for day, name in days if day >= today][:6]
