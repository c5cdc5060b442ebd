"""What the clock brings: the morning's summary, letters to staff in service hours only, several tickers, calendars."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from icalendar import Calendar

from bot.channels.simulator import Delivery
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.player import Player, Record
from bot.simulation.scenario import Scenario
from bot.simulation.world import World, open_world
from bot.store import listing
from bot.store.database import Database
from tests.conftest import WIB, wib

QUESTION = "tolong teruskan ke petugas: apa ada data panti asuhan per kelurahan?"
RINA = {"channel": "whatsapp", "address": "+6281230000001", "name": "Rina"}
BUDI = {"channel": "email", "address": "budi@contoh.id", "name": "Budi"}


async def play(
    settings: Settings, brain: Brain, database: Database, office: str, *steps: dict[str, Any]
) -> tuple[World, list[Record]]:
    """A story of Rina and Budi that begins on Monday, 23 November 2026, at 08:00."""
    scenario = Scenario.model_validate(
        {"office": office, "start": wib("2026-11-23 08:00"), "citizens": {"rina": RINA, "budi": BUDI}, "step": steps}
    )
    world = await open_world(settings, brain, scenario.start, database)
    return world, [record async for record in Player(scenario, world).play()]


def asks(at: str, **more: Any) -> dict[str, Any]:
    return {"at": wib(at), "citizen": "rina", "says": QUESTION, **more}


def letters(world: World, subject: str = "") -> list[tuple[str, datetime]]:
    """Mails to staff whose subject begins so: to whom, and when (WIB)."""
    mails = [d for d in world.network.deliveries if d.purpose == "staff" and (d.subject or "").startswith(subject)]
    return [(d.to, d.at.astimezone(WIB)) for d in mails]


# --- staff --------------------------------------------------------------------------------------------------------


async def test_the_summary_comes_once_to_each_officer_at_the_opening_of_each_working_day(
    settings: Settings, brain: Brain, database: Database
) -> None:
    world, _ = await play(settings, brain, database, "3574", asks("2026-11-26 22:10"))
    await world.officer("3574", "dewi")
    await world.run_until(wib("2026-12-01 07:00"))
    mornings = [wib("2026-11-27 08:00"), wib("2026-11-30 08:00")]
    everybody = ("petugas.3574@contoh.id", "dewi.3574@contoh.id")
    assert sorted(letters(world, "Ringkasan pagi")) == sorted((who, at) for who in everybody for at in mornings)


async def test_the_summary_counts_what_waits(settings: Settings, brain: Brain, database: Database) -> None:
    world, _ = await play(settings, brain, database, "3514", asks("2026-11-23 09:00"))
    await world.run_until(wib("2026-11-26 12:00"))
    bodies = [d.body for d in world.network.deliveries if (d.subject or "").startswith("Ringkasan pagi")]
    assert ["Jatuh tempo hari ini: 1" in b for b in bodies] == [True, False, False]
    assert ["Lewat batas waktu: 1" in b for b in bodies] == [False, True, True]
    assert all("Menunggu jawaban petugas: 1" in b for b in bodies)


async def test_an_office_with_nothing_to_do_gets_no_summary(
    settings: Settings, brain: Brain, database: Database
) -> None:
    world, _ = await play(settings, brain, database, "3574", asks("2026-11-23 09:00"))
    await world.run_until(wib("2026-11-25 12:00"))
    assert {who for who, _ in letters(world, "Ringkasan pagi")} == {"petugas.3574@contoh.id"}


async def test_staff_are_written_to_in_service_hours_only(settings: Settings, brain: Brain, database: Database) -> None:
    steps = [asks("2026-11-23 21:40"), {"at": wib("2026-12-20 12:00")}]
    world, _ = await play(settings, brain, database, "3514", *steps)
    calendar = world.office("3514").calendar
    assert letters(world, "Konsultasi baru") == [("petugas.3514@contoh.id", wib("2026-11-24 08:00"))]
    assert letters(world, "Jatuh tempo") == [("petugas.3514@contoh.id", wib("2026-11-24 08:00"))]
    assert letters(world, "Lewat batas") == [("petugas.3514@contoh.id", wib("2026-11-25 08:00"))]
    assert all(calendar.is_open(at) for _, at in letters(world))


# --- several tickers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("office", "until", "purpose", "kinds"),
    [
        ("3574", "2026-11-25 09:00", "reminder", []),
        ("3574", "2026-11-26 15:30", "closing", []),
        ("3514", "2026-11-26 09:00", "reminder", ["silent"]),
    ],
)
async def test_four_tickers_at_once_let_each_clock_ring_once(
    settings: Settings, brain: Brain, database: Database, office: str, until: str, purpose: str, kinds: list[str]
) -> None:
    answer = {"staff": "answer", "text": "Ada di Dinas Sosial."}
    before = {"at": wib(until) - timedelta(minutes=1)}
    world, _ = await play(settings, brain, database, office, asks("2026-11-23 09:00"), answer, before)
    sent = len(world.network.deliveries)
    world.sleep_until(wib(until))
    await asyncio.gather(*(world.service.engine.sweep(world.now) for _ in range(4)))
    await world.run_until(world.now + timedelta(minutes=5))
    fresh = [d for d in world.network.deliveries[sent:] if d.purpose != "staff"]
    assert [d.purpose for d in fresh] == [purpose]
    assert len(letters(world, "Belum ada balasan")) == len(kinds)


async def test_a_reply_that_arrives_meanwhile_wins_over_the_closing(
    settings: Settings, brain: Brain, database: Database
) -> None:
    answer = {"staff": "answer", "text": "Ada di Dinas Sosial."}
    before = {"at": wib("2026-11-26 15:29:59")}
    world, _ = await play(settings, brain, database, "3574", asks("2026-11-23 09:00"), answer, before)
    engine, phone = world.service.engine, RINA["address"]
    fields = {"text": "belum sesuai, saya butuh tahun 2020", "button": None, "media": [], "phone": phone}
    rests = world.now + timedelta(seconds=2)
    await engine.receive([Received("3574", Channel.WHATSAPP, "message", "SMx", phone, world.now, rests, fields)])
    world.network.heard("3574", phone)
    world.sleep_until(wib("2026-11-26 15:30"))
    await engine.sweep(world.now)
    await world.run_until(wib("2026-11-26 16:00"))
    async with database.read() as tx:
        found = (await listing.all_of(tx))[-1]
    assert (found["state"], found["reopened"]) == ("open", 0)
    assert not [d for d in world.network.deliveries if d.purpose == "closing"]


# --- appointments -------------------------------------------------------------------------------------------------


def calendar_of(delivery: Delivery) -> Any:
    """The one event in the calendar file of a mail, with its method."""
    part = next(p for p in message_from_bytes(delivery.raw).walk() if p.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    event = calendar.walk("VEVENT")[0]
    return event, str(calendar["METHOD"])


async def test_every_mail_about_an_appointment_brings_the_same_event_up_to_date(
    settings: Settings, brain: Brain, database: Database
) -> None:
    mail = {"citizen": "budi", "subject": "Janji temu"}
    world, _ = await play(
        settings, brain, database, "3514",
        {**mail, "at": wib("2026-11-23 09:00"), "says": "Saya ingin janji temu dengan petugas hari Rabu jam 10"},
        {**mail, "at": wib("2026-11-23 10:00"), "reply_to": "last", "says": "geser janji ke Kamis jam 13"},
        {"at": wib("2026-11-25 15:00:30")},
        {**mail, "at": wib("2026-11-25 16:00"), "reply_to": "last", "says": "batal janji"},
    )  # fmt: skip
    events = [calendar_of(d) for d in world.network.deliveries if d.to == "budi@contoh.id"]
    assert [method for _, method in events] == ["PUBLISH", "PUBLISH", "PUBLISH", "CANCEL"]
    starts = [event["DTSTART"].dt.astimezone(WIB) for event, _ in events]
    assert starts == [wib("2026-11-25 10:00"), *[wib("2026-11-26 13:00")] * 3]
    assert len({str(event["UID"]) for event, _ in events}) == 1
    assert sorted(events, key=lambda e: int(e[0]["SEQUENCE"])) == events
    told = [at for _, at in letters(world, "Janji temu")]
    assert wib("2026-11-25 15:00") in told, "staff are reminded too"


async def test_who_books_on_the_phone_gets_the_event_by_mail_if_he_gave_an_address(
    settings: Settings, brain: Brain, database: Database
) -> None:
    world, _ = await play(
        settings, brain, database, "3514", asks("2026-11-23 09:00"),
        {"wait": "1 minutes", "citizen": "rina", "says": "nama Rina, email rina@contoh.id"},
        {"wait": "1 minutes", "citizen": "rina", "says": "mau janji temu petugas hari rabu jam 10"},
    )  # fmt: skip
    mailed = [d for d in world.network.deliveries if d.to == "rina@contoh.id"]
    assert len(mailed) == 1
    event, _ = calendar_of(mailed[0])
    assert event["DTSTART"].dt.astimezone(WIB) == wib("2026-11-25 10:00")
