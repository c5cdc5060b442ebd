"""What has been kept for long enough goes, on both databases; what is still worked with stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, insert, select, update

from bot.core import events as ev
from bot.core.model import ClosedReason, Office, Retention
from bot.office_file import OfficeFileError, read_office
from bot.reader import Brain
from bot.retention import Housekeeping
from bot.settings import Settings
from bot.simulation.world import World, open_world
from bot.store import tables as t
from bot.store.database import Database
from bot.store.retention import EXPIRED
from tests.conftest import wib
from tests.web.staging import Staging

START = wib("2026-11-20 10:00")
SECRETS = ("cabai", "Rina", "+6281230000001", "081298765432")


@pytest.fixture
async def staging(settings: Settings, brain: Brain, database: Database) -> AsyncIterator[Staging]:
    """A world whose web room is not opened: only its citizens are wanted."""
    yield Staging(await open_world(settings, brain, START, database))


async def closed_one(staging: Staging) -> str:
    """A consultation that was asked, answered and closed."""
    number = await staging.consults("berapa harga cabai di pasar Baru? hubungi 081298765432")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Rp40.000."))
    await staging.act(number, lambda at, by: ev.ClosedByStaff(at, by, ClosedReason.RESOLVED))
    return number


async def night(staging: Staging, now: datetime) -> int:
    world = staging.world
    return await Housekeeping(world.service.database, world.service.settings.offices, lambda: now).run_due()


async def test_after_its_term_nothing_personal_is_left_and_the_figures_stay(staging: Staging) -> None:
    number = await closed_one(staging)
    assert await found(staging.world, SECRETS)
    await night(staging, START + timedelta(days=729))
    assert await staging.row(number)
    assert "cabai" in str(await rows(staging.world, t.message))
    await night(staging, START + timedelta(days=732))
    assert await found(staging.world, SECRETS) == set()
    consultation = (await rows(staging.world, t.consultation))[0]
    assert (consultation["number"], consultation["state"], consultation["question"]) == (number, "closed", EXPIRED)
    assert consultation["opened_at"] is not None


async def test_raw_messages_go_first_and_the_transcript_keeps_what_was_said(staging: Staging) -> None:
    await closed_one(staging)
    await night(staging, START + timedelta(days=91))
    assert all(row["fields"] == {} and row["raw"] is None for row in await rows(staging.world, t.inbound))
    assert "cabai" not in str([row["content"] for row in await rows(staging.world, t.outbound)])
    assert "cabai" in str(await rows(staging.world, t.message))


async def test_a_repeated_webhook_is_known_after_its_content_is_gone(staging: Staging) -> None:
    await closed_one(staging)
    before = {row["provider_key"] for row in await rows(staging.world, t.inbound)}
    await night(staging, START + timedelta(days=91))
    assert {row["provider_key"] for row in await rows(staging.world, t.inbound)} == before


async def test_a_live_consultation_is_kept_whole_however_old(staging: Staging) -> None:
    await staging.consults("berapa harga cabai di pasar Baru?")
    await file_of(staging.world, 1)
    await night(staging, START + timedelta(days=5000))
    assert "cabai" in str(await rows(staging.world, t.message))
    assert [row["content"] for row in await rows(staging.world, t.attachment)] == [b"%PDF"]


async def test_a_coming_appointment_keeps_its_citizen(staging: Staging) -> None:
    await staging.writes("berapa harga cabai di pasar Baru?", office="3514")
    later = START + timedelta(days=1500)
    async with staging.world.service.database.write() as tx:
        await tx.execute(insert(t.appointment).values(
            office="3514", conversation_id=1, at=later, state="booked", made_at=START
        ))  # fmt: skip
    await night(staging, later)
    assert "cabai" in str(await rows(staging.world, t.message))
    await night(staging, later + timedelta(days=731))
    assert "cabai" not in str(await rows(staging.world, t.message))


async def test_files_go_after_their_own_term(staging: Staging) -> None:
    await closed_one(staging)
    await file_of(staging.world, 1)
    await night(staging, START + timedelta(days=364))
    assert (await rows(staging.world, t.attachment))[0]["content"] == b"%PDF"
    await night(staging, START + timedelta(days=366))
    assert (await rows(staging.world, t.attachment))[0]["content"] is None


async def test_an_open_request_of_somebody_forgotten_is_settled(staging: Staging) -> None:
    await staging.writes("DATA SAYA")
    assert [row["done_at"] for row in await rows(staging.world, t.data_request)] == [None]
    await night(staging, START + timedelta(days=800))
    assert (await rows(staging.world, t.data_request))[0]["done_by"] == EXPIRED


async def test_it_happens_once_a_night_at_two_by_the_offices_clock(staging: Staging) -> None:
    await closed_one(staging)
    await night(staging, START)  # the first look of all
    far = START + timedelta(days=800)
    await sleep_through(staging.world, far)
    assert await night(staging, far.replace(hour=1, minute=59)) == 0
    assert await night(staging, far.replace(hour=2, minute=0)) > 0
    async with staging.world.service.database.write() as tx:
        await tx.execute(update(t.conversation).values(erased_at=None))
    assert await night(staging, far.replace(hour=23)) == 0
    assert await night(staging, far.replace(hour=9) + timedelta(days=1)) > 0  # was off at night


async def test_every_office_has_its_own_terms(staging: Staging, settings: Settings) -> None:
    offices: dict[str, Office] = {
        code: replace(office, retention=Retention(raw=30, files=30, talks=100 if code == "3514" else 2000))
        for code, office in settings.offices.items()
    }
    await staging.writes("berapa harga cabai di pasar Baru?", office="3514")
    await staging.writes("berapa harga cabai di pasar Baru?", office="3574")
    database = staging.world.service.database
    await Housekeeping(database, offices, lambda: START + timedelta(days=101)).run_due()
    erased = {row["office"]: row["erased_at"] is not None for row in await rows(staging.world, t.conversation)}
    assert erased == {"3514": True, "3574": False}


@pytest.mark.parametrize(
    ("line", "words"),
    [("raw = 3", "retention.raw"), ("talks = 10", "retention.talks"), ('files = "x"', "retention.files"),
     ("years = 2", "retention.years")],
)  # fmt: skip
def test_a_term_that_cannot_be_is_told(tmp_path: Path, line: str, words: str) -> None:
    packaged = Path("bot/offices/3574.toml").read_text(encoding="utf-8")
    path = tmp_path / "3574.toml"
    path.write_text(f"{packaged}\n[retention]\n{line}\n", encoding="utf-8")
    with pytest.raises(OfficeFileError, match=words):
        read_office(path)
    path.write_text(f"{packaged}\n[retention]\nraw = 60\ntalks = 3650\n", encoding="utf-8")
    assert read_office(path).retention == Retention(60, 365, 3650)


# --- looking at rows -----------------------------------------------------------------------------------------------


async def rows(world: World, table: Table) -> list[dict[str, object]]:
    async with world.service.database.read() as tx:
        return [dict(row) for row in (await tx.execute(select(table))).mappings()]


async def found(world: World, words: tuple[str, ...]) -> set[str]:
    """Which of these words stand anywhere in the database, but for the staff's own tables."""
    everything = [
        str(row) for table in t.metadata.sorted_tables if table is not t.staff for row in await rows(world, table)
    ]
    return {word for word in words if any(word in row for row in everything)}


async def file_of(world: World, conversation_id: int) -> None:
    async with world.service.database.write() as tx:
        await tx.execute(insert(t.attachment).values(
            id="a" * 64, office="3574", conversation_id=conversation_id, filename="a.pdf",
            content_type="application/pdf", size=4, content=b"%PDF", on_disk=False, created_at=START,
        ))  # fmt: skip


async def sleep_through(world: World, until: datetime) -> None:
    """The nights before have been done."""
    async with world.service.database.write() as tx:
        night_before = until.replace(hour=2, minute=0) - timedelta(days=1)
        await tx.execute(update(t.heartbeat).where(t.heartbeat.c.name.like("retention:%")).values(at=night_before))
