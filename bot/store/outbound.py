"""What goes out: a row before it is a call.

pending --claim--> sending --sent--> sent (then its status rank rises: delivered, read)
                     |  \\--again--> pending (not_before later)      \\--> failed
                     \\--unsure--> uncertain --found | not found--> sent | pending
pending --hold--> held --release--> replaced (by one row that carries all that was held)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select, update

from bot.core.effects import Purpose
from bot.core.model import Channel
from bot.store.conversations import insert_new
from bot.store.database import Transaction
from bot.store.tables import outbound

_BY_ITSELF = (Purpose.REMINDER, Purpose.CLOSING, Purpose.NOTICE)
IN_FLIGHT = ("sending", "uncertain")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent. `dedupe_key` is deterministic: the same decision applied twice makes one row.

    `content` holds text, options ([key, title] pairs), and as the channel needs: template, variables, subject,
    headers, attachments, automatic.
    """

    token: str
    office: str
    channel: Channel
    recipient: str
    purpose: str
    dedupe_key: str
    content: Mapping[str, Any]
    not_before: datetime
    created_at: datetime
    conversation_id: int | None = None
    consultation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of the outbox."""

    id: int
    draft: Draft
    state: str
    attempts: int
    attempt_id: str | None
    started_at: datetime | None
    sent_at: datetime | None
    provider_id: str | None
    status_rank: int
    error: str | None
    possibly_duplicate: bool

    @property
    def to_citizen(self) -> bool:
        return self.draft.purpose in set(Purpose)


async def add(tx: Transaction, draft: Draft, *, state: str = "pending") -> int | None:
    """Store a draft; None when its dedupe key is already there."""
    row = {
        "token": draft.token, "office": draft.office, "channel": draft.channel, "recipient": draft.recipient,
        "purpose": draft.purpose, "dedupe_key": draft.dedupe_key, "content": dict(draft.content), "state": state,
        "not_before": draft.not_before, "created_at": draft.created_at, "conversation_id": draft.conversation_id,
        "consultation_id": draft.consultation_id, "attempts": 0, "status_rank": 0, "possibly_duplicate": False,
    }  # fmt: skip
    result = await tx.execute(insert_new(tx, outbound).values(row).returning(outbound.c.id))
    return result.scalar()


async def claim(tx: Transaction, now: datetime, attempt_id: str, limit: int) -> list[Outgoing]:
    """Take what is due and mark it as being sent: the oldest of each conversation, one in flight each, for order."""
    query = (
        select(outbound).where(outbound.c.state == "pending", outbound.c.not_before <= now)
        .order_by(outbound.c.id).limit(limit * 4).with_for_update(skip_locked=True)
    )  # fmt: skip
    due = [outgoing(row) for row in (await tx.execute(query)).mappings()]
    busy = await _busy(tx, {o.draft.conversation_id for o in due if o.draft.conversation_id is not None})
    taken: list[Outgoing] = []
    for candidate in due:
        line = (candidate.draft.conversation_id, candidate.draft.channel)
        if len(taken) == limit or line in busy:
            continue
        if line[0] is not None:
            busy.add(line)
        taken.append(candidate)
    values = {"state": "sending", "attempt_id": attempt_id, "started_at": now, "attempts": outbound.c.attempts + 1}
    await _set(tx, [o.id for o in taken], values)
    return taken


async def _busy(tx: Transaction, conversations: Iterable[int]) -> set[tuple[int | None, Channel]]:
    query = select(outbound.c.conversation_id, outbound.c.channel).where(
        outbound.c.conversation_id.in_(list(conversations)), outbound.c.state.in_(IN_FLIGHT)
    )
    return {(conversation, Channel(channel)) for conversation, channel in await tx.execute(query)}


async def sent(tx: Transaction, item: Outgoing, attempt_id: str, now: datetime, provider_id: str | None) -> bool:
    """The provider took it. False when somebody else has taken over the row meanwhile."""
    values = {"state": "sent", "sent_at": now, "provider_id": provider_id, "error": None}
    return await _finish(tx, item, attempt_id, values)


async def again(
    tx: Transaction, item: Outgoing, attempt_id: str, not_before: datetime, error: str, *, counted: bool = True
) -> bool:
    """It was certainly not sent; try again later. Not `counted`: the attempt was none of the message's."""
    values = {"state": "pending", "not_before": not_before, "error": error[:400]}
    return await _finish(tx, item, attempt_id, values if counted else values | {"attempts": item.attempts})


async def gave_up(tx: Transaction, item: Outgoing, attempt_id: str, error: str) -> bool:
    return await _finish(tx, item, attempt_id, {"state": "failed", "error": error[:400]})


async def unsure(tx: Transaction, item: Outgoing, attempt_id: str, look_again: datetime, error: str) -> bool:
    """It may or may not have been sent; nothing is sent again before the provider was asked."""
    values = {"state": "uncertain", "not_before": look_again, "error": error[:400]}
    return await _finish(tx, item, attempt_id, values)


async def next_free(tx: Transaction, office: str, channel: Channel, now: datetime) -> datetime:
    """When the next message that the office sends by itself may leave on a channel: a second after the one before."""
    query = select(func.max(outbound.c.not_before)).where(
        outbound.c.state == "pending", outbound.c.not_before >= now, outbound.c.office == office,
        outbound.c.channel == channel, outbound.c.purpose.in_(_BY_ITSELF),
    )  # fmt: skip
    last: datetime | None = (await tx.execute(query)).scalar()
    return now if last is None else last + timedelta(seconds=1)


async def hold(
    tx: Transaction, item: Outgoing, attempt_id: str, *, knocked: bool = False, error: str | None = None
) -> bool:
    """It waits for the citizen's next message (WhatsApp's window is shut). `knocked`: a template tells him so."""
    content = {**item.draft.content, "knocked": knocked}
    return await _finish(tx, item, attempt_id, {"state": "held", "content": content, "error": error and error[:400]})


async def keep(tx: Transaction, outbound_id: int) -> None:
    """It failed for good, but its citizen may still write: then it leaves with whatever is held."""
    await _set(tx, [outbound_id], {"state": "held"})


async def found(tx: Transaction, outbound_id: int, provider_id: str, now: datetime) -> bool:
    """An uncertain one turned out to have been sent. False when that was settled another way meanwhile."""
    values = {"state": "sent", "provider_id": provider_id, "sent_at": now, "error": None}
    return await _settle(tx, outbound_id, values)


async def resend(tx: Transaction, outbound_id: int, now: datetime) -> bool:
    """An uncertain one was not found at the provider; it goes out again, flagged."""
    return await _settle(tx, outbound_id, {"state": "pending", "not_before": now, "possibly_duplicate": True})


async def written_off(tx: Transaction, outbound_id: int, error: str) -> bool:
    """An uncertain one was not found, and is not worth a second copy."""
    return await _settle(tx, outbound_id, {"state": "failed", "error": error[:400]})


async def _settle(tx: Transaction, outbound_id: int, values: Mapping[str, Any]) -> bool:
    """A report may have arrived, or another worker asked, while the provider was being asked."""
    mine = (outbound.c.id == outbound_id, outbound.c.state == "uncertain")
    return (await tx.execute(update(outbound).where(*mine).values(dict(values)))).rowcount == 1


async def uncertain(tx: Transaction, now: datetime) -> list[Outgoing]:
    query = select(outbound).where(outbound.c.state == "uncertain", outbound.c.not_before <= now)
    return [outgoing(row) for row in (await tx.execute(query.order_by(outbound.c.id))).mappings()]


async def abandoned(tx: Transaction, before: datetime, now: datetime) -> int:
    """Whatever was being sent when its process died is uncertain now."""
    stale = and_(outbound.c.state == "sending", outbound.c.started_at < before)
    values = {"state": "uncertain", "not_before": now, "error": "interrupted"}
    return (await tx.execute(update(outbound).where(stale).values(values))).rowcount


async def held(tx: Transaction, conversation_id: int) -> list[Outgoing]:
    query = select(outbound).where(outbound.c.conversation_id == conversation_id, outbound.c.state == "held")
    return [outgoing(row) for row in (await tx.execute(query.order_by(outbound.c.id))).mappings()]


async def drop_outdated(tx: Transaction, conversation_id: int, now: datetime) -> None:
    """A reminder of an appointment that is over by now is not handed out any more."""
    over = [
        item.id for item in await held(tx, conversation_id)
        if (at := item.draft.content.get("appointment_at")) and datetime.fromisoformat(at) < now
    ]  # fmt: skip
    await replaced(tx, over)


async def replaced(tx: Transaction, ids: Sequence[int]) -> None:
    await _set(tx, ids, {"state": "replaced"})


async def raise_status(
    tx: Transaction, outbound_id: int, rank: int, *, provider_id: str | None = None, at: datetime | None = None
) -> bool:
    """Statuses come late, twice and out of order: only a rising rank counts. True when it rose.

    A report may come before we know that the message was sent: then it tells its `provider_id`, and `at` is when.
    """
    rising = (outbound.c.id == outbound_id, outbound.c.status_rank < rank)
    values: dict[str, Any] = {"status_rank": rank, "state": "sent"}
    if provider_id is not None:
        values["provider_id"] = func.coalesce(outbound.c.provider_id, provider_id)
    if at is not None:
        values["sent_at"] = func.coalesce(outbound.c.sent_at, at)
    return (await tx.execute(update(outbound).where(*rising).values(values))).rowcount == 1


async def quiet(
    tx: Transaction, channel: Channel, sent: tuple[datetime, datetime], asked_before: datetime, limit: int
) -> list[Outgoing]:
    """Messages sent between two moments of which no delivery was reported, and not asked about lately."""
    unasked = outbound.c.asked_at.is_(None) | (outbound.c.asked_at < asked_before)
    query = select(outbound).where(
        outbound.c.channel == channel, outbound.c.state == "sent", outbound.c.status_rank < DELIVERED,
        outbound.c.provider_id.is_not(None), outbound.c.sent_at.between(*sent), unasked,
    )  # fmt: skip
    return [outgoing(row) for row in (await tx.execute(query.order_by(outbound.c.id).limit(limit))).mappings()]


async def asked(tx: Transaction, outbound_id: int, now: datetime) -> None:
    """The provider was asked how far it has come."""
    await _set(tx, [outbound_id], {"asked_at": now})


async def undelivered(tx: Transaction, outbound_id: int, error: str) -> bool:
    """The provider says that it failed; True unless it is known to have been delivered."""
    mine = (outbound.c.id == outbound_id, outbound.c.status_rank < DELIVERED)
    values = {"state": "failed", "error": error[:400]}
    return (await tx.execute(update(outbound).where(*mine).values(values))).rowcount == 1


async def once_more(tx: Transaction, item: Outgoing, now: datetime, **changed: Any) -> None:
    """It was refused after it had been taken: its way out is decided anew, with what is `changed` in its content."""
    values = {
        "state": "pending", "not_before": now, "provider_id": None, "status_rank": 0,
        "content": {**item.draft.content, **changed},
    }  # fmt: skip
    await _set(tx, [item.id], values)


async def by_token(tx: Transaction, token: str) -> Outgoing | None:
    return await _one(tx, outbound.c.token == token)


async def replies_sent(tx: Transaction, office: str, recipient: str, since: datetime) -> list[datetime]:
    """When the bot's replies left by e-mail to one address."""
    mine = (outbound.c.recipient == recipient, outbound.c.purpose == Purpose.REPLY)
    query = select(outbound.c.sent_at).where(*_mailed(office, since), *mine)
    return [at for at in (await tx.execute(query)).scalars() if at is not None]


async def automatic_sent(tx: Transaction, office: str, since: datetime) -> int:
    """How many mails that no officer wrote left for citizens."""
    written = outbound.c.purpose.in_([p for p in Purpose if p is not Purpose.STAFF_ANSWER])
    query = select(func.count()).where(*_mailed(office, since), written)
    return int((await tx.execute(query)).scalar_one())


async def told_since(tx: Transaction, office: str, recipient: str, moment: datetime) -> int:
    """How often an officer was answered to a mail of his."""
    answers = (outbound.c.recipient == recipient, outbound.c.dedupe_key.like("told:%"))
    return int((await tx.execute(select(func.count()).where(*_mailed(office, moment), *answers))).scalar_one())


def _mailed(office: str, since: datetime) -> tuple[Any, ...]:
    return (outbound.c.office == office, outbound.c.channel == Channel.EMAIL, outbound.c.sent_at > since)


async def newest_answer(tx: Transaction, consultation_id: int | None) -> Outgoing | None:
    """The last answer of an officer in a consultation."""
    mine = (outbound.c.consultation_id == consultation_id, outbound.c.purpose == Purpose.STAFF_ANSWER)
    query = select(outbound).where(*mine).order_by(outbound.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return outgoing(row) if row else None


async def by_provider_id(tx: Transaction, channel: Channel, provider_id: str) -> Outgoing | None:
    return await _one(tx, and_(outbound.c.channel == channel, outbound.c.provider_id == provider_id))


async def newest(tx: Transaction, conversation_id: int, channel: Channel) -> Outgoing | None:
    """The last thing that was said to a citizen in a conversation, on one channel."""
    mine = (
        outbound.c.conversation_id == conversation_id, outbound.c.channel == channel,
        outbound.c.purpose.in_(set(Purpose)),
    )  # fmt: skip
    said = outbound.c.state.not_in(("held", "replaced", "failed"))
    query = select(outbound).where(*mine, said).order_by(outbound.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return outgoing(row) if row else None


async def owned(tx: Transaction, channel: Channel, provider_ids: Sequence[str]) -> set[str]:
    """Which of these provider ids belong to messages of ours already."""
    mine = (outbound.c.channel == channel, outbound.c.provider_id.in_(list(provider_ids)))
    return {str(found) for found in (await tx.execute(select(outbound.c.provider_id).where(*mine))).scalars()}


async def next_due(tx: Transaction) -> datetime | None:
    """When the outbox has something to do next."""
    query = select(func.min(outbound.c.not_before)).where(outbound.c.state.in_(("pending", "uncertain")))
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


SENT, DELIVERED, READ = 3, 4, 5


async def _one(tx: Transaction, condition: Any) -> Outgoing | None:
    row = (await tx.execute(select(outbound).where(condition))).mappings().first()
    return outgoing(row) if row else None


async def _finish(tx: Transaction, item: Outgoing, attempt_id: str, values: Mapping[str, Any]) -> bool:
    """The attempt id is a fence: a sender that was given up for dead changes nothing.

    The last message to somebody whose data were erased is forgotten with its receiver once it is out of the house.
    """
    forgotten = item.draft.content.get("forget")
    if forgotten and values["state"] in ("sent", "failed"):
        values = {**values, "recipient": forgotten, "content": {"text": "", "options": []}}
    mine = (outbound.c.id == item.id, outbound.c.state == "sending", outbound.c.attempt_id == attempt_id)
    return (await tx.execute(update(outbound).where(*mine).values(dict(values)))).rowcount == 1


async def _set(tx: Transaction, ids: Sequence[int], values: Mapping[str, Any]) -> None:
    if ids:
        await tx.execute(update(outbound).where(outbound.c.id.in_(ids)).values(dict(values)))


def outgoing(row: Mapping[Any, Any]) -> Outgoing:
    """A row of the table as a value."""
    draft = Draft(
        row["token"], row["office"], Channel(row["channel"]), row["recipient"], row["purpose"], row["dedupe_key"],
        row["content"], row["not_before"], row["created_at"], row["conversation_id"], row["consultation_id"],
    )  # fmt: skip
    return Outgoing(
        row["id"], draft, row["state"], row["attempts"], row["attempt_id"], row["started_at"], row["sent_at"],
        row["provider_id"], row["status_rank"], row["error"], row["possibly_duplicate"],
    )  # fmt: skip
