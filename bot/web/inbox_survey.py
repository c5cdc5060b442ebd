"""The satisfaction survey (SKM) in the inbox: the index of each quarter, and the nine elements of the newest one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.core import survey
from bot.report import class_name, element_names
from bot.store import figures
from bot.web.door import Door, Visit
from bot.web.inbox_frame import framed

QUARTERS: Final = 4
_ROMAN: Final = ("I", "II", "III", "IV")


def survey_routes(door: Door) -> list[BaseRoute]:
    return [door.page("/kepuasan", _page)]


async def _page(visit: Visit) -> Response:
    """The last four quarters, the running one first; a quarter without answers says so."""
    async with visit.service.database.read() as tx:
        rows = []
        for start, end in quarters(visit.now.date()):
            answers = (await figures.between(tx, visit.office.code, _at(visit, start), _at(visit, end))).surveys
            rows.append({"name": quarter_name(start), "found": _worded(survey.index(answers))})
        frame = await framed(tx, visit, "survey", {"rows": rows, "link": visit.office.facts.get("survey_link", "")})
    return visit.show("survey.html", frame)


def quarters(today: date) -> list[tuple[date, date]]:
    """The running quarter and those before it: first day, and the first day after."""
    start = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    found = []
    for _ in range(QUARTERS):
        after = date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)
        found.append((start, after))
        start = date(start.year - (start.month == 1), (start.month - 4) % 12 + 1, 1)
    return found


def quarter_name(start: date) -> str:
    """ "Triwulan IV 2026"."""
    return f"Triwulan {_ROMAN[start.month // 3]} {start.year}"


def _at(visit: Visit, day: date) -> datetime:
    return visit.office.calendar.at(day, datetime.min.time())


def _worded(found: survey.Index | None) -> dict[str, Any] | None:
    if found is None:
        return None
    elements = [
        {"name": name, "mean": f"{mean:.2f}".replace(".", ","), "share": round(mean / survey.BEST * 100)}
        for name, mean in zip(element_names(), found.elements, strict=True)
    ]
    return {
        "value": f"{found.value:.2f}".replace(".", ","), "grade": found.grade, "words": class_name(found.grade),
        "respondents": found.respondents, "elements": elements,
    }  # fmt: skip
