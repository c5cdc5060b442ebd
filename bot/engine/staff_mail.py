"""Officers answer by replying to a notification.

Three things must agree: the sender is registered at this office, his server vouches for him (where the office's own
server checks that), and the mail answers a notification of ours, whose Message-ID nobody can guess. Whatever is
missing, nothing reaches the citizen, and the officer is told why. What a machine sent in his name is kept and never
passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.bookkeeping import STAFF, staff_letter, thread_content
from bot.channels.port import File, Incoming
from bot.core import events as ev
from bot.core.effects import Notice
from bot.core.mail_caps import HOUR, REPLIES_AN_HOUR
from bot.core.model import Channel
from bot.engine.desk import Desk
from bot.engine.ground import ActionRefused, Ground
from bot.staff_wording import StaffText, citizen_name
from bot.store import inbound, listing, outbound, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.inbound import Pending
from bot.store.people import Officer

_NOTE = re.compile(r"#catatan\b[\s:.,-]*", re.IGNORECASE)
_ALREADY = "handled already"


class StaffMail:
    """Mail from a registered officer of the office whose mailbox it reached."""

    def __init__(self, ground: Ground, desk: Desk) -> None:
        self._ground = ground
        self._desk = desk

    async def attend(self, officer: Officer, pending: Pending, incoming: Incoming, now: datetime) -> None:
        """An officer answered a notification by mail: his words go to the citizen, or become a note (#catatan)."""
        number = await self._number_of(incoming)
        if incoming.machine:
            await self._keep_from_citizen(officer, pending, number, now)
            return
        problem = _problem(incoming, number)
        if problem or number is None:
            await self._tell(officer, pending, incoming, self._worded(problem, number), now)
            return
        try:
            await self._pass_on(officer, pending, incoming, number, now)
        except ActionRefused as refused:
            if str(refused) != _ALREADY:
                await self._tell(officer, pending, incoming, self._worded("refused", number, why=str(refused)), now)

    async def _pass_on(
        self, officer: Officer, pending: Pending, incoming: Incoming, number: str, now: datetime
    ) -> None:
        """One transaction: the deed, the confirmation, and that the mail is handled."""
        text = incoming.text.strip()
        note = _NOTE.match(text)
        words = text[note.end() :].strip() if note else text
        if not words:
            await self._tell(officer, pending, incoming, self._worded("empty", number), now)
            return

        async def still_waiting(tx: Transaction) -> str:
            return "" if await inbound.waits(tx, pending.id) else _ALREADY

        async def confirm(tx: Transaction, stored: Stored) -> None:
            told = self._noted(number, words) if note else await self._answered(tx, stored, number, incoming.files)
            await self._write(tx, officer, pending, incoming, told, now)

        await self._desk.act(
            officer, number, lambda at, by: ev.Noted(at, by, words) if note else ev.Answered(at, by, words), now,
            still_waiting, [f for f in incoming.files if not f.refusal], confirm,
        )  # fmt: skip

    async def _number_of(self, incoming: Incoming) -> str | None:
        """The consultation whose notification a mail answers, by the unguessable token in its thread."""
        async with self._ground.database.read() as tx:
            for token in incoming.tokens:
                item = await outbound.by_token(tx, token)
                if item is not None and item.draft.purpose == STAFF:
                    return await listing.number(tx, item.draft.consultation_id)
        return None

    async def _keep_from_citizen(self, officer: Officer, pending: Pending, number: str | None, now: datetime) -> None:
        """An absence notice, a receipt: colleagues see once a day that it came, in case it was an answer after all."""
        office = self._ground.offices[officer.office]
        told = self._worded("machine", number, officer=officer.name)
        day = office.calendar.local(now).date()
        async with self._ground.database.write() as tx:
            if number is not None:
                key = f"staff_machine:{officer.id}:{number}:{day}"
                await records.notify(tx, officer.office, Notice.MESSAGE, told.body, now, key)
            await inbound.done(tx, [pending.id])

    async def _answered(self, tx: Transaction, stored: Stored, number: str, files: Sequence[File]) -> StaffText:
        """What the citizen receives, word for word, and which files go along."""
        sent = await outbound.newest_answer(tx, stored.consultation_id)
        conversation = stored.conversation
        refused = [f.filename for f in files if f.refusal]
        kept = [f.filename for f in files if not f.refusal]
        listed = self._listed("files_by_mail" if conversation.channel is Channel.EMAIL else "files_elsewhere", kept)
        return self._worded(
            f"answered_{conversation.channel}", number, citizen=citizen_name(conversation),
            received=sent.draft.content["text"] if sent else "", files=listed + self._listed("files_refused", refused),
        )  # fmt: skip

    def _listed(self, kind: str, names: Sequence[str]) -> str:
        return self._ground.staff_wording.reply_line(kind, ", ".join(names)) if names else ""

    def _noted(self, number: str, words: str) -> StaffText:
        return self._worded("noted", number, text=words)

    def _worded(self, kind: str, number: str | None, **facts: str) -> StaffText:
        return self._ground.staff_wording.reply(kind, number or "", facts)

    async def _tell(
        self, officer: Officer, pending: Pending, incoming: Incoming, told: StaffText, now: datetime
    ) -> None:
        async with self._ground.database.write() as tx:
            if await outbound.told_since(tx, officer.office, officer.email, now - HOUR) >= REPLIES_AN_HOUR:
                await inbound.done(tx, [pending.id])  # his own program answers us without saying that it is one
            else:
                await self._write(tx, officer, pending, incoming, told, now)

    async def _write(
        self, tx: Transaction, officer: Officer, pending: Pending, incoming: Incoming, told: StaffText, now: datetime
    ) -> None:
        """The answer to his mail, in its thread; once, however often we come here."""
        draft = staff_letter(self._ground.new_token(), officer, told, f"told:{pending.id}", now, "auto-replied")
        thread: Mapping[str, object] = thread_content(incoming.thread, self._ground.offices[officer.office])
        content = {**draft.content, "headers": thread["headers"], "language": "id"}
        await outbound.add(tx, replace(draft, content=content))
        await inbound.done(tx, [pending.id])


def _problem(incoming: Incoming, number: str | None) -> str:
    """Why nothing is passed on; "" for nothing."""
    if incoming.unverified or not incoming.proven:
        return "unverified"
    if incoming.obstacle == "encrypted":
        return "encrypted"
    return "" if number is not None else "no_thread"
