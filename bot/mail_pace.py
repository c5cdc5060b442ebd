"""Holds automatic mail to the figures of bot/core/mail_caps.py, and tells staff when they are reached.

Asked by the outbox before each mail to a citizen. What is dropped stays in the transcript as not sent; what waits
leaves when the burst is over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.effects import Purpose
from bot.core.mail_caps import BURST, DAY, HOUR, Restraint, Sent, restraint
from bot.core.model import Channel
from bot.store import outbound, records
from bot.store.database import Database, Transaction
from bot.store.outbound import Outgoing

REST = timedelta(minutes=10)
Words = Callable[[str], str]


class MailPace:
    """One for all offices. `words` gives the texts for staff by their name."""

    def __init__(self, database: Database, words: Words) -> None:
        self._database = database
        self._words = words
        self._log = logging.getLogger("pst.outbox")

    async def restrains(self, item: Outgoing, attempt: str, now: datetime) -> bool:
        """True when the mail must not leave now; it has been taken care of."""
        draft = item.draft
        if draft.channel is not Channel.EMAIL or not item.to_citizen or draft.purpose == Purpose.STAFF_ANSWER:
            return False
        async with self._database.write() as tx:
            verdict = restraint(await _sent(tx, item, now), is_reply=draft.purpose == Purpose.REPLY)
            if verdict is Restraint.DROP:
                await self._drop(tx, item, attempt, now)
            elif verdict is Restraint.WAIT:
                await self._wait(tx, item, attempt, now)
        return verdict is not Restraint.NONE

    async def _drop(self, tx: Transaction, item: Outgoing, attempt: str, now: datetime) -> None:
        self._log.warning("too many replies to one sender", extra={"outbound": item.id})
        await outbound.gave_up(tx, item, attempt, self._words("reply_cap_mark"))
        key = f"mail_cap:{item.draft.conversation_id}:{now.date()}"
        await records.notify(
            tx, item.draft.office, "channel", self._words("reply_cap"), now, key,
            conversation_id=item.draft.conversation_id, consultation_id=item.draft.consultation_id,
        )  # fmt: skip

    async def _wait(self, tx: Transaction, item: Outgoing, attempt: str, now: datetime) -> None:
        self._log.error("too much automatic mail", extra={"office": item.draft.office})
        await outbound.again(tx, item, attempt, now + REST, "burst", counted=False)
        key = f"mail_burst:{item.draft.office}:{now.date()}"
        await records.notify(tx, item.draft.office, "channel", self._words("burst"), now, key)


async def _sent(tx: Transaction, item: Outgoing, now: datetime) -> Sent:
    office, recipient = item.draft.office, item.draft.recipient
    replies = await outbound.replies_sent(tx, office, recipient, now - DAY)
    lately = sum(at > now - HOUR for at in replies)
    return Sent(lately, len(replies), await outbound.automatic_sent(tx, office, now - BURST))
