"""The monthly report: what it counts, and that its three files say the same."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.core.model import Office
from bot.reader import Brain
from bot.report import Report, report, span_of
from bot.report_files import as_csv, as_html, as_xlsx
from bot.settings import Settings
from bot.store.database import Database, open_database
from bot.store.figures import Figures, between
from bot.store.schema import upgrade
from bot.web.inbox_survey import quarter_name, quarters
from tests.conftest import wib
from tests.stories.test_clock import asks, play

NOVEMBER = date(2026, 11, 1)
NOW = wib("2026-12-01 09:00")
ANSWER = {"staff": "answer", "text": "Ada di Dinas Sosial."}


def consultation(**news: Any) -> dict[str, Any]:
    """A row as the store gives it: opened on Monday 09:00 by WhatsApp, owed on Thursday, not answered."""
    return {
        "channel": "whatsapp", "state": "open", "opened_at": wib("2026-11-23 09:00"),
        "first_due_at": wib("2026-11-26 15:30"), "first_answered_at": None, "closed_at": None, "closed_reason": None,
        "rating": None, "reopened": 0, "linked_to": None, "details": {}, "topic": None, **news,
    }  # fmt: skip


def figures(*opened: dict[str, Any], **more: Any) -> Figures:
    rest = {"closed": [], "surveys": [], "complaints": 0, "appointments": {}, "requests": [], "citizens": 0}
    return Figures(opened=list(opened), **{**rest, "undelivered": 0, **more})


def values(found: Report) -> dict[str, Any]:
    return {name.strip(): value for section in found.sections for name, value in section.rows}


@pytest.mark.parametrize(
    ("row", "kept", "late"),
    [
        (consultation(first_answered_at=wib("2026-11-26 15:30")), 1, 0),
        (consultation(first_answered_at=wib("2026-11-26 15:31")), 0, 1),
        (consultation(), 0, 1),  # due last week, still owed
        (consultation(first_due_at=wib("2026-12-02 15:30")), 0, 0),  # not due yet
        (consultation(closed_at=wib("2026-11-24 10:00"), state="closed"), 0, 0),  # taken back in time
        (consultation(closed_at=wib("2026-11-30 10:00"), state="closed"), 0, 1),  # taken back when it was late
    ],
)
def test_what_counts_as_on_time(offices: dict[str, Office], row: dict[str, Any], kept: int, late: int) -> None:
    found = values(report(figures(row), offices["3574"], NOVEMBER, NOW, {}))
    assert (found["Dijawab tepat waktu"], found["Terlambat"]) == (kept, late)
    assert found["Tepat waktu (%)"] == (100.0 * kept if kept + late else "-")


def test_first_answers_are_measured_in_hours_and_in_working_days(offices: dict[str, Office]) -> None:
    friday = consultation(opened_at=wib("2026-11-20 16:20"), first_answered_at=wib("2026-11-23 16:20"))
    same_day = consultation(first_answered_at=wib("2026-11-23 11:00"))
    found = values(report(figures(friday, same_day), offices["3574"], NOVEMBER, NOW, {}))
    assert found["Jawaban pertama, median (jam)"] == 37.0
    assert found["Jawaban pertama, median (hari kerja)"] == 0.5
    assert found["Jawaban pertama, terlama (hari kerja)"] == 1


def test_an_empty_month_has_no_shares(offices: dict[str, Office]) -> None:
    found = values(report(figures(), offices["3574"], NOVEMBER, NOW, {}))
    assert found["Tepat waktu (%)"] == found["Nilai rata-rata"] == found["Indeks (25-100)"] == "-"


def test_a_month_is_the_offices_own(offices: dict[str, Office]) -> None:
    assert span_of(offices["3574"], date(2026, 12, 15)) == (wib("2026-12-01 00:00"), wib("2027-01-01 00:00"))


def test_the_three_files_say_the_same(offices: dict[str, Office]) -> None:
    evil = consultation(topic="=1+1", details={"kind": "@cmd"})
    found = report(figures(evil, surveys=[[4] * 9]), offices["3574"], NOVEMBER, NOW, {})
    rows = list(csv.reader(io.StringIO(as_csv(found).decode("utf-8-sig"))))
    assert rows[0] == ["bagian", "keterangan", "nilai"]
    assert all(cell[:1] not in ("=", "@", "+") for row in rows for cell in row)
    page = as_html(found).decode()
    book = zipfile.ZipFile(io.BytesIO(as_xlsx(found)))
    strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode(), "nothing is a formula"
    for section in found.sections:
        assert section.title in page
        assert section.title.replace("&", "&amp;") in strings
    assert f"<td>{values(found)['Indeks (25-100)']}</td>" in page
    hostile = report(figures(consultation(topic="<script>")), offices["3574"], NOVEMBER, NOW, {})
    assert "<script" not in as_html(hostile).decode()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[str]:
    yield f"sqlite:///{tmp_path}/pst.db"


async def told(database: Database, office: Office, month: date, now: datetime) -> dict[str, Any]:
    async with database.read() as tx:
        return values(report(await between(tx, office.code, *span_of(office, month)), office, month, now, {}))


async def test_a_month_as_it_was_played(settings: Settings, brain: Brain, database: Database) -> None:
    good = {"wait": "1 minutes", "citizen": "rina", "says": "sudah sesuai"}
    await play(
        settings, brain, database, "3574", asks("2026-11-23 09:00"), ANSWER, good, {**good, "says": "5"},
        {**good, "says": "4 4 3 4 4 4 4 3 4"},
        {"at": wib("2026-11-24 09:00"), "citizen": "budi", "subject": "Tanya", "says": "Apakah ada data panti asuhan?"},
        {"at": wib("2026-12-01 08:00")},
    )  # fmt: skip
    office = settings.offices["3574"]
    found = await told(database, office, NOVEMBER, NOW)
    assert (found["Konsultasi dibuka"], found["- lewat WhatsApp"], found["- lewat e-mail"]) == (2, 1, 1)
    assert (found["Dijawab tepat waktu"], found["Terlambat"], found["Tepat waktu (%)"]) == (1, 1, 50.0)
    assert (found["Konsultasi ditutup"], found["- sudah sesuai"], found["Nilai rata-rata"]) == (1, 1, 5.0)
    assert (found["Responden"], found["Indeks (25-100)"], found["Mutu pelayanan"]) == (1, 94.44, "A (sangat baik)")
    assert (await told(database, office, date(2026, 10, 1), NOW))["Konsultasi dibuka"] == 0
    assert (await told(database, settings.offices["3514"], NOVEMBER, NOW))["Konsultasi dibuka"] == 0


async def test_the_command_writes_a_file_and_refuses_in_one_line(sqlite: str) -> None:
    database = open_database(sqlite)
    await upgrade(database)
    await database.close()
    done = pst(sqlite, "--office", "3574", "--month", "2026-11", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode("utf-8-sig").startswith("bagian,keterangan,nilai")
    for wrong in (("--month", "2026-13"), ("--month", "november"), ("--format", "pdf"), ("--office", "9999")):
        arguments = {"--office": "3574", "--month": "2026-11", "--format": "csv", **dict([wrong])}
        refused = pst(sqlite, *[part for pair in arguments.items() for part in pair])
        assert refused.returncode == 2
        assert len(refused.stderr.decode().strip().splitlines()) == 1
        assert not re.search("Traceback", refused.stderr.decode())


def pst(database_url: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": "/usr/bin:/bin", "PST_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "bot", "report", *arguments]
    return subprocess.run(command, capture_output=True, env=environment, cwd=Path(__file__).parent.parent, check=False)


# --- quarters of the survey's page --------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-31", "2026-11-23", "2026-12-31"])
def test_quarters_follow_each_other_without_a_gap(day: str) -> None:
    found = quarters(date.fromisoformat(day))
    assert found[0][0] <= date.fromisoformat(day) < found[0][1]
    assert all(later[0] == earlier[1] for later, earlier in pairwise(found))
    assert all(timedelta(days=89) < after - start < timedelta(days=93) for start, after in found)
    assert quarter_name(date(2026, 10, 1)) == "Triwulan IV 2026"
