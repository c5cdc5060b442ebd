"""No personal data in logs: stories with a NIK, numbers, addresses and names, in peace and when things break."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.channels.simulator import SimulatedWhatsApp
from bot.core import events as ev
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.world import LogLines, open_world
from bot.store.database import Database
from tests.conftest import wib
from tests.web.staging import Staging

NIK, PHONE, MAIL, NAME = "3514012345678901", "081298765432", "rahasia.sekali@contoh.id", "Zubaidah Rahasia"
WORDS = "harga pasir hitam"
SENDER = "+6281230000001"
SECRETS = (NIK, PHONE, "81298765432", MAIL, "rahasia.sekali", NAME, "Zubaidah", WORDS, SENDER, "81230000001")
TEXT = f"saya {NAME}, NIK {NIK}, hp {PHONE}, surel {MAIL}, perlu petugas: adakah data {WORDS} per desa?"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line of every logger, with everything that came along with it."""
    kept: list[str] = []
    handler = LogLines(kept.append)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    handler.setFormatter(_Everything())
    yield kept
    root.removeHandler(handler)
    root.setLevel(before)


class _Everything(logging.Formatter):
    """The message, its extras, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record) + repr(record.__dict__)


@pytest.fixture
async def staging(settings: Settings, brain: Brain, database: Database) -> Staging:
    return Staging(await open_world(settings, brain, wib("2026-11-20 10:00"), database))


def leaks(lines: list[str]) -> list[tuple[str, str]]:
    ours = [line for line in lines if "aiosqlite" not in line and "asyncio" not in line]  # DEBUG, which is never on
    return [(secret, line) for line in ours for secret in SECRETS if secret in line]


async def test_a_whole_consultation_leaves_nobody_in_the_log(staging: Staging, lines: list[str]) -> None:
    await staging.writes(TEXT, office="3514", phone=SENDER, name=NAME)
    number = await staging.consults(TEXT, office="3514", phone=SENDER, name=NAME)
    await staging.act(number, lambda at, by: ev.Answered(at, by, f"Ibu {NAME}, {WORDS} belum ada."))
    await staging.mails(WORDS, TEXT, address=MAIL)
    await staging.writes("HAPUS DATA", office="3514", phone=SENDER, name=NAME)
    await staging.until("2026-11-27T10:00:00+07:00")
    assert leaks(lines) == []


async def test_a_message_that_breaks_the_engine_is_logged_without_its_words(
    staging: Staging, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the reader is broken")

    monkeypatch.setattr(type(staging.world.service.brain), "read", broken)
    await staging.writes(TEXT, phone=SENDER, name=NAME)
    await staging.until("2026-11-20T18:00:00+07:00")
    assert any("the reader is broken" in line for line in lines)
    assert leaks(lines) == []


async def test_a_channel_that_breaks_is_logged_without_whom_it_was_for(
    staging: Staging, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the channel is broken")

    monkeypatch.setattr(SimulatedWhatsApp, "send", broken)
    await staging.writes(TEXT, phone=SENDER, name=NAME)
    await staging.passes(seconds=2)
    assert any("the channel is broken" in line for line in lines)
    assert leaks(lines) == []


async def test_a_mail_that_cannot_be_read_is_logged_without_its_words(staging: Staging, lines: list[str]) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"{NAME} <{MAIL}>", WORDS
    mail.set_content(TEXT)
    now = staging.world.now
    raw = mail.as_bytes()[:60] + b"\x00\xff\xfe" * 50
    await staging.world.service.engine.receive([
        Received("3574", Channel.EMAIL, "message", "m-broken", MAIL, now, now, {}, raw)
    ])  # fmt: skip
    await staging.passes(seconds=5)
    assert leaks(lines) == []


async def test_a_row_that_the_database_refuses_is_logged_without_its_values(
    staging: Staging, lines: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from bot.store import records

    async def refused(tx: object, *_: object, **__: object) -> int:
        from sqlalchemy import text

        await tx.execute(text("insert into nowhere (a) values (:a)"), {"a": TEXT})  # type: ignore[attr-defined]
        return 0

    monkeypatch.setattr(records, "say", refused)
    await staging.writes(TEXT, phone=SENDER, name=NAME)
    await staging.passes(minutes=30)
    assert any("nowhere" in line for line in lines)
    assert leaks(lines) == []
