"""Effects -> rows: applies what the core decided inside the transaction of its event.

Knows the store and the wording, but no channel and no decision. Everything that is written is derived from the event's
`cause`, so that applying the same event twice makes the same rows once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.core import effects as ef
from bot.core.effects import Effect, Purpose, Say
from bot.core.model import Channel, Conversation, Office
from bot.core.turn import Outcome
from bot.staff_wording import StaffText, StaffWording
from bot.store import conversations, deadlines, outbound, people, records
from bot.store.conversations import Stored
from bot.store.database import Transaction
from bot.store.outbound import Draft
from bot.store.people import Officer
from bot.wording import Scene, Worded, Wording

STAFF = "staff"
LONGEST_BUNDLE = 3000  # characters; WhatsApp carries some 4,500 in its three parts
_AUTOMATIC = {
    Purpose.REPLY: "auto-replied", Purpose.REMINDER: "auto-generated", Purpose.CLOSING: "auto-generated",
    Purpose.NOTICE: "auto-generated", Purpose.STAFF_ANSWER: "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """What an application of effects belongs to: its unique key, the event's name, its moment, and the inbound row.

    `paced`: its messages queue behind each other, one a second on each channel of an office (a backlog, a closing).
    """

    key: str
    event: str
    at: datetime
    inbound_id: int | None = None
    paced: bool = False


class Bookkeeper:
    """Writes outcomes down. `new_token` makes unguessable names for outgoing messages."""

    def __init__(self, wording: Wording, staff_wording: StaffWording, new_token: Callable[[], str]) -> None:
        self._wording = wording
        self._staff_wording = staff_wording
        self._new_token = new_token

    async def apply(self, tx: Transaction, stored: Stored, outcome: Outcome, office: Office, cause: Cause) -> Stored:
        """Save the conversation and turn every effect into rows."""
        before = stored.consultation_id
        stored = await conversations.save(tx, stored, outcome.conversation)
        clocks = [e for e in outcome.effects if isinstance(e, ef.SetDeadline | ef.DropDeadline)]
        c = stored.conversation.consultation
        await deadlines.apply(
            tx, office.code, stored.id, stored.consultation_id, c.version if c else 0, clocks, cause.at, cause.event
        )
        if stored.consultation_id != before:
            await records.log(tx, stored, cause.at, cause.event, "number", c.number or "" if c else "")
        for count, effect in enumerate(outcome.effects):
            write = self._WRITERS.get(type(effect))
            if write is not None:
                await write(self, tx, stored, effect, office, replace(cause, key=f"{cause.key}:{count}"))
        return stored

    async def say(self, tx: Transaction, stored: Stored, say: Say, office: Office, cause: Cause) -> None:
        """One message to the citizen, and its line in the transcript."""
        worded = self._wording.say(say, Scene(office, stored.conversation, cause.at))
        content = self._content(stored, say, worded, office)
        draft = self._draft(stored, say, content, cause)
        if cause.paced:
            free = await outbound.next_free(tx, draft.office, draft.channel, cause.at)
            draft = replace(draft, not_before=free)
        outbound_id = await outbound.add(tx, draft)
        if say.calendar_file is not None:
            await self._copy_by_mail(tx, stored, draft, office)
        if outbound_id is not None:
            author = "staff" if say.purpose is Purpose.STAFF_ANSWER else "bot"
            await records.say(
                tx, stored, cause.at, author, content["transcript"], by=say.by, outbound_id=outbound_id,
                consultation_id=stored.consultation_id,
                attachments=[{"key": key} for key in say.attachments],
            )  # fmt: skip

    async def mail(self, tx: Transaction, stored: Stored, say: Say, office: Office, cause: Cause) -> None:
        """The same as `say`, but to the e-mail address that somebody on WhatsApp has given; it must be known."""
        worded = self._wording.say(say, Scene(office, stored.conversation, cause.at))
        draft = self._draft(stored, say, self._content(stored, say, worded, office), cause)
        await self._copy_by_mail(tx, stored, draft, office)

    def words(self, table: str, language: str) -> Mapping[str, Any]:
        """A table of the wording, for texts that are no message (the copy of a citizen's data)."""
        return self._wording.table(table, language)

    async def _copy_by_mail(self, tx: Transaction, stored: Stored, draft: Draft, office: Office) -> None:
        """An appointment made on the phone: whoever gave an e-mail address gets it there too, for his calendar."""
        email = stored.conversation.details.email
        if draft.channel is Channel.EMAIL or email is None:
            return
        content = {**draft.content, "options": [], "template": None, **thread_content({}, office)}
        copy = replace(
            draft, token=self._new_token(), channel=Channel.EMAIL, recipient=email, content=content,
            dedupe_key=f"{draft.dedupe_key}:copy",
        )  # fmt: skip
        await outbound.add(tx, copy)

    async def notify(
        self, tx: Transaction, stored: Stored, effect: ef.NotifyStaff, office: Office, cause: Cause
    ) -> None:
        """Tell staff at once in the inbox, and by e-mail in service hours."""
        fresh = await records.notify(
            tx, office.code, effect.kind, self._staff_wording.news(effect.text, office), cause.at, f"{cause.key}",
            conversation_id=stored.id, consultation_id=stored.consultation_id,
        )  # fmt: skip
        if not fresh:
            return
        mail = self._staff_wording.notice(
            effect.kind, effect.text, stored.conversation, office, cause.at, doubt=effect.doubt
        )
        for officer in await people.of_office(tx, office.code):
            opening = office.calendar.now_or_next_opening(cause.at)
            letter = staff_letter(self._new_token(), officer, mail, f"{cause.key}:{officer.id}", opening)
            await outbound.add(tx, replace(letter, created_at=cause.at, consultation_id=stored.consultation_id))

    async def release(
        self, tx: Transaction, stored: Stored, effect: ef.ReleaseHeld, office: Office, cause: Cause
    ) -> None:
        """Several held messages leave as one; only what would be too long for one leaves one by one."""
        held = await outbound.held(tx, stored.id)
        if not held:
            return
        bundle = joined([h.draft for h in held])
        drafts = [bundle] if len(bundle.content["text"]) <= LONGEST_BUNDLE else [h.draft for h in held]
        for number, draft in enumerate(drafts):
            released = replace(
                draft, token=self._new_token(), dedupe_key=f"{cause.key}:release:{number}", not_before=cause.at,
                created_at=cause.at, content={**draft.content, "template": None},
            )  # fmt: skip
            await outbound.add(tx, released)
        await outbound.replaced(tx, [h.id for h in held])

    async def complain(
        self, tx: Transaction, stored: Stored, effect: ef.RecordComplaint, office: Office, cause: Cause
    ) -> None:
        await records.complain(tx, stored, effect.text, cause.at, cause.key)

    async def appoint(
        self, tx: Transaction, stored: Stored, effect: ef.RecordAppointment, office: Office, cause: Cause
    ) -> None:
        await records.book(tx, stored, effect.appointment, effect.previous, cause.at)

    async def request_data(
        self, tx: Transaction, stored: Stored, effect: ef.RecordDataRequest, office: Office, cause: Cause
    ) -> None:
        await records.request_data(tx, stored, effect.kind, cause.at, effect.due_at)

    async def survey(
        self, tx: Transaction, stored: Stored, effect: ef.RecordSurvey, office: Office, cause: Cause
    ) -> None:
        await records.answer_survey(tx, stored, effect.scores, cause.at)

    async def log(self, tx: Transaction, stored: Stored, effect: ef.Log, office: Office, cause: Cause) -> None:
        await records.log(tx, stored, cause.at, cause.event, effect.what, effect.detail)

    def _content(self, stored: Stored, say: Say, worded: Worded, office: Office) -> dict[str, Any]:
        c = stored.conversation.consultation
        answer = say.parts[0].params.get("text", "") if say.purpose is Purpose.STAFF_ANSWER else ""
        local = office.calendar.local
        content: dict[str, Any] = {
            "text": worded.text, "options": [[o.key, o.title] for o in worded.options],
            "question": say.talk.question if say.talk else "",
            "template": say.template, "automatic": _AUTOMATIC[say.purpose], "language": stored.conversation.language,
            "number": c.number if c else None, "transcript": answer or worded.text,
            "attachments": list(say.attachments), "opened_on": local(c.opened_at).date().isoformat() if c else None,
            "until": self._until(stored, office), "answer": answer,
        }  # fmt: skip
        if say.calendar_file is not None:
            content["appointment_at"] = local(say.calendar_file.at).isoformat()
            content["appointment_off"] = say.calendar_file.state == "cancelled"
        if stored.conversation.channel is Channel.EMAIL:
            content |= thread_content(stored.thread or {}, office)
        return content

    def _until(self, stored: Stored, office: Office) -> str:
        """Until when a reply is awaited, for an approved template: those are Indonesian, whoever reads them."""
        c = stored.conversation.consultation
        if c is None:
            return ""
        scene = Scene(office, replace(stored.conversation, language="id"), c.opened_at)
        return self._wording.text("awaited_until" if c.closes_at else "awaited_always", scene)

    def _draft(self, stored: Stored, say: Say, content: Mapping[str, Any], cause: Cause) -> Draft:
        conversation: Conversation = stored.conversation
        return Draft(
            self._new_token(), conversation.office, conversation.channel, conversation.address, say.purpose,
            cause.key, {**content, "unasked": cause.inbound_id is None}, cause.at, cause.at, stored.id,
            stored.consultation_id,
        )  # fmt: skip

    _WRITERS: Mapping[type[Effect], Callable[..., Any]] = {
        Say: say, ef.NotifyStaff: notify, ef.ReleaseHeld: release, ef.RecordComplaint: complain,
        ef.RecordAppointment: appoint, ef.RecordDataRequest: request_data, ef.RecordSurvey: survey, ef.Log: log,
    }  # fmt: skip


def joined(held: Sequence[Draft]) -> Draft:
    """What waited, as one message: the answers of one consultation under one heading, asked about once.

    It is an officer's answer if any of them is: its delivery starts the silence clock.
    """
    answers = [h for h in held if h.purpose == Purpose.STAFF_ANSWER]
    carrier = (answers or list(held))[-1]
    texts: list[str] = []
    for number, group in groupby(held, key=lambda h: h.content.get("number") if h.content.get("answer") else None):
        drafts = list(group)
        if number is None:
            texts += [h.content["text"] for h in drafts]
        else:
            together = "\n\n".join(h.content["answer"] for h in drafts)
            texts.append(drafts[-1].content["text"].replace(drafts[-1].content["answer"], together))
    files = [key for h in held for key in h.content.get("attachments", ())]
    return replace(carrier, content={**carrier.content, "text": "\n\n".join(texts), "attachments": files})


def staff_letter(
    token: str, officer: Officer, text: StaffText, key: str, at: datetime, automatic: str = "auto-generated"
) -> Draft:
    """A mail to an officer, to leave at that moment; once for each `key`."""
    content = {"text": text.body, "subject": text.subject, "options": [], "automatic": automatic}
    return Draft(token, officer.office, Channel.EMAIL, officer.email, STAFF, key, content, at, at)


def thread_content(thread: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """Subject and threading headers of a reply to the citizen's last mail."""
    headers = {}
    if thread.get("message_id"):
        headers["In-Reply-To"] = thread["message_id"]
        headers["References"] = f"{thread.get('references', '')} {thread['message_id']}".strip()
    return {"subject": thread.get("subject") or f"Konsultasi statistik {office.name}", "headers": headers}
