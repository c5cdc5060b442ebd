"""The registers beside the consultations: complaints, appointments, requests under the data protection act, and
messages that could not be handled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.engine import ActionRefused
from bot.store import desk, inbound, records
from bot.web import words
from bot.web.door import Door, NotHere, Visit
from bot.web.inbox_frame import framed
from bot.web.inbox_lines import citizen, due_mark

Row = Mapping[str, Any]
_LOOK_BACK: Final = timedelta(days=14)


def register_routes(door: Door) -> list[BaseRoute]:
    return [
        door.page("/pengaduan", _complaints),
        door.deed("/pengaduan/{id:int}/selesai", _complaint_handled),
        door.page("/janji", _appointments),
        door.page("/data", _requests),
        door.deed("/data/{id:int}/selesai", _request_done),
        door.deed("/data/{id:int}/kirim", _send_data),
        door.page("/data/{id:int}/hapus", _confirm_deletion),
        door.deed("/data/{id:int}/hapus", _delete, head_only=True),
        door.page("/gagal", _failed),
        door.deed("/gagal/{id:int}/ulang", _replay),
    ]


async def _complaints(visit: Visit) -> Response:
    async with visit.service.database.read() as tx:
        rows = [_entry(visit, row, row["at"]) for row in await desk.complaints(tx, visit.office.code)]
        frame = await framed(tx, visit, "complaints", {"rows": rows})
    return visit.show("complaints.html", frame)


async def _complaint_handled(visit: Visit) -> Response:
    async with visit.service.database.write() as tx:
        await records.complaint_handled(tx, visit.office.code, _id(visit), visit.officer.name, visit.now)
    return visit.to("/pengaduan?kabar=pengaduan")


async def _appointments(visit: Visit) -> Response:
    """What is booked from today on, wishes without a promise, and what is over."""
    today = visit.now.replace(hour=0, minute=0, second=0, microsecond=0)
    async with visit.service.database.read() as tx:
        found = await desk.appointments(tx, visit.office.code, today - _LOOK_BACK)
        rows = [_entry(visit, row, row["at"]) for row in found]
        groups = {
            "booked": [r for r in rows if r["state"] == "booked" and r["at"] >= today],
            "wishes": [r for r in rows if r["state"] == "requested"],
            "over": [r for r in rows if r["state"] in ("moved", "cancelled") or _is_over(r, today)],
        }
        frame = await framed(tx, visit, "appointments", {"groups": groups})
    return visit.show("appointments.html", frame)


def _is_over(row: Row, today: datetime) -> bool:
    return bool(row["state"] == "booked" and row["at"] < today)


async def _requests(visit: Visit) -> Response:
    return await _show_requests(visit)


async def _show_requests(visit: Visit, problem: str = "") -> Response:
    async with visit.service.database.read() as tx:
        rows = [_request(visit, row) for row in await desk.data_requests(tx, visit.office.code)]
        frame = await framed(tx, visit, "requests", {"rows": rows, "problem": problem})
    return visit.show("data_requests.html", frame, 409 if problem else 200)


async def _request_done(visit: Visit) -> Response:
    """Only for a look at one's data; an erasure is done by doing it."""
    async with visit.service.database.write() as tx:
        row = await records.data_request_of(tx, visit.office.code, _id(visit))
        if row is None or row["kind"] == "erase":
            raise NotHere
        await records.data_request_done(tx, row["id"], visit.officer.name, visit.now)
    return visit.to("/data?kabar=data")


async def _send_data(visit: Visit) -> Response:
    """The citizen gets the copy of his data, and the request is done."""
    try:
        await visit.service.engine.send_data(visit.officer, _id(visit), visit.now)
    except ActionRefused as refused:
        return await _show_requests(visit, str(refused))
    visit.wake()
    return visit.to("/data?kabar=data")


async def _confirm_deletion(visit: Visit) -> Response:
    async with visit.service.database.read() as tx:
        found = [row for row in await desk.data_requests(tx, visit.office.code) if row["id"] == _id(visit)]
        if not found or found[0]["kind"] != "erase" or found[0]["done_at"] is not None or not visit.is_head:
            raise NotHere
        frame = await framed(tx, visit, "requests", {"row": _request(visit, found[0])})
    return visit.show("confirm_deletion.html", frame)


async def _delete(visit: Visit) -> Response:
    try:
        await visit.service.engine.approve_deletion(visit.officer, _id(visit), visit.now)
    except ActionRefused as refused:
        return await _show_requests(visit, str(refused))
    visit.wake()
    return visit.to("/data?kabar=dihapus")


async def _failed(visit: Visit) -> Response:
    async with visit.service.database.read() as tx:
        rows = [_entry(visit, row, row["received_at"]) for row in await desk.quarantined(tx, visit.office.code)]
        frame = await framed(tx, visit, "quarantined", {"rows": rows})
    return visit.show("quarantined.html", frame)


async def _replay(visit: Visit) -> Response:
    async with visit.service.database.write() as tx:
        mine = {row["id"] for row in await desk.quarantined(tx, visit.office.code)}
        if _id(visit) not in mine:
            raise NotHere
        await inbound.replay(tx, _id(visit), visit.now)
    visit.wake()
    return visit.to("/gagal?kabar=diulang")


def _entry(visit: Visit, row: Row, at: datetime) -> dict[str, Any]:
    """A register's row with its citizen in words and its moment on the office's clock."""
    local = visit.local(at)
    person = citizen(row) if "known" in row else row["address"]
    return {**row, "citizen": person, "at": local, "when": words.day_clock(local, visit.now)}


def _request(visit: Visit, row: Row) -> dict[str, Any]:
    due = due_mark(row["due_at"], visit.office, visit.now) if row["done_at"] is None else None
    return {**_entry(visit, row, row["asked_at"]), "due": due, "done": row["done_at"] and visit.local(row["done_at"])}


def _id(visit: Visit) -> int:
    return int(visit.request.path_params["id"])
