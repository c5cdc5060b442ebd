"""What officers do to a consultation: one deed, one event of the engine.

Every form brings back what its page had shown (`seen`). When something has changed since, the deed is refused with a
line that says what, and the page comes back with the typed text: nobody answers twice without knowing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.port import File
from bot.core import events as ev
from bot.core.model import ClosedReason
from bot.engine import ActionRefused
from bot.store import desk, listing, people
from bot.store.database import Transaction
from bot.web.door import Door, NotHere, Visit
from bot.web.inbox_case import changed_words, seen
from bot.web.inbox_composer import fault, forecast, templates_of
from bot.web.inbox_conversation import Typed, show_case
from bot.web.inbox_uploads import MOST_FILES, as_files, problem_with, uploaded

Make = Callable[[datetime, str], ev.StaffEvent]
_LONGEST: Final = 20_000


def action_routes(door: Door) -> list[BaseRoute]:
    actions = _Actions()
    deeds: dict[str, Callable[[Visit, str], Awaitable[Response]]] = {
        "ambil": actions.take_over, "lepas": actions.release, "jawab": actions.answer, "catat": actions.note,
        "tutup": actions.close, "buka": actions.reopen, "serah": actions.transfer,
    }  # fmt: skip
    files = {"jawab": 4 * MOST_FILES}  # too many are refused in words, with what was typed
    return [
        door.deed(f"/{{number}}/{name}", _numbered(deed), files=files.get(name, 0)) for name, deed in deeds.items()
    ]


def _numbered(deed: Callable[[Visit, str], Awaitable[Response]]) -> Callable[[Visit], Awaitable[Response]]:
    return lambda visit: deed(visit, visit.request.path_params["number"])


class _Actions:
    """What an officer may do; whether his page is stale is asked under the consultation's lock."""

    async def take_over(self, visit: Visit, number: str) -> Response:
        return await self._act(visit, number, ev.TakenOver, "diambil")

    async def release(self, visit: Visit, number: str) -> Response:
        return await self._act(visit, number, ev.Released, "dilepas")

    async def answer(self, visit: Visit, number: str) -> Response:
        text = visit.said("text")[:_LONGEST]
        templates = templates_of(visit.service.settings, visit.office.code)
        expected = forecast(await _row(visit, number), visit.office, templates, visit.now)
        files = await uploaded(visit)
        problem = fault(text, expected) or problem_with(files, expected)
        if problem:
            return await show_case(visit, number, Typed(problem, text))
        return await self._act(
            visit, number, lambda at, by: ev.Answered(at, by, text), "dijawab", Typed("", text), files=as_files(files)
        )

    async def note(self, visit: Visit, number: str) -> Response:
        """A note harms nobody: it is kept however old the page is."""
        text = visit.said("text")[:_LONGEST]
        if not text:
            return await show_case(visit, number, Typed("Catatan masih kosong.", mode="note"))
        typed = Typed("", text, "note")
        return await self._act(visit, number, lambda at, by: ev.Noted(at, by, text), "dicatat", typed, fresh_only=False)

    async def close(self, visit: Visit, number: str) -> Response:
        spam = visit.said("reason") == ClosedReason.SPAM
        reason = ClosedReason.SPAM if spam else ClosedReason.RESOLVED
        return await self._act(visit, number, lambda at, by: ev.ClosedByStaff(at, by, reason), "ditutup")

    async def reopen(self, visit: Visit, number: str) -> Response:
        return await self._act(visit, number, ev.ReopenedByStaff, "dibuka")

    async def transfer(self, visit: Visit, number: str) -> Response:
        """Only to a colleague of the same office."""
        async with visit.service.database.read() as tx:
            names = {officer.name for officer in await people.of_office(tx, visit.office.code)}
        to = visit.said("to")
        if to not in names:
            return await show_case(visit, number, Typed("Pilih rekan yang akan menangani."))
        return await self._act(visit, number, lambda at, by: ev.Transferred(at, by, to), "diserahkan")

    async def _act(
        self, visit: Visit, number: str, make: Make, done: str, typed: Typed | None = None, *, fresh_only: bool = True,
        files: Sequence[File] = (),
    ) -> Response:  # fmt: skip
        typed = typed or Typed()
        problem = await _do(visit, number, make, files, fresh_only=fresh_only)
        if problem:
            return await show_case(visit, number, Typed(problem, typed.text, typed.mode))
        visit.wake()
        return visit.to(f"/{number}?kabar={done}")


async def _do(visit: Visit, number: str, make: Make, files: Sequence[File], *, fresh_only: bool) -> str:
    """Why the engine refused; "" when it is done."""

    async def stale(tx: Transaction) -> str:
        return await _stale(tx, visit, number) if fresh_only else ""

    await _row(visit, number)
    try:
        await visit.service.engine.act(visit.officer, number, make, visit.now, stale, files)
    except ActionRefused as refused:
        return str(refused)
    return ""


async def _stale(tx: Transaction, visit: Visit, number: str) -> str:
    """What happened since the page was shown; asked under the consultation's lock."""
    row = await listing.one(tx, visit.office.code, number)
    if row is None:
        raise NotHere(number)
    last = await desk.last_spoken(tx, row["conversation_id"])
    if visit.said("seen") == seen(row, last):
        return ""
    return (
        f"Belum dilakukan, karena ada yang berubah sejak halaman ini dibuka: {changed_words(row, last, visit)}. "
        "Periksa dulu, lalu ulangi bila masih perlu."
    )


async def _row(visit: Visit, number: str) -> listing.Row:
    async with visit.service.database.read() as tx:
        row = await listing.one(tx, visit.office.code, number)
    if row is None:
        raise NotHere(number)
    return row
