"""Mails that are not what they seem: answers in somebody else's thread, and programs that never stop talking.

Our tokens prove that somebody has seen a mail of ours, never that he is the one it was sent to: it may have been
forwarded. Whoever else answers it is a new citizen to the bot, hears nothing of the matter, and staff are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.bookkeeping import STAFF, staff_letter
from bot.channels.port import Incoming
from bot.core.effects import Notice
from bot.core.model import Channel
from bot.engine.ground import Ground
from bot.staff_wording import Stray
from bot.store import inbound, listing, outbound, people, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.inbound import Pending

MOST_ALIKE = 2  # times a day that the same words are answered
_A_DAY = timedelta(days=1)
_SHORTEST = 20  # characters; people say "ya" and "terima kasih" all day long


class MailWatch:
    """Looks at mails before they are heard."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def intercepted(self, pending: Pending, incoming: Incoming, now: datetime) -> bool:
        """True for an answer to a staff notification from no officer's address: it goes nowhere but to staff.

        The officer may have used his private address, or the notification went astray; his words must not become a
        citizen's question, and must not reach the citizen.
        """
        if pending.received.channel is not Channel.EMAIL or not incoming.tokens:
            return False
        async with self._ground.database.write() as tx:
            item = await _answered(tx, incoming.tokens)
            if item is None or item.draft.purpose != STAFF or item.draft.office != pending.received.office:
                return False
            number = await listing.number(tx, item.draft.consultation_id)
            await self._tell(tx, pending, incoming, Stray.STAFF_THREAD, number, item.draft.consultation_id, now)
            await inbound.done(tx, [pending.id])
        return True

    async def judged(
        self, tx: Transaction, stored: Stored, pending: Pending, incoming: Incoming, at: datetime
    ) -> Incoming:
        """The mail with what its surroundings tell; staff hear of an answer in somebody else's thread."""
        if stored.conversation.channel is not Channel.EMAIL or incoming.machine:
            return incoming
        await self._thread_of_another(tx, stored, pending, incoming, at)
        if await self._said_too_often(tx, stored, incoming.text, at):
            return replace(incoming, machine="repeated")
        return incoming

    async def _thread_of_another(
        self, tx: Transaction, stored: Stored, pending: Pending, incoming: Incoming, at: datetime
    ) -> None:
        item = await _answered(tx, incoming.tokens)
        if item is not None and item.to_citizen and item.draft.office == stored.conversation.office:
            if item.draft.conversation_id == stored.id:
                return
            own = item.draft.recipient.casefold() == stored.conversation.address
            kind = Stray.OTHER_CHANNEL if own else Stray.THREAD
            consultation_id, number = item.draft.consultation_id, await listing.number(tx, item.draft.consultation_id)
        elif incoming.number is not None:
            row = await listing.one(tx, stored.conversation.office, incoming.number)
            if row is None or row["conversation_id"] == stored.id:
                return
            kind, consultation_id, number = Stray.NUMBER, row["id"], incoming.number
        else:
            return
        await self._tell(tx, pending, incoming, kind, number, consultation_id, at)

    async def _tell(
        self, tx: Transaction, pending: Pending, incoming: Incoming, kind: Stray, number: str | None,
        consultation_id: int | None, now: datetime,
    ) -> None:  # fmt: skip
        """In the inbox at once, and by mail to every officer in service hours."""
        office = self._ground.offices[pending.received.office]
        words = self._ground.reader.mask(incoming.text)
        told = self._ground.staff_wording.stray(kind, number or "-", pending.received.address, words)
        key = f"stray:{pending.id}"
        fresh = await records.notify(
            tx, office.code, Notice.MESSAGE, told.body, now, key, consultation_id=consultation_id
        )  # fmt: skip
        if not fresh:
            return
        opening = office.calendar.now_or_next_opening(office.calendar.local(now))
        for officer in await people.of_office(tx, office.code):
            letter = staff_letter(self._ground.new_token(), officer, told, f"{key}:{officer.id}", opening)
            await outbound.add(tx, replace(letter, created_at=now))

    async def _said_too_often(self, tx: Transaction, stored: Stored, text: str, at: datetime) -> bool:
        """The same words for the third time within a day: a program that answers us, or one that is stuck."""
        words = _bare(self._ground.reader.mask(text))
        if len(words) < _SHORTEST:
            return False
        said = await records.said_since(tx, stored.id, at - _A_DAY)
        return sum(_bare(earlier) == words for earlier in said) >= MOST_ALIKE


def _bare(text: str) -> str:
    """Words without figures: a ticket number or a clock time makes no new message of an old one."""
    return " ".join(re.sub(r"[\W\d_]+", " ", text.casefold()).split())


async def _answered(tx: Transaction, tokens: Iterable[str]) -> outbound.Outgoing | None:
    """The first message of ours that one of the tokens names."""
    for token in tokens:
        item = await outbound.by_token(tx, token)
        if item is not None:
            return item
    return None
