"""Why a date is what it is: every clock that ran, and everything that happened, in plain sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.core.effects import ClockKind
from bot.core.model import Office
from bot.web import words
from scheduler.indonesian import long_moment, short_moment

Row = Mapping[str, Any]
_CLOCKS: Final[Mapping[str, str]] = {
    ClockKind.WARN: "Peringatan untuk petugas", ClockKind.BREACH: "Batas menjawab",
    ClockKind.REMIND: "Pengingat untuk pengguna", ClockKind.CLOSE: "Penutupan otomatis",
    ClockKind.APPOINTMENT: "Pengingat janji temu",
}  # fmt: skip
_CLOCK_STATES: Final[Mapping[str, str]] = {"pending": "berjalan", "done": "sudah lewat", "dropped": "dihentikan"}
_ENDINGS: Final[Mapping[str, str]] = {
    "citizen": "pengguna menulis", "Answered": "petugas menjawab", "ClosedByStaff": "petugas menutup",
    "ReopenedByStaff": "petugas membuka kembali", "DeliveryFailed": "pesan tidak sampai",
    "CalendarChanged": "hari atau jam layanan berubah", "Delivered": "jawaban baru sampai di pengguna",
    "ReminderDue": "pengingat dikirim", "ClosingDue": "konsultasi ditutup", "DataErased": "data pengguna dihapus",
}  # fmt: skip
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:[+-]\d\d:\d\d|Z)?")


@dataclass(frozen=True, slots=True)
class ClockLine:
    name: str
    state: str
    due: str
    set_at: str
    explanation: str
    calendar: str
    ended: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: str
    text: str


def clock_lines(rows: Sequence[Row], office: Office) -> list[ClockLine]:
    """Running clocks first, then the newest of those that ran."""
    ordered = sorted(rows, key=lambda row: (row["state"] != "pending", -row["id"]))
    return [_clock_line(row, office) for row in ordered]


def history_lines(rows: Sequence[Row], office: Office) -> list[HistoryLine]:
    """In the order it happened."""
    return [HistoryLine(short_moment(office.calendar.local(row["at"])), sentence(row, office)) for row in rows]


def sentence(row: Row, office: Office) -> str:
    """One line of the history, as an officer would say it."""
    detail = _ISO.sub(lambda m: _moment(m[0], office), row["detail"])
    tell = _SENTENCES.get(row["what"])
    return tell(detail) if tell else f"{row['what']} {detail}".strip()


def _clock_line(row: Row, office: Office) -> ClockLine:
    local = office.calendar.local
    return ClockLine(
        _CLOCKS.get(row["kind"], row["kind"]), _CLOCK_STATES.get(row["state"], row["state"]),
        long_moment(local(row["due_at"])), short_moment(local(row["set_at"])), row["explanation"],
        row["calendar_version"], _ended(row, office),
    )  # fmt: skip


def _ended(row: Row, office: Office) -> str:
    """ "dihentikan Rab 25 Nov 2026 10.00: petugas menjawab"; "" for a clock that runs or has rung."""
    if row["state"] != "dropped" or row["ended_at"] is None:
        return ""
    why = _ENDINGS.get(row["ended_by"] or "", "")
    return f"dihentikan {short_moment(office.calendar.local(row['ended_at']))}{f': {why}' if why else ''}"


def _moment(iso: str, office: Office) -> str:
    moment = datetime.fromisoformat(iso)
    return long_moment(office.calendar.local(moment)) if moment.tzinfo else iso


def _closed(detail: str) -> str:
    reason, _, by = detail.partition(" ")
    who = f" oleh {by.strip('()')}" if by else ""
    return f"Ditutup{who}: {words.REASONS.get(reason, reason)}."


def _counted(start: str) -> Callable[[str], str]:
    return lambda detail: f"{start} Batas menjawab dihitung: {detail}." if detail else start


def _by(start: str) -> Callable[[str], str]:
    return lambda detail: f"{start} {detail}." if detail else f"{start.removesuffix(' oleh')}."


def _says(text: str) -> Callable[[str], str]:
    return lambda _: text


def _reopened(detail: str) -> str:
    """By a citizen (the detail explains the clock) or by an officer (it is his name)."""
    return _counted("Dibuka kembali oleh pengguna.")(detail) if ";" in detail else _by("Dibuka kembali oleh")(detail)


_SENTENCES: Final[Mapping[str, Callable[[str], str]]] = {
    "opened": _counted("Konsultasi dibuka."),
    "number": lambda number: f"Mendapat nomor {number}.",
    "added": _says("Pengguna menambahkan pesan; batas waktu tidak berubah."),
    "asked_again": _counted("Pengguna bertanya lagi."),
    "reopened": _reopened,
    "served": _says("Asisten otomatis menjawab pertanyaan sampingan dari basis pengetahuan."),
    "closed": _closed,
    "rated": lambda score: f"Pengguna memberi nilai {score}.",
    "rating_refused": _says("Pengguna tidak ingin memberi nilai."),
    "details": _says("Pengguna melengkapi data dirinya."),
    "taken_over": _by("Diambil alih oleh"),
    "released": _by("Dilepas oleh"),
    "transferred": lambda detail: f"Diserahkan: {detail.replace('->', 'kepada')}.",
    "answered": _by("Dijawab oleh"),
    "noted": _by("Catatan internal oleh"),
    "readable": _says("Jawaban sudah sampai di pengguna; masa tunggu balasan mulai berjalan."),
    "undeliverable": lambda reason: f"Pesan tidak sampai: {reason}",
    "warned": _says("Petugas diingatkan: jatuh tempo hari ini."),
    "breached": _says("Batas waktu terlewati; petugas diberi tahu."),
    "reminded": _says("Pengguna diingatkan untuk membalas."),
    "due_moved": lambda detail: f"Batas menjawab berpindah: {detail.replace('->', 'menjadi')}.",
    "closing_moved": lambda detail: f"Penutupan otomatis berpindah; semula {detail}.",
}
