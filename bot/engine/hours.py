"""Closed days and other hours that an office announces; running clocks are counted anew."""

from __future__ import annotations

from datetime import date, datetime, time

from bot.bookkeeping import Cause
from bot.calendars import LONGEST, in_force
from bot.core import events as ev
from bot.core.conversation import happen
from bot.core.effects import SetDeadline
from bot.engine.ground import ActionRefused, Ground
from bot.store import calendar as calendars
from bot.store import conversations, listing, records
from bot.store.calendar import CalendarChange
from bot.store.people import Officer


class Hours:
    """Announcing, taking back, and learning what another process announced."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def change(
        self, officer: Officer, first: date, last: date, opens: time | None, closes: time | None, reason: str,
        now: datetime,
    ) -> int:  # fmt: skip
        """Announce closed days (no hours) or other hours; running clocks are counted anew. Returns what has moved.

        Raises ActionRefused for what cannot be.
        """
        if last < first or last - first > LONGEST or not reason.strip():
            raise ActionRefused("Periksa tanggal (paling lama 120 hari) dan alasannya.")
        if (opens is None) != (closes is None) or (opens and closes and opens >= closes):
            raise ActionRefused("Jam tutup harus sesudah jam buka.")
        change = CalendarChange(0, officer.office, first, last, opens, closes, reason.strip(), officer.name, now)
        async with self._ground.database.write() as tx:
            await calendars.add(tx, change)
        return await self._recount(officer.office, now)

    async def withdraw(self, officer: Officer, change_id: int, now: datetime) -> int:
        """Take an announcement back. Raises ActionRefused."""
        async with self._ground.database.write() as tx:
            if not await calendars.withdraw(tx, officer.office, change_id, now):
                raise ActionRefused("Perubahan ini sudah tidak berlaku.")
        return await self._recount(officer.office, now)

    async def refresh(self) -> None:
        """Learn what was announced, here or in another process."""
        async with self._ground.database.read() as tx:
            self._ground.offices = in_force(self._ground.packaged, await calendars.calendar_changes(tx))

    async def _recount(self, code: str, now: datetime) -> int:
        """Tell every live consultation of an office that its calendar has changed; returns how many dates moved."""
        await self.refresh()
        async with self._ground.database.read() as tx:
            live = await listing.live_conversations(tx, code)
            live += await records.with_appointment(tx, code, now)
        moved = 0
        for conversation_id in dict.fromkeys(live):
            moved += await self._recount_one(code, conversation_id, now)
        return moved

    async def _recount_one(self, code: str, conversation_id: int, now: datetime) -> bool:
        office = self._ground.offices[code]
        at = office.calendar.local(now)
        async with self._ground.database.write() as tx:
            stored = await conversations.lock_by_id(tx, conversation_id)
            if stored is None:
                return False
            outcome = happen(stored.conversation, ev.CalendarChanged(at), office)
            key = f"calendar:{conversation_id}:{office.calendar.version}:{at.isoformat()}"
            await self._ground.bookkeeper.apply(
                tx, stored, outcome, office, Cause(key, "CalendarChanged", at, paced=True)
            )
        return any(not isinstance(effect, SetDeadline) for effect in outcome.effects)
