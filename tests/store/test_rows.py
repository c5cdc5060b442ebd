"""The unique keys that make repeats harmless, and the order of work, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.arrivals import Received
from bot.core.effects import ClockKind, DropDeadline, SetDeadline
from bot.core.model import Channel, Consultation, Details, Option, State, Talk, Waiting
from bot.store import conversations, deadlines, inbound, outbound, people, records
from bot.store.database import Database
from bot.store.outbound import Draft
from bot.store.schema import create_all
from intents.meaning import Kind, Sex
from tests.conftest import wib

T0 = wib("2026-11-20 10:00")


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Database]:
    await create_all(database)
    yield database


def arrival(key: str, address: str = "+62811", seconds: int = 0) -> Received:
    at = T0 + timedelta(seconds=seconds)
    return Received("3574", Channel.WHATSAPP, "message", key, address, at, at + timedelta(seconds=2), {"text": key})


def draft(key: str, conversation: int | None = None) -> Draft:
    return Draft(
        f"token-{key}", "3574", Channel.WHATSAPP, "+62811", "reply", key, {"text": key}, T0, T0, conversation
    )  # fmt: skip


async def test_the_same_arrival_twice_is_one_row(store: Database) -> None:
    async with store.write() as tx:
        assert len(await inbound.add(tx, [arrival("a"), arrival("b")])) == 2
        assert len(await inbound.add(tx, [arrival("a"), arrival("c")])) == 1


async def test_fifty_copies_at_the_same_time_are_one_row(store: Database) -> None:
    async def put() -> int:
        async with store.write() as tx:
            return len(await inbound.add(tx, [arrival("a")]))

    assert sum(await asyncio.gather(*(put() for _ in range(50)))) == 1


async def test_messages_of_one_sender_wait_until_the_last_has_rested(store: Database) -> None:
    async with store.write() as tx:
        await inbound.add(tx, [arrival("a", seconds=0), arrival("b", seconds=1), arrival("x", "+62822", 0)])
    async with store.read() as tx:
        due = await inbound.due(tx, T0 + timedelta(seconds=2.5), 10)
        assert [s.address for s in due] == ["+62822"]
        due = await inbound.due(tx, T0 + timedelta(seconds=3), 10)
        assert [s.address for s in due] == ["+62811", "+62822"]
        assert await inbound.next_due(tx) == T0 + timedelta(seconds=2)
        waiting = await inbound.of_sender(tx, due[0])
        assert [p.received.provider_key for p in waiting] == ["a", "b"]


async def test_what_breaks_three_times_is_kept_aside_and_can_be_replayed(store: Database) -> None:
    async with store.write() as tx:
        await inbound.add(tx, [arrival("a")])
        [pending] = await inbound.of_sender(tx, inbound.Sender("3574", Channel.WHATSAPP, "+62811"))
        assert [await inbound.failed(tx, [pending.id], "boom", T0) for _ in range(3)] == [False, False, True]
        assert [p.id for p in await inbound.quarantined(tx, "3574")] == [pending.id]
        assert await inbound.replay(tx, pending.id, T0)
        assert not await inbound.replay(tx, pending.id, T0)
        assert await inbound.quarantined(tx) == []


async def test_a_conversation_comes_back_as_it_was_saved(store: Database) -> None:
    async with store.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, "+62811", T0)
        talk = Talk(Waiting.CHOICE, "inflasi", ("inflasi", "ihk"), (Option("topic:ihk", "IHK"),), 1)
        details = Details("Rina", Sex.FEMALE, "rina@contoh.id", None, Kind.DATA)
        consultation = Consultation("berapa?", T0, T0, Channel.WHATSAPP, due_at=T0, details=details)
        after = replace(
            stored.conversation,
            talk=talk,
            details=details,
            introduced=True,
            last_heard_at=T0,
            consultation=consultation,
        )
        saved = await conversations.save(tx, stored, after)
    async with store.read() as tx:
        found = await conversations.find(tx, stored.id)
    assert found is not None
    assert found.conversation == saved.conversation
    assert found.conversation.consultation is not None
    assert found.conversation.consultation.number == "3574-2026-000001"


async def test_numbers_have_no_gaps_even_when_transactions_fail(store: Database) -> None:
    async def open_one(address: str, *, fail: bool = False) -> None:
        async with store.write() as tx:
            stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, address, T0)
            c = Consultation("?", T0, T0, Channel.WHATSAPP, due_at=T0)
            await conversations.save(tx, stored, replace(stored.conversation, consultation=c))
            if fail:
                raise RuntimeError

    await open_one("a")
    with pytest.raises(RuntimeError):
        await open_one("b", fail=True)
    await asyncio.gather(*(open_one(f"c{n}") for n in range(10)))
    async with store.read() as tx:
        found = [await conversations.find(tx, n) for n in range(1, 14)]
    numbers = sorted(f.conversation.consultation.number or "" for f in found if f and f.conversation.consultation)
    assert numbers == [f"3574-2026-{n:06d}" for n in range(1, 12)]


async def test_the_database_refuses_a_second_open_consultation(store: Database) -> None:
    async with store.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, "+62811", T0)
        c = Consultation("?", T0, T0, Channel.WHATSAPP, due_at=T0)
        stored = await conversations.save(tx, stored, replace(stored.conversation, consultation=c))
    with pytest.raises(Exception, match=r"(?i)unique"):
        async with store.write() as tx:
            second = replace(c, question="lain", opened_at=T0 + timedelta(days=1))
            await conversations.save(tx, stored, replace(stored.conversation, consultation=second))
    async with store.write() as tx:
        closed = replace(c, number="3574-2026-000001", state=State.CLOSED)
        stored = await conversations.save(tx, stored, replace(stored.conversation, consultation=closed))
        await conversations.save(tx, stored, replace(stored.conversation, consultation=c))


async def test_the_same_decision_applied_twice_sends_once(store: Database) -> None:
    async with store.write() as tx:
        assert await outbound.add(tx, draft("in:1:0")) is not None
        assert await outbound.add(tx, replace(draft("in:1:0"), token="other")) is None


async def test_one_message_of_a_conversation_is_in_flight_at_a_time(store: Database) -> None:
    async with store.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, "+62811", T0)
        for key in ("a", "b"):
            await outbound.add(tx, draft(key, stored.id))
        await outbound.add(tx, draft("staff"))
        first = await outbound.claim(tx, T0, "one", 10)
        assert [o.draft.dedupe_key for o in first] == ["a", "staff"]
        assert await outbound.claim(tx, T0, "two", 10) == []
        assert await outbound.sent(tx, first[0], "one", T0, "SM1")
        assert [o.draft.dedupe_key for o in await outbound.claim(tx, T0, "three", 10)] == ["b"]


async def test_a_sender_that_was_given_up_for_dead_changes_nothing(store: Database) -> None:
    async with store.write() as tx:
        await outbound.add(tx, draft("a"))
        [item] = await outbound.claim(tx, T0, "one", 10)
        assert await outbound.abandoned(tx, T0 + timedelta(minutes=5), T0) == 1
        assert not await outbound.sent(tx, item, "one", T0, "SM1")
        assert [o.id for o in await outbound.uncertain(tx, T0)] == [item.id]


async def test_statuses_only_rise_and_a_late_failure_does_not_undo_delivery(store: Database) -> None:
    async with store.write() as tx:
        await outbound.add(tx, draft("a"))
        [item] = await outbound.claim(tx, T0, "one", 10)
        await outbound.sent(tx, item, "one", T0, "SM1")
        assert await outbound.raise_status(tx, item.id, outbound.DELIVERED)
        assert not await outbound.raise_status(tx, item.id, outbound.SENT)
        assert not await outbound.undelivered(tx, item.id, "63024")


async def test_a_clock_is_replaced_not_doubled(store: Database) -> None:
    async with store.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, "+62811", T0)
        for hours in (1, 2):
            clock = SetDeadline(ClockKind.REMIND, T0 + timedelta(hours=hours), "", "v")
            await deadlines.apply(tx, "3574", stored.id, None, hours, [clock], T0)
        [found] = await deadlines.due(tx, T0 + timedelta(hours=3), 10)
        assert found.due_at == T0 + timedelta(hours=2)
        await deadlines.apply(tx, "3574", stored.id, None, 3, [DropDeadline(ClockKind.REMIND)], T0)
        assert not await deadlines.take(tx, found.id), "a reply that arrived meanwhile wins"
        assert await deadlines.due(tx, T0 + timedelta(hours=3), 10) == []


async def test_staff_are_told_the_same_thing_once(store: Database) -> None:
    async with store.write() as tx:
        assert await records.notify(tx, "3574", "breach", "", T0, "clock:1")
        assert not await records.notify(tx, "3574", "breach", "", T0, "clock:1")


async def test_an_address_belongs_to_one_officer(store: Database) -> None:
    async with store.write() as tx:
        assert await people.add(tx, "3574", "Dewi", "Dewi@contoh.id", "officer", "x", T0)
        assert await people.add(tx, "3514", "Dewi", "dewi@contoh.id", "officer", "x", T0) is None
        assert await people.disable(tx, "dewi@contoh.id")
        assert await people.of_office(tx, "3574") == []
