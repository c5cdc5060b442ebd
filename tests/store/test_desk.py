"""What the desk asks of the store, on both databases; every answer is about one office only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.arrivals import Received
from bot.core.model import Appointment, Channel, Consultation, Details
from bot.store import conversations, desk, inbound, outbound, records
from bot.store.conversations import Stored
from bot.store.database import Database, Transaction
from bot.store.outbound import Draft
from bot.store.schema import create_all
from tests.conftest import wib

NOW = wib("2026-11-20 10:00")


async def met(tx: Transaction, office: str, address: str, name: str) -> Stored:
    """Somebody who has written once."""
    stored = await conversations.lock(tx, office, Channel.WHATSAPP, address, NOW)
    known = replace(stored.conversation, name=name, details=Details(name=name))
    return await conversations.save(tx, stored, known)


async def consulted(tx: Transaction, office: str, address: str, name: str) -> Stored:
    stored = await met(tx, office, address, name)
    c = Consultation("berapa?", NOW, NOW, Channel.WHATSAPP, details=Details(name=name, email=f"{name}@contoh.id"))
    return await conversations.save(tx, stored, replace(stored.conversation, consultation=c))


@pytest.mark.parametrize(
    ("words", "found"),
    [("rina", ["3574-2026-000001"]), ("0812-3000-0001", ["3574-2026-000001"]), ("000002", ["3574-2026-000002"]),
     ("BUDI@contoh", ["3574-2026-000002"]), ("%", []), ("_", []), ("3574", ["3574-2026-000002", "3574-2026-000001"])],
)  # fmt: skip
async def test_search_finds_the_offices_own_by_number_name_and_address(
    database: Database, words: str, found: list[str]
) -> None:
    await create_all(database)
    async with database.write() as tx:
        await consulted(tx, "3574", "+6281230000001", "Rina")
        await consulted(tx, "3574", "+6285700000002", "budi")
        await consulted(tx, "3514", "+6281230000001", "Rina")
    async with database.read() as tx:
        assert [row["number"] for row in await desk.search(tx, "3574", words)] == found


async def test_registers_name_the_citizen_and_count_what_waits(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        stored = await consulted(tx, "3574", "+6281230000001", "Rina")
        await records.complain(tx, stored, "lama sekali", NOW, "c1")
        await records.book(tx, stored, Appointment(NOW + timedelta(days=1)), None, NOW)
        await records.request_data(tx, stored, "see", NOW, NOW + timedelta(hours=72))
        await records.notify(tx, "3574", "new", "berapa?", NOW, "n1", consultation_id=stored.consultation_id)
        await inbound.add(tx, [arrival("m1", NOW)])
        for _ in range(inbound.MOST_ATTEMPTS):
            await inbound.failed(tx, [1], "rusak", NOW)
    async with database.read() as tx:
        lists = [
            await desk.complaints(tx, "3574"), await desk.appointments(tx, "3574", NOW),
            await desk.data_requests(tx, "3574"),
        ]  # fmt: skip
        assert [(rows[0]["name"], rows[0]["number"]) for rows in lists] == [("Rina", "3574-2026-000001")] * 3
        assert (await desk.news(tx, "3574"))[0]["number"] == "3574-2026-000001"
        assert [row["error"] for row in await desk.quarantined(tx, "3574")] == ["rusak"]
        assert await desk.badges(tx, "3574") == {"complaints": 1, "requests": 1, "quarantined": 1}
        assert await desk.badges(tx, "3514") == {"complaints": 0, "requests": 0, "quarantined": 0}
        assert await desk.complaints(tx, "3514") == []
        assert await desk.conversation_of(tx, "3514", stored.id) is None


async def test_what_became_of_a_message_and_who_spoke_last(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        stored = await met(tx, "3574", "+6281230000001", "Rina")
        for purpose in ("reply", "staff"):
            draft = Draft(purpose, "3574", Channel.WHATSAPP, "+62", purpose, f"k{purpose}", {}, NOW, NOW, stored.id)
            await outbound.add(tx, draft)
        for author in ("citizen", "staff", "bot", "machine"):
            await records.say(tx, stored, NOW, author, author, by="Sari")
    async with database.read() as tx:
        assert [row["purpose"] for row in await desk.sendings(tx, stored.id)] == ["reply"]
        last = await desk.last_spoken(tx, stored.id)
        assert last is not None
        assert last["author"] == "staff"
        assert await desk.line(tx, "3514", last["id"]) is None


async def test_a_stored_file_is_told_by_name_and_size(database: Database) -> None:
    await create_all(database)
    async with database.write() as tx:
        stored = await met(tx, "3574", "+6281230000001", "Rina")
        await records.keep_attachment(tx, stored, "k1", "a.pdf", "application/pdf", b"12345", NOW)
    async with database.read() as tx:
        assert (await desk.files(tx, "3574", ["k1"]))["k1"]["size"] == 5
        assert await desk.files(tx, "3514", ["k1"]) == {}
        assert await desk.files(tx, "3574", []) == {}


def arrival(key: str, at: datetime) -> Received:
    return Received("3574", Channel.WHATSAPP, "message", key, "+62", at, at, {"text": "x"})
