"""What an officer does; the only way for staff to reach a consultation, from the inbox or by mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.bookkeeping import Cause
from bot.channels.port import File
from bot.core import events as ev
from bot.core.consultation import step as consultation_step
from bot.core.conversation import happen
from bot.engine.files import keep_all
from bot.engine.ground import ActionRefused, Ground
from bot.store import conversations, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.people import Officer

Objection = Callable[[Transaction], Awaitable[str]]
Afterwards = Callable[[Transaction, Stored], Awaitable[None]]


class Desk:
    """Every action goes through the core's table, under the lock of its conversation."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def act(
        self, officer: Officer, number: str, make: Callable[[datetime, str], ev.StaffEvent], now: datetime,
        objection: Objection | None = None, files: Sequence[File] = (), afterwards: Afterwards | None = None,
    ) -> str:  # fmt: skip
        """Let an officer do something to a consultation of his own office. Returns its state afterwards.

        `objection` looks once more, under the lock, and says why not ("" for nothing): a page may be stale. `files` go
        with an answer by e-mail. `afterwards` belongs to the same transaction.
        Raises ActionRefused with a line for him.
        """
        office = self._ground.offices.get(officer.office)
        if office is None or officer.disabled:
            raise ActionRefused("Akun ini tidak aktif.")
        at = office.calendar.local(now)
        event = make(at, officer.name)
        async with self._ground.database.write() as tx:
            stored = await conversations.lock_by_number(tx, officer.office, number)
            if stored is None:
                raise ActionRefused(f"Konsultasi {number} tidak ada di kantor ini.")
            newest = await conversations.lock_by_id(tx, stored.id)
            if newest is not None and newest.consultation_id != stored.consultation_id:
                raise ActionRefused("Pengguna ini sudah punya konsultasi yang lebih baru. Jawab di sana.")
            if objection is not None and (words := await objection(tx)):
                raise ActionRefused(words)
            step = consultation_step(stored.conversation.consultation, event, office)
            if step.ignored is not None:
                raise ActionRefused(_REFUSALS.get(type(event), "Tindakan ini tidak berlaku untuk konsultasi ini."))
            if isinstance(event, ev.Noted):
                await records.say(
                    tx, stored, at, "note", self._ground.reader.mask(event.text), by=officer.name,
                    consultation_id=stored.consultation_id,
                )  # fmt: skip
            if files and isinstance(event, ev.Answered):
                event = replace(event, attachments=await keep_all(tx, stored, files, at))
            outcome = happen(stored.conversation, event, office)
            key = f"staff:{self._ground.new_token()}"
            stored = await self._ground.bookkeeper.apply(
                tx, stored, outcome, office, Cause(key, type(event).__name__, at)
            )
            if afterwards is not None:
                await afterwards(tx, stored)
        consultation = stored.conversation.consultation
        return consultation.state if consultation else ""


_REFUSALS: Mapping[type[ev.Event], str] = {
    ev.TakenOver: "Konsultasi sudah ditutup; buka kembali dulu.",
    ev.Released: "Konsultasi sudah ditutup.",
    ev.Transferred: "Konsultasi sudah ditutup.",
    ev.ClosedByStaff: "Konsultasi sudah ditutup.",
    ev.ReopenedByStaff: "Konsultasi masih terbuka.",
}
