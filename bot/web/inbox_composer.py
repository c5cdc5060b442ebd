"""What will become of an answer if it is sent now, said before it is written. Pure.

The decision itself is bot.core.window's, taken again at sending time; here it is only foretold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from bot.channels.whatsapp_text import LONGEST, MOST_PARTS, TooLong, split
from bot.core.effects import Purpose, Template
from bot.core.model import Office
from bot.core.window import MARGIN, Situation, WayOut, way_out
from bot.settings import Settings
from bot.web import words
from scheduler.indonesian import clock

Row = Mapping[str, Any]
FRAME: Final = 150  # characters that our own words around an answer take, generously


@dataclass(frozen=True, slots=True)
class Forecast:
    """`fate`: at_once, held, email or nowhere. `limit`: characters in one message, None where there is none."""

    fate: Literal["at_once", "held", "email", "nowhere"]
    text: str
    limit: int | None


def forecast(row: Row, office: Office, templates: frozenset[Template], now: datetime) -> Forecast:
    """For one row of the list, and the templates that the office has."""
    if row["channel"] == "email":
        return Forecast("email", f"Jawaban dikirim lewat e-mail ke {row['address']}.", None)
    email = (row["known"] or {}).get("email")
    situation = Situation(row["window_until"], now, templates, email, row["opted_out"])
    way = way_out(Purpose.STAFF_ANSWER, Template.ANSWER_READY, situation)
    if way is WayOut.FREE:
        return Forecast("at_once", _open_words(row["window_until"], office, now), LONGEST)
    if way is WayOut.EMAIL:
        return Forecast("email", f"Jendela WhatsApp sudah tertutup: jawaban dikirim lewat e-mail ke {email}.", None)
    return _KNOCK if way in (WayOut.HOLD, WayOut.TEMPLATE) else _NOWHERE


def templates_of(settings: Settings, office: str) -> frozenset[Template]:
    """Which approved templates an office can use; the demo's phone network knows them all."""
    if settings.demo:
        return frozenset(Template)
    whatsapp = settings.access[office].whatsapp
    return frozenset(whatsapp.templates) if whatsapp else frozenset()


def fault(text: str, expected: Forecast) -> str:
    """Why an answer cannot be sent as it is; "" when it can."""
    if not text:
        return "Jawaban masih kosong."
    if expected.limit is None:
        return ""
    try:
        split(text + " " * FRAME + ".")
    except TooLong:
        return f"Jawaban terlalu panjang untuk WhatsApp: paling banyak {MOST_PARTS} pesan. Ringkas dahulu."
    return ""


def _open_words(until: datetime, office: Office, now: datetime) -> str:
    last = office.calendar.local(until - MARGIN)
    day = words.day_clock(last, now) if last.date() != now.date() else clock(last)
    return f"Jendela WhatsApp masih terbuka {words.span(last - now)} lagi (sampai {day}): jawaban langsung terkirim."


_KNOCK: Final = Forecast(
    "held",
    "Jendela WhatsApp sudah tertutup. Pengguna menerima pemberitahuan bahwa jawaban siap; "
    "jawabannya ditahan dan terkirim begitu ia mengetuk atau membalas.",
    LONGEST,
)
_NOWHERE: Final = Forecast(
    "nowhere",
    "Jendela WhatsApp sudah tertutup, templat belum tersedia, dan alamat e-mail pengguna tidak diketahui: "
    "jawaban tidak akan sampai. Hubungi pengguna dengan cara lain.",
    LONGEST,
)
