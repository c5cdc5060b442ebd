"""Officers answer by replying to a notification."""

from __future__ import annotations

from datetime import datetime

from bot.bookkeeping import STAFF, staff_letter
from bot.channels.port import Incoming
from bot.core import events as ev
from bot.engine.desk import Desk
from bot.engine.ground import ActionRefused, Ground
from bot.staff_wording import StaffText
from bot.store import inbound, listing, outbound
from bot.store.inbound import Pending
from bot.store.people import Officer


class StaffMail:
    """Mail from a registered officer of the office whose mailbox it reached."""

    def __init__(self, ground: Ground, desk: Desk) -> None:
        self._ground = ground
        self._desk = desk

    async def attend(self, officer: Officer, pending: Pending, incoming: Incoming, now: datetime) -> None:
        """An officer answered a notification by mail: his words go to the citizen, or become a note (#catatan)."""
        number = await self._number_of(incoming)
        text = incoming.text.strip()
        if incoming.machine or incoming.unverified or number is None or not text:
            await self._refuse(officer, pending, incoming, now)
            return
        note = text.casefold().startswith("#catatan")
        if note:
            text = text[len("#catatan") :].strip()
        try:
            await self._desk.act(
                officer, number, lambda at, by: ev.Noted(at, by, text) if note else ev.Answered(at, by, text), now
            )
        except ActionRefused as refused:
            await self._tell(officer, pending, f"Tidak terkirim: konsultasi {number}", str(refused), now)
        else:
            kind = "Catatan disimpan" if note else "Jawaban diteruskan"
            await self._tell(officer, pending, f"{kind}: konsultasi {number}", f"{kind}:\n\n{text}", now)

    async def _number_of(self, incoming: Incoming) -> str | None:
        """The consultation whose notification a mail answers, by the unguessable token in its thread."""
        async with self._ground.database.read() as tx:
            for token in incoming.tokens:
                item = await outbound.by_token(tx, token)
                if item is not None and item.draft.purpose == STAFF:
                    return await listing.number(tx, item.draft.consultation_id)
        return None

    async def _refuse(self, officer: Officer, pending: Pending, incoming: Incoming, now: datetime) -> None:
        if incoming.machine:
            async with self._ground.database.write() as tx:
                await inbound.done(tx, [pending.id])
            return
        words = (
            "Surel Anda tidak dapat dihubungkan dengan konsultasi. Balas surel pemberitahuannya, atau buka kotak masuk."
        )
        await self._tell(officer, pending, "Surel tidak dapat diproses", words, now)

    async def _tell(self, officer: Officer, pending: Pending, subject: str, text: str, now: datetime) -> None:
        told = StaffText(subject, text)
        draft = staff_letter(self._ground.new_token(), officer, told, f"told:{pending.id}", now, "auto-replied")
        async with self._ground.database.write() as tx:
            await outbound.add(tx, draft)
            await inbound.done(tx, [pending.id])
