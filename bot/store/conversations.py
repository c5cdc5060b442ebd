"""Conversations with their newest consultation: loaded under a lock, saved as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.core.model import Channel, Consultation, Conversation
from bot.store import codec, merging
from bot.store.database import Transaction, inserted_id
from bot.store.tables import consultation as consultations
from bot.store.tables import consultation_counter, conversation, identity


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as the store knows it.

    `window_until`: until when WhatsApp lets free text through (UTC). `thread`: what an e-mail reply needs
    (message_id, references, subject of the citizen's last mail).
    """

    id: int
    conversation: Conversation
    consultation_id: int | None = None
    window_until: datetime | None = None
    thread: Mapping[str, Any] | None = None
    profile_name: str | None = None


def insert_new(tx: Transaction, table: Any) -> Any:
    """An INSERT that leaves what is already there alone."""
    maker = pg_insert if tx.dialect.name == "postgresql" else sqlite_insert
    return maker(table).on_conflict_do_nothing()


async def lock(
    tx: Transaction, office: str, channel: Channel, address: str, now: datetime, also: str | None = None
) -> Stored:
    """The conversation of one citizen, created if need be, locked until the transaction ends.

    `also`: another address of the same citizen. He is found by either; both lead to him from now on, and if he was
    taken for two until now, the two become one.
    """
    if also is not None:
        await merging.unite(tx, office, channel, [address, also])
    found = await _by_addresses(tx, office, channel, [address, *([also] if also else [])])
    if found is None:
        fresh = {"office": office, "channel": channel, "address": address, "created_at": now, **_EMPTY}
        await tx.execute(insert_new(tx, conversation).values(fresh))
        found = await _by_addresses(tx, office, channel, [address])
        assert found is not None
    for other in {address, also} - {None, found["address"]}:
        row = {"office": office, "channel": channel, "address": other, "conversation_id": found["id"]}
        await tx.execute(insert_new(tx, identity).values(row))
    return await _stored(tx, found)


async def _by_addresses(tx: Transaction, office: str, channel: Channel, addresses: list[str]) -> RowMapping | None:
    """The conversation that one of these addresses leads to, the first address first."""
    here = (conversation.c.office == office, conversation.c.channel == channel)
    for address in addresses:
        other = select(identity.c.conversation_id).where(
            identity.c.office == office, identity.c.channel == channel, identity.c.address == address
        )
        his = (conversation.c.address == address) | conversation.c.id.in_(other)
        own_first = (conversation.c.address != address, conversation.c.id)
        query = select(conversation).where(*here, his).order_by(*own_first).with_for_update()
        found = (await tx.execute(query)).mappings().first()
        if found is not None:
            return found
    return None


async def lock_by_id(tx: Transaction, conversation_id: int, *, skip_locked: bool = False) -> Stored | None:
    """The same by id; None when it is gone, or locked by another worker and `skip_locked`."""
    query = select(conversation).where(conversation.c.id == conversation_id)
    found = (await tx.execute(query.with_for_update(skip_locked=skip_locked))).mappings().first()
    return await _stored(tx, found) if found else None


async def lock_by_number(tx: Transaction, office: str, number: str) -> Stored | None:
    """The conversation whose consultation has that number, with *that* consultation, newest or not."""
    query = select(consultations).where(consultations.c.number == number, consultations.c.office == office)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        return None
    stored = await lock_by_id(tx, row["conversation_id"])
    if stored is None or stored.consultation_id == row["id"]:
        return stored
    older = codec.consultation_from_row(row)
    return replace(stored, consultation_id=row["id"], conversation=replace(stored.conversation, consultation=older))


async def find(tx: Transaction, conversation_id: int) -> Stored | None:
    """A look without a lock."""
    found = (await tx.execute(select(conversation).where(conversation.c.id == conversation_id))).mappings().first()
    return await _stored(tx, found) if found else None


async def save(tx: Transaction, stored: Stored, after: Conversation) -> Stored:
    """Write what an event changed; a new consultation gets its number here."""
    changes = _row(after)
    if changes != _row(stored.conversation):
        await tx.execute(update(conversation).where(conversation.c.id == stored.id).values(changes))
    consultation_id, consultation = await _save_consultation(tx, stored, after)
    return replace(stored, conversation=replace(after, consultation=consultation), consultation_id=consultation_id)


async def set_contact(
    tx: Transaction, stored: Stored, *, window_until: datetime | None, profile_name: str | None,
    thread: Mapping[str, Any] | None,
) -> Stored:  # fmt: skip
    """What a citizen's message tells about reaching him; None leaves what is known."""
    news = {"window_until": window_until, "profile_name": profile_name, "thread": thread}
    changes: dict[str, Any] = {k: v for k, v in news.items() if v is not None}
    if changes:
        await tx.execute(update(conversation).where(conversation.c.id == stored.id).values(changes))
    return replace(stored, **changes)


async def close_window(tx: Transaction, conversation_id: int, now: datetime) -> None:
    """The provider says that free text may not leave any more."""
    await tx.execute(update(conversation).where(conversation.c.id == conversation_id).values(window_until=now))


async def opt_out(tx: Transaction, conversation_id: int) -> None:
    """The citizen has blocked us."""
    await tx.execute(update(conversation).where(conversation.c.id == conversation_id).values(opted_out=True))


async def _save_consultation(
    tx: Transaction, stored: Stored, after: Conversation
) -> tuple[int | None, Consultation | None]:
    c = after.consultation
    if c is None or c == stored.conversation.consultation:
        return stored.consultation_id, c
    row = codec.consultation_to_row(c)
    if c.number is None:
        number = await _next_number(tx, after.office, c.opened_at)
        first = {"first_due_at": c.due_at}
        values = {**row, **first, "office": after.office, "conversation_id": stored.id, "number": number}
        result = await tx.execute(insert(consultations).values(values))
        return inserted_id(result), replace(c, number=number)
    if c.answered_at is not None:
        row["first_answered_at"] = func.coalesce(consultations.c.first_answered_at, c.answered_at)
    await tx.execute(update(consultations).where(consultations.c.number == c.number).values(row))
    return stored.consultation_id, c


async def _next_number(tx: Transaction, office: str, opened_at: datetime) -> str:
    """ "3574-2026-000123": per office and year of opening, without gaps (a rolled back transaction takes no number)."""
    year = opened_at.year
    counter = consultation_counter
    await tx.execute(insert_new(tx, counter).values(office=office, year=year, last=0))
    mine = (counter.c.office == office, counter.c.year == year)
    raised = update(counter).where(*mine).values(last=counter.c.last + 1).returning(counter.c.last)
    return f"{office}-{year}-{(await tx.execute(raised)).scalar_one():06d}"


async def _stored(tx: Transaction, row: RowMapping) -> Stored:
    newest = (await tx.execute(_newest(row["id"]))).mappings().first()
    known = Conversation(
        row["office"], Channel(row["channel"]), row["address"], row["name"], row["language"],
        codec.talk_from_json(row["talk"]), row["topic"], row["question"], codec.details_from_json(row["details"]),
        codec.consultation_from_row(newest) if newest else None, codec.appointment_from_json(row["appointment"]),
        row["introduced"], row["opted_out"], row["last_heard_at"], row["survey_at"],
    )  # fmt: skip
    return Stored(
        row["id"], known, newest["id"] if newest else None, row["window_until"], row["thread"], row["profile_name"]
    )


def _newest(conversation_id: int) -> Select[Any]:
    mine = consultations.c.conversation_id == conversation_id
    return select(consultations).where(mine).order_by(consultations.c.id.desc()).limit(1)


def _row(c: Conversation) -> dict[str, Any]:
    return {
        "name": c.name, "language": c.language, "talk": codec.talk_to_json(c.talk), "topic": c.topic,
        "question": c.question, "details": codec.details_to_json(c.details),
        "appointment": codec.appointment_to_json(c.appointment), "introduced": c.introduced,
        "opted_out": c.opted_out, "last_heard_at": c.last_heard_at, "survey_at": c.survey_at,
    }  # fmt: skip


_EMPTY: dict[str, Any] = {**_row(Conversation("", Channel.WHATSAPP, "")), "thread": {}}
