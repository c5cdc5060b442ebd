"""A citizen's rights over his data (UU PDP 27/2022): a copy of it, and its erasure. Both go through staff."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import data_copy
from bot.bookkeeping import Cause
from bot.core import appointment
from bot.core import events as ev
from bot.core.conversation import happen
from bot.core.effects import Part, Purpose, Say, Template
from bot.core.model import Channel, ClosedReason, Office
from bot.core.turn import Outcome
from bot.core.window import is_open
from bot.engine.ground import ActionRefused, Ground
from bot.store import conversations, erasure, own_data, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.people import Officer

_GONE = "Permintaan ini tidak ada atau sudah diselesaikan."


class Rights:
    """What an officer does about a request; every function raises ActionRefused with a line for him."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def send_data(self, officer: Officer, request_id: int, now: datetime) -> None:
        """Send a citizen the copy of his data: by e-mail as a file where an address is known, else in short."""
        office = self._ground.offices[officer.office]
        at = office.calendar.local(now)
        async with self._ground.database.write() as tx:
            stored = await self._open(tx, office, request_id, "see")
            language = stored.conversation.language
            words = self._ground.bookkeeper.words("data_copy", language)
            data = await own_data.of(tx, stored)
            text = data_copy.written(stored, data, office, words, at)
            key = hashlib.sha256(f"{stored.id}:{request_id}:{text}".encode()).hexdigest()
            cause = Cause(f"data:{request_id}", "DataSent", at)
            email = stored.conversation.details.email
            by_mail = Say(Purpose.NOTICE, (Part("data_copy_attached"),), attachments=(key,))
            if email is not None:
                content = text.encode("utf-8-sig")
                await records.keep_attachment(tx, stored, key, data_copy.FILENAME, "text/plain", content, at)
            if stored.conversation.channel is Channel.EMAIL:
                await self._tell(tx, stored, by_mail, office, cause)
            elif email is not None:
                await self._ground.bookkeeper.mail(tx, stored, by_mail, office, cause)
                told = Say(Purpose.NOTICE, (Part("data_copy_mailed", {"to": email}),), template=Template.NEWS)
                await self._tell(tx, stored, told, office, cause)
            else:
                held = Part("data_copy_short", {"data": data_copy.summary(stored, data, words)})
                await self._tell(tx, stored, Say(Purpose.NOTICE, (held,), template=Template.NEWS), office, cause)
            await records.data_request_done(tx, request_id, officer.name, at)

    async def approve_deletion(self, officer: Officer, request_id: int, now: datetime) -> None:
        """Erase what a citizen asked to have erased, and tell him."""
        office = self._ground.offices[officer.office]
        at = office.calendar.local(now)
        async with self._ground.database.write() as tx:
            stored = await self._open(tx, office, request_id, "erase")
            outcome = _ended(stored, office, officer, at)
            cause = Cause(f"erase:{request_id}", "DataErased", at)
            stored = await self._ground.bookkeeper.apply(tx, stored, outcome, office, cause)
            await self._say_goodbye(tx, stored, office, cause)
            await records.data_request_done(tx, request_id, officer.name, at)
            await erasure.erase(tx, stored, at)

    async def _open(self, tx: Transaction, office: Office, request_id: int, kind: str) -> Stored:
        request = await records.data_request_of(tx, office.code, request_id)
        if request is None or request["done_at"] is not None or request["kind"] != kind:
            raise ActionRefused(_GONE)
        stored = await conversations.lock_by_id(tx, request["conversation_id"])
        if stored is None:
            raise ActionRefused(_GONE)
        return stored

    async def _tell(self, tx: Transaction, stored: Stored, say: Say, office: Office, cause: Cause) -> None:
        await self._ground.bookkeeper.say(tx, stored, say, office, cause)

    async def _say_goodbye(self, tx: Transaction, stored: Stored, office: Office, cause: Cause) -> None:
        """The last message. A knock would be of no use: who taps it is nobody we know any more."""
        say = Say(Purpose.NOTICE, (Part("data_erased"),))
        if stored.conversation.channel is Channel.EMAIL or is_open(stored.window_until, cause.at):
            await self._tell(tx, stored, say, office, cause)
        elif stored.conversation.details.email is not None:
            await self._ground.bookkeeper.mail(tx, stored, say, office, cause)


def _ended(stored: Stored, office: Office, officer: Officer, at: datetime) -> Outcome:
    """What still runs is brought to an end first, without a word: one message says all."""
    conversation, effects = stored.conversation, list[Any]()
    c = conversation.consultation
    if c is not None and c.live:
        closed = happen(conversation, ev.ClosedByStaff(at, officer.name, ClosedReason.WITHDRAWN), office)
        conversation, effects = closed.conversation, [e for e in closed.effects if not isinstance(e, Say)]
    off = appointment.call_off(conversation)
    return replace(off, effects=(*effects, *off.effects))
