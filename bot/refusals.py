"""The book of what was turned away at the webhooks: kept, counted, and told to staff while it matters.

Twilio's own requests are refused when an address or a token is wrong, and then all of them are: staff are told at once,
once a day for each cause. Anybody can send a form without a signature; that is counted and no alarm. A flood is kept
in part only, so that refusing costs less than asking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.channels.twilio_form import field
from bot.channels.twilio_signature import Cause, Rejected
from bot.staff_wording import StaffWording
from bot.store import records, turned_away
from bot.store.database import Database
from bot.store.turned_away import Refusal

MOST_A_MINUTE: Final = 60  # kept, of one office and cause; more are only logged
_MINUTE: Final = timedelta(minutes=1)


class RefusalBook:
    """Writes down what was turned away. One per process."""

    def __init__(self, database: Database, now: Callable[[], datetime], words: StaffWording) -> None:
        self._database = database
        self._now = now
        self._words = words
        self._lately: dict[tuple[str, Cause], list[datetime]] = {}
        self._log = logging.getLogger("pst.webhook")

    async def write(self, office: str, why: Rejected, fields: Mapping[str, Any]) -> None:
        """Keep one request. `fields`: its form, with identity numbers masked."""
        now = self._now()
        if not self._has_room(office, why.cause, now):
            self._log.warning("turned away, not kept", extra={"office": office, "cause": why.cause})
            return
        status = bool(field(fields, "MessageStatus"))
        sid = "" if status else field(fields, "MessageSid") or field(fields, "SmsSid")
        async with self._database.write() as tx:
            await turned_away.keep(tx, Refusal(office, "whatsapp", now, why.cause, why.reason, sid or None, fields))
            if why.cause is not Cause.NO_SIGNATURE:
                text = self._words.channel("turned_away", reason=why.reason)
                await records.notify(tx, office, "channel", text, now, f"rejected:{office}:{why.cause}:{now.date()}")

    def _has_room(self, office: str, cause: Cause, now: datetime) -> bool:
        key = (office, cause)
        lately = [at for at in self._lately.get(key, []) if now - at < _MINUTE]
        room = len(lately) < MOST_A_MINUTE
        self._lately[key] = [*lately, now] if room else lately
        return room
