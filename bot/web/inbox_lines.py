"""A row of the store -> a line of the list, in words. Pure: the moment comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from bot.core.model import Office
from bot.core.window import MARGIN
from bot.staff_wording import masked, shortened
from bot.web import words
from scheduler.indonesian import long_moment

Row = Mapping[str, Any]
Tone = Literal["late", "soon", "calm", "quiet"]
ERASED: Final = "(data dihapus)"
SOON: Final = timedelta(hours=4)
VIEWS: Final = {
    "open": "Terbuka", "answered": "Dijawab", "silent": "Belum ada balasan", "undeliverable": "Tidak sampai",
    "closed": "Selesai",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A short statement with a tone; the words say it, the colour only helps. `full`: the exact moment."""

    text: str
    tone: Tone
    full: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    number: str
    citizen: str
    channel: str
    question: str
    state: str
    clock: Mark
    window: Mark | None
    officer: str | None
    undeliverable: bool
    silent: bool
    opened: str
    due: str


def line(row: Row, office: Office, now: datetime) -> Line:
    return Line(
        row["number"], citizen(row), row["channel"], shortened(row["question"], 110), row["state"],
        clock_mark(row, office, now), window_mark(row, now), row["officer"], row["undeliverable"], row["silent"],
        words.day_clock(office.calendar.local(row["opened_at"]), now),
        words.day_clock(office.calendar.local(row["due_at"]), now) if row["due_at"] else "",
    )  # fmt: skip


def citizen(row: Row) -> str:
    """A name where one is known, else the masked address: lists show no full number."""
    if row["address"].startswith("erased:"):
        return ERASED
    details = {**(row.get("known") or {}), **(row.get("details") or {})}
    return details.get("name") or row["name"] or row["profile_name"] or masked(row["address"])


def clock_mark(row: Row, office: Office, now: datetime) -> Mark:
    """The clock that matters in this state."""
    if row["state"] == "open":
        return due_mark(row["due_at"], office, now)
    if row["state"] == "closed":
        return _closed(row, office, now)
    return _answered(row, office, now)


def due_mark(due_at: datetime | None, office: Office, now: datetime) -> Mark:
    """How long an answer is still owed: "2 jam lagi", "lewat 3 jam"."""
    if due_at is None:
        return Mark("tanpa batas waktu", "quiet")
    due = office.calendar.local(due_at)
    tone: Tone = "late" if due <= now else "soon" if due - now <= SOON or due.date() == now.date() else "calm"
    return Mark(words.left(due, now), tone, long_moment(due))


def window_mark(row: Row, now: datetime) -> Mark | None:
    """How long WhatsApp still lets free text through; None where there is no window (e-mail, closed)."""
    if row["channel"] != "whatsapp" or row["state"] == "closed":
        return None
    until = row["window_until"]
    if until is None or until - MARGIN <= now:
        return Mark("jendela WA tertutup", "soon" if row["state"] == "open" else "quiet")
    tone: Tone = "soon" if until - MARGIN - now <= SOON else "calm"
    return Mark(f"jendela WA {words.span(until - MARGIN - now)} lagi", tone)


def _answered(row: Row, office: Office, now: datetime) -> Mark:
    if row["closes_at"] is not None:
        closes = office.calendar.local(row["closes_at"])
        return Mark(f"ditutup otomatis {words.day_clock(closes, now)}", "calm", long_moment(closes))
    if row["answered_at"] is None:
        return Mark("dijawab", "quiet")
    answered = office.calendar.local(row["answered_at"])
    return Mark(f"dijawab {words.ago(answered, now)}", "quiet", long_moment(answered))


def _closed(row: Row, office: Office, now: datetime) -> Mark:
    closed = row["closed_at"] and office.calendar.local(row["closed_at"])
    parts = [
        words.REASONS.get(row["closed_reason"], "selesai"),
        f"nilai {row['rating']}" if row["rating"] is not None else "",
        words.day_clock(closed, now) if closed else "",
    ]  # fmt: skip
    return Mark(" · ".join(part for part in parts if part), "quiet", long_moment(closed) if closed else "")
