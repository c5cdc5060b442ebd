"""A citizen who was taken for two becomes one, and nothing of his is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.model import Channel, ClosedReason, Consultation, Details, State
from bot.store import conversations, outbound, records
from bot.store.conversations import Stored
from bot.store.database import Database, Transaction
from bot.store.outbound import Draft
from bot.store.schema import create_all
from tests.conftest import wib

NOW = wib("2026-11-20 10:00")
PHONE, BSUID = "+6281230000001", "ID.0123456789abcdef"
WA = Channel.WHATSAPP


async def met(tx: Transaction, address: str, also: str | None = None) -> Stored:
    return await conversations.lock(tx, "3574", WA, address, NOW, also)


async def consults(tx: Transaction, stored: Stored, question: str, *, closed: bool = False) -> Stored:
    c = Consultation(question, NOW, NOW, WA)
    stored = await conversations.save(tx, stored, replace(stored.conversation, consultation=c))
    if not closed:
        return stored
    assert stored.conversation.consultation is not None
    done = replace(
        stored.conversation.consultation, state=State.CLOSED, closed_at=NOW, closed_reason=ClosedReason.RESOLVED
    )
    return await conversations.save(tx, stored, replace(stored.conversation, consultation=done))


async def people(tx: Transaction) -> list[int]:
    return list((await tx.execute(text("select id from conversation order by id"))).scalars())


async def test_two_become_one_with_all_that_was_said(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        old = await met(tx, PHONE)
        told = replace(old.conversation, name="Rina", details=Details(email="rina@contoh.id"), introduced=True)
        await conversations.save(tx, old, told)
        await conversations.set_contact(
            tx, old, window_until=NOW + timedelta(hours=5), profile_name="Rina W", thread=None
        )
        await records.say(tx, old, NOW, "citizen", "dulu")
        new = await consults(tx, await met(tx, BSUID), "berapa?")
        await records.say(tx, new, NOW, "citizen", "sekarang")
        draft = Draft("t", "3574", WA, PHONE, "reply", "k", {"text": "x"}, NOW, NOW, old.id)
        await outbound.add(tx, draft)
    async with database.write() as tx:
        one = await met(tx, BSUID, PHONE)
        assert await people(tx) == [one.id]
        assert one.id == new.id
        assert [row["text"] for row in await records.transcript(tx, one.id)] == ["dulu", "sekarang"]
        c = one.conversation
        assert (c.name, c.details.email, c.introduced, one.profile_name) == ("Rina", "rina@contoh.id", True, "Rina W")
        assert one.window_until == NOW + timedelta(hours=5)
        assert c.consultation is not None
        assert c.consultation.question == "berapa?"
        [item] = await outbound.claim(tx, NOW, "a", 5)
        assert item.draft.conversation_id == one.id
    async with database.write() as tx:
        assert (await met(tx, PHONE)).id == one.id
        assert (await met(tx, BSUID)).id == one.id
        assert await people(tx) == [one.id]


@pytest.mark.parametrize("closed", ["phone", "bsuid"])
async def test_the_one_with_the_newest_consultation_stays(database: Database, closed: str) -> None:
    await create_all(database)
    async with database.write() as tx:
        first, second = (PHONE, BSUID) if closed == "phone" else (BSUID, PHONE)
        await consults(tx, await met(tx, first), "dulu", closed=True)
        kept = await consults(tx, await met(tx, second), "sekarang")
        one = await met(tx, BSUID, PHONE)
        assert (one.id, one.consultation_id) == (kept.id, kept.consultation_id)


async def test_two_open_consultations_stay_apart(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        phone = await consults(tx, await met(tx, PHONE), "satu")
        bsuid = await consults(tx, await met(tx, BSUID), "dua")
        assert (await met(tx, BSUID, PHONE)).id == bsuid.id
        assert await people(tx) == sorted([phone.id, bsuid.id])
        assert (await met(tx, PHONE)).id == phone.id


async def test_an_open_one_is_not_hidden_by_a_newer_closed_one(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        await consults(tx, await met(tx, PHONE), "masih terbuka")
        await consults(tx, await met(tx, BSUID), "sudah selesai", closed=True)
        await met(tx, BSUID, PHONE)
        assert len(await people(tx)) == 2


async def test_whoever_refused_as_one_has_refused_as_both(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        await conversations.opt_out(tx, (await met(tx, PHONE)).id)
        await met(tx, BSUID)
        assert (await met(tx, BSUID, PHONE)).conversation.opted_out


async def test_others_are_left_alone(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        await met(tx, "+6281230000002")
        await conversations.lock(tx, "3514", WA, PHONE, NOW)
        await conversations.lock(tx, "3574", Channel.EMAIL, PHONE, NOW)
        await met(tx, PHONE)
        await met(tx, BSUID, PHONE)
        assert len(await people(tx)) == 4
