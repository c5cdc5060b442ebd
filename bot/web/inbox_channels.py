"""The page of the channels: whether WhatsApp and e-mail work, what was turned away and why, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.core.charges import Category, month_of
from bot.core.model import Channel
from bot.store import gaps, health, inbound, media, traffic, turned_away
from bot.store.database import Transaction
from bot.web import words
from bot.web.door import Door, Visit
from bot.web.inbox_frame import framed
from bot.web.mailbox_state import mailbox_lines
from scheduler.indonesian import MONTHS

_WAYS: Final = {
    "whatsapp": "WhatsApp (Twilio)", "imap": "E-mail masuk (IMAP)", "smtp": "E-mail keluar (SMTP)",
}  # fmt: skip
_CATEGORIES: Final[Mapping[str, str]] = {
    Category.SERVICE: "layanan (teks bebas)", Category.UTILITY: "utilitas (templat)",
    Category.MARKETING: "pemasaran (templat)", Category.AUTHENTICATION: "autentikasi (templat)",
}  # fmt: skip
_LOOK_BACK: Final = timedelta(hours=24)
_SILENCE: Final = timedelta(minutes=15)


def channel_routes(door: Door) -> list[BaseRoute]:
    return [door.page("/kanal", _channels)]


async def _channels(visit: Visit) -> Response:
    async with visit.service.database.read() as tx:
        found = {
            "ways": await _ways(tx, visit), "arrivals": await _arrivals(tx, visit),
            "refusals": await _refusals(tx, visit), "months": await _months(tx, visit),
            "ceiling": _ceiling(visit), "files": await media.counts(tx, visit.office.code),
            "boxes": await _boxes(tx, visit),
        }  # fmt: skip
        frame = await framed(tx, visit, "channels", found)
    return visit.show("channels.html", frame)


async def _boxes(tx: Transaction, visit: Visit) -> list[dict[str, Any]]:
    access = visit.service.settings.access[visit.office.code]
    return await mailbox_lines(tx, visit.office.code, access, visit.now, visit.local)


async def _ways(tx: Transaction, visit: Visit) -> list[dict[str, Any]]:
    """Each configured way with its last sign of life and what it complains about."""
    office, access = visit.office.code, visit.service.settings.access[visit.office.code]
    beats = await health.beats(tx)
    configured = {
        "whatsapp": access.whatsapp is not None, "imap": bool(access.mail and access.mail.imap),
        "smtp": access.mail is not None,
    }  # fmt: skip
    return [
        _way(visit, name, beats.get(f"channel:{office}:{name}"), there=configured[name]) for name in _WAYS
    ]  # fmt: skip


def _way(visit: Visit, name: str, beat: tuple[datetime, str] | None, *, there: bool) -> dict[str, Any]:
    at, note = beat or (None, "")
    silent = at is not None and visit.now - at > _SILENCE and name != "smtp"  # nothing to send is no silence
    tone = "quiet" if not there else "late" if note or silent else "calm" if at else "quiet"
    played = "disimulasikan" if visit.service.settings.demo else "tidak dikonfigurasi"
    state = played if not there else "bermasalah" if note else "belum ada kabar" if at is None else ""
    seen = words.ago(visit.local(at), visit.now) if at else ""
    return {
        "name": _WAYS[name], "tone": tone, "note": note if there else "", "seen": seen if there else "",
        "state": state or ("diam" if silent else "berjalan"),
    }  # fmt: skip


async def _arrivals(tx: Transaction, visit: Visit) -> dict[str, str]:
    """When the last message came over WhatsApp, and up to when none is missing."""
    office = visit.office.code
    last = await inbound.last_received(tx, office, Channel.WHATSAPP)
    complete = await gaps.known_until(tx, office, Channel.WHATSAPP)
    return {
        "last": words.ago(visit.local(last), visit.now) if last else "",
        "complete": words.day_clock(visit.local(complete), visit.now) if complete else "",
    }


async def _refusals(tx: Transaction, visit: Visit) -> dict[str, Any]:
    office = visit.office.code
    causes = [
        {**row, "ago": words.ago(visit.local(row["last"]), visit.now)}
        for row in await turned_away.causes(tx, office, visit.now - _LOOK_BACK)
    ]
    waiting = [
        {**row, "when": words.day_clock(visit.local(row["at"]), visit.now)}
        for row in await turned_away.waiting(tx, office, 20)
    ]
    return {"causes": causes, "waiting": waiting}


async def _months(tx: Transaction, visit: Visit) -> list[dict[str, Any]]:
    """This month, and the one before if there was any traffic, each with its lines and their sum."""
    office = visit.office
    this = month_of(office, visit.now)
    before = month_of(office, visit.local(visit.now).replace(day=1) - timedelta(days=1))
    found = [await _month(tx, office.code, month) for month in (this, before)]
    return [month for month in found if month["total"] or month["month"] == this]


async def _month(tx: Transaction, office: str, month: str) -> dict[str, Any]:
    counted = await traffic.of_month(tx, office, month)
    lines = [
        {"category": name, "in": counted.get(("in", category), 0), "out": counted.get(("out", category), 0)}
        for category, name in _CATEGORIES.items()
    ]
    name = f"{MONTHS[int(month[5:]) - 1]} {month[:4]}"
    return {"month": month, "name": name, "lines": lines, "total": sum(counted.values())}


def _ceiling(visit: Visit) -> int | None:
    access = visit.service.settings.access[visit.office.code].whatsapp
    return access.monthly_messages if access else None
