"""Watches what WhatsApp costs: an office may name a ceiling of messages a month, and is warned on the way to it.

Nothing is ever held back: a citizen's answer is worth more than a bill. Counted is what Twilio counts, messages in
both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from bot.bookkeeping import staff_letter
from bot.core.charges import month_of
from bot.core.model import Office
from bot.staff_wording import StaffText, StaffWording
from bot.store import outbound, people, records, traffic
from bot.store.database import Database, Transaction

WARN_AT: Final = (100, 80)  # percent of the ceiling, the highest first


class Meter:
    """`ceilings`: messages a month by office code; an office without one is not watched."""

    def __init__(
        self, database: Database, offices: Mapping[str, Office], ceilings: Mapping[str, int], *,
        now: Callable[[], datetime], new_token: Callable[[], str], words: StaffWording,
    ) -> None:  # fmt: skip
        self._database = database
        self._offices = offices
        self._ceilings = ceilings
        self._now = now
        self._new_token = new_token
        self._words = words

    async def watch(self) -> None:
        """Warn at 80 and at 100 percent, once a month each."""
        for code, ceiling in self._ceilings.items():
            async with self._database.read() as tx:
                used = sum((await traffic.of_month(tx, code, month_of(self._offices[code], self._now()))).values())
            reached = next((p for p in WARN_AT if used * 100 >= ceiling * p), None)
            if reached is not None:
                await self._warn(self._offices[code], used, ceiling, reached)

    async def _warn(self, office: Office, used: int, ceiling: int, percent: int) -> None:
        now = self._now()
        key = f"ceiling:{office.code}:{month_of(office, now)}:{percent}"
        facts = {"used": used, "ceiling": ceiling, "percent": percent}
        body = self._words.channel("ceiling", **facts)
        async with self._database.write() as tx:
            if await records.notify(tx, office.code, "channel", body, now, key):
                mail = StaffText(self._words.channel("ceiling_subject", **facts), body)
                await self._mail_heads(tx, office, mail, key, now)

    async def _mail_heads(self, tx: Transaction, office: Office, mail: StaffText, key: str, now: datetime) -> None:
        opening = office.calendar.now_or_next_opening(office.calendar.local(now))
        for officer in await people.of_office(tx, office.code):
            if officer.role == "head":
                await outbound.add(tx, staff_letter(self._new_token(), officer, mail, f"{key}:{officer.id}", opening))
