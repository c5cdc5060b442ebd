"""Indonesian words of the staff pages: spans of time, and what states, channels and kinds are called there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.core.effects import Notice
from bot.core.model import ClosedReason, Field
from scheduler.indonesian import clock, short_date

CHANNELS: Final = {"whatsapp": "WhatsApp", "email": "E-mail"}
STATES: Final = {"open": "Terbuka", "answered": "Dijawab", "closed": "Selesai"}
REASONS: Final[Mapping[str, str]] = {
    ClosedReason.RESOLVED: "sudah sesuai", ClosedReason.SILENT: "tidak ada balasan",
    ClosedReason.WITHDRAWN: "ditarik pengguna", ClosedReason.SPAM: "spam",
}  # fmt: skip
FIELDS: Final = {
    Field.NAME: "Nama", Field.SEX: "Jenis kelamin", Field.EMAIL: "E-mail", Field.PHONE: "Nomor HP",
    Field.KIND: "Jenis konsultasi",
}  # fmt: skip
NEWS: Final[Mapping[str, str]] = {
    Notice.NEW: "Konsultasi baru", Notice.REOPENED: "Dibuka kembali", Notice.MESSAGE: "Pesan baru",
    Notice.DUE_TODAY: "Jatuh tempo hari ini", Notice.BREACH: "Lewat batas waktu", Notice.COMPLAINT: "Pengaduan",
    Notice.APPOINTMENT: "Janji temu", Notice.DATA_REQUEST: "Permintaan data pribadi",
    Notice.UNDELIVERABLE: "Pesan tidak sampai", Notice.SILENT: "Belum ada balasan",
    "quarantine": "Pesan gagal diproses", "attachment": "Lampiran tidak dapat diambil",
}  # fmt: skip
ROLES: Final = {"officer": "petugas", "head": "kepala"}
APPOINTMENTS: Final = {"booked": "terjadwal", "cancelled": "dibatalkan", "moved": "dipindah", "requested": "permintaan"}
REQUESTS: Final = {"erase": "Hapus data", "see": "Lihat data"}

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def span(length: timedelta) -> str:
    """ "35 menit", "2 jam", "3 hari": as coarse as people say it."""
    if length < _MINUTE:
        return "kurang dari 1 menit"
    if length < _HOUR:
        return f"{length // _MINUTE} menit"
    return f"{length // _HOUR} jam" if length < 2 * _DAY else f"{length // _DAY} hari"


def left(moment: datetime, now: datetime) -> str:
    """ "2 jam lagi", "lewat 3 jam"."""
    return f"{span(moment - now)} lagi" if moment > now else f"lewat {span(now - moment)}"


def ago(moment: datetime, now: datetime) -> str:
    """ "baru saja", "5 menit lalu"."""
    return f"{span(now - moment)} lalu" if now - moment >= _MINUTE else "baru saja"


def day_clock(moment: datetime, now: datetime) -> str:
    """ "hari ini 15.30", "besok 08.00", "Sen 23 Nov 15.30"; both moments on the office's clock."""
    days = (moment.date() - now.date()).days
    near = {-1: "kemarin", 0: "hari ini", 1: "besok"}.get(days)
    return f"{near or short_date(moment, year=moment.year != now.year)} {clock(moment)}"


def size(octets: int | None) -> str:
    """ "840 B", "12 KB", "1,4 MB"."""
    if octets is None:
        return ""
    if octets < 1000:
        return f"{octets} B"
    return f"{octets // 1000} KB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB".replace(".", ",")
