"""Another office is another file: an invented one, its whole story played, and nothing of the other two in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings, load_settings
from bot.simulation.player import Player
from bot.simulation.scenario import read_scenario
from bot.simulation.view import staff_view
from bot.simulation.world import open_world
from bot.store.database import Database
from scheduler.deadlines import DeadlineKind, deadline

PACKAGED = Path(__file__).parent.parent.parent / "bot" / "offices"
STRANGE = ("3514", "3574", "Pasuruan", "Probolinggo", "probolinggokota", "pasuruankab")

CHANGES = {
    'code = "3574"': 'code = "9471"',
    'name = "BPS Kota Probolinggo"': 'name = "BPS Kota Rantau Jaya"',
    'timezone = "Asia/Jakarta"': 'timezone = "Asia/Jayapura"',
    "Standar Pelayanan Konsultasi Statistik BPS Kota Probolinggo": "Standar Pelayanan BPS Kota Rantau Jaya",
    "SK Nomor 3574.035/BU/24 Tahun 2024": "SK Nomor 1 Tahun 2026",
    "Jl. Bromo 32, Kota Probolinggo": "Jl. Pelabuhan 7, Rantau Jaya",
    "0355421791": "0967123456",
    "pst3574@bps.go.id": "pst9471@contoh.id",
    "085600003574": "081200009471",
    "https://probolinggokota.bps.go.id": "https://rantaujaya.contoh.id",
    "unit PST BPS Kota Probolinggo": "unit PST BPS Kota Rantau Jaya",
    'name = "Kota Probolinggo"': 'name = "Kota Rantau Jaya"',
    '"Kademangan", "Kedopok", "Wonoasih", "Mayangan", "Kanigaran"': '"Pantai Timur", "Bukit Lama"',
    'friday = "08:00-16:00"': 'friday = "07:30-11:30"',
    "answer_days = 3\nclose_days = 3\n\n[promise.email]": "answer_days = 2\nclose_days = 5\n\n[promise.email]",
}

STORY = """
office = "9471"
start = 2026-11-20T09:00:00+09:00
[citizens.c1]
channel = "whatsapp"
address = "+6281230000001"
name = "Rina"
[[step]]
citizen = "c1"
says = "jam buka hari jumat?"
expect = { reply_contains = ["07.30", "11.30"], reply_lacks = ["16.00", "Probolinggo"], consultations = 0 }
[[step]]
wait = "10 minutes"
[[step]]
citizen = "c1"
says = "saya mau tanya petugas, adakah data jumlah perahu motor per kelurahan?"
expect = { consultations = 1, state = "open", due = 2026-11-24T15:30:00+09:00, reply_contains = ["9471-2026-000001"] }
[[step]]
at = 2026-11-23T10:00:00+09:00
staff = "answer"
text = "Ada, di publikasi Rantau Jaya Dalam Angka."
expect = { state = "answered" }
[[step]]
at = 2026-11-23T11:00:00+09:00
citizen = "c1"
says = "mana jawabannya?"
expect = { reply_contains = ["Dalam Angka"] }
[[step]]
wait = "1 hours"
[[step]]
citizen = "c1"
says = "sudah sesuai, terima kasih"
expect = { state = "closed" }
[[step]]
citizen = "c1"
says = "5"
expect = { state = "closed", consultations = 1 }
"""


@pytest.fixture
def rantau_jaya(tmp_path: Path) -> Settings:
    """The packaged two, and a third file beside them."""
    folder = tmp_path / "offices"
    folder.mkdir()
    for path in PACKAGED.glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = (PACKAGED / "3574.toml").read_text(encoding="utf-8")
    text = text[: text.index("[[region.neighbours]]")]
    for old, new in CHANGES.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "9471.toml").write_text(text, encoding="utf-8")
    settings = load_settings({"PST_OFFICES": str(folder)}, env_file=tmp_path / ".env", demo=True)
    assert sorted(settings.offices) == ["3514", "3574", "9471"]
    return settings


async def test_its_whole_story_is_played(
    rantau_jaya: Settings, brain: Brain, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "story.toml"
    path.write_text(STORY, encoding="utf-8")
    scenario = read_scenario(path)
    world = await open_world(rantau_jaya, brain, scenario.start, database)
    records = [record async for record in Player(scenario, world).play()]
    assert [fault for record in records for fault in record.failed] == []
    (consultation,) = records[-1].consultations
    assert (consultation["number"], consultation["state"], consultation["rating"]) == ("9471-2026-000001", "closed", 5)
    assert "15.30 WIT" in records[2].consultations[0]["due_explanation"]
    async with world.service.database.read() as tx:
        seen = await staff_view(tx)
    told = [d.body + str(d.subject) for d in world.network.deliveries] + seen
    assert told
    assert not [(word, text) for text in told if text for word in STRANGE if word in text]


def test_its_clocks_are_its_own(rantau_jaya: Settings) -> None:
    office = rantau_jaya.offices["9471"]
    received = datetime.fromisoformat("2026-11-20T16:30:00+07:00")
    chat, mail = (deadline(office.calendar, office.policy(c), DeadlineKind.ANSWER, received) for c in Channel)
    assert str(chat.due_at) == "2026-11-24 15:30:00+09:00"
    assert str(mail.due_at) == "2026-11-25 15:30:00+09:00"


def test_the_others_are_what_they_were(rantau_jaya: Settings, settings: Settings) -> None:
    for code in ("3514", "3574"):
        assert replace(rantau_jaya.offices[code]) == settings.offices[code]


@pytest.mark.parametrize(
    "question",
    ["alamat kantor di mana", "cara mengadu", "syarat konsultasi", "nomor wa kantor",
     "email kantor", "website kantor"],
)  # fmt: skip
def test_its_answers_are_filled_with_its_own_facts(rantau_jaya: Settings, brain: Brain, question: str) -> None:
    office = rantau_jaya.offices["9471"]
    now = datetime.fromisoformat("2026-11-20T09:00:00+09:00")
    topics = [t for concern in brain.read(question, office, None, now).concerns for t in concern.answers]
    assert topics
    for topic in topics:
        answer = brain.answer(topic, office, "id", Channel.WHATSAPP)
        told = answer.text + str(answer.sources)
        assert not [word for word in STRANGE if word in told], told
