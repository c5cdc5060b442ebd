"""Dates and clock times in Indonesian words, as an office writes them."""

from __future__ import annotations

from datetime import date, datetime

WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
ZONES = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def zone_name(moment: datetime) -> str:
    """ "WIB", "WITA" or "WIT"; outside Indonesia the offset that the moment itself carries."""
    return ZONES.get(str(moment.tzinfo), moment.strftime("%z"))


def clock(moment: datetime) -> str:
    """ "15.30"."""
    return moment.strftime("%H.%M")


def short_date(day: date, *, year: bool = True) -> str:
    """ "Jum 20 Nov 2026", or "Jum 20 Nov" without the year."""
    words = f"{WEEKDAYS[day.weekday()][:3]} {day.day} {MONTHS[day.month - 1][:3]}"
    return f"{words} {day.year}" if year else words


def long_date(day: date) -> str:
    """ "Rabu 25 November 2026"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def short_moment(moment: datetime) -> str:
    """ "Jum 20 Nov 2026 16.20"."""
    return f"{short_date(moment)} {clock(moment)}"


def long_moment(moment: datetime) -> str:
    """ "Rabu 25 November 2026 pukul 15.30 WIB"."""
    return f"{long_date(moment)} pukul {clock(moment)} {zone_name(moment)}"
