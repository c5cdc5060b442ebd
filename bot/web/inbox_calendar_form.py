"""The form for closed days and special hours: what was typed -> a change, or why it is none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from bot.calendars import LONGEST
from bot.core.model import Office
from bot.store.calendar import CalendarChange
from scheduler.calendar import WorkingCalendar

Span = tuple[date, date, time | None, time | None]


class Unclear(ValueError):
    """The form does not say what is meant; the message is for the officer."""


def read_form(form: Mapping[str, str], office: Office, by: str, now: datetime) -> CalendarChange:
    """A change that is not stored yet. Raises Unclear. `now` is on the office's clock."""
    reason = " ".join(form.get("reason", "").split())[:200]
    if not reason:
        raise Unclear("Tuliskan alasannya supaya rekan tahu mengapa.")
    first, last, opens, closes = _span(form, office.calendar, now.date())
    return CalendarChange(0, office.code, first, last, opens, closes, reason, by, now)


def _span(form: Mapping[str, str], calendar: WorkingCalendar, today: date) -> Span:
    if form.get("kind") == "early":
        return _early(form, calendar, today)
    first = _day(form.get("first", ""), "Isi tanggal mulai.")
    last = _day(form.get("last", "") or form.get("first", ""), "Isi tanggal akhir.")
    _check(first, last, today)
    if form.get("kind") == "closed":
        return first, last, None, None
    opens, closes = _clock(form.get("opens", ""), "Isi jam buka."), _clock(form.get("closes", ""), "Isi jam tutup.")
    if opens >= closes:
        raise Unclear("Jam tutup harus sesudah jam buka.")
    return first, last, opens, closes


def _early(form: Mapping[str, str], calendar: WorkingCalendar, today: date) -> Span:
    """Closed from a clock time on, today; before opening it is a closed day."""
    usual = calendar.hours_on(today)
    if usual is None:
        raise Unclear("Hari ini kantor memang tidak melayani.")
    closes = _clock(form.get("early", ""), "Isi jam mulai tutup.")
    if closes >= usual.closes:
        raise Unclear(f"Hari ini layanan memang berakhir pukul {usual.closes:%H.%M}.")
    if closes <= usual.opens:
        return today, today, None, None
    return today, today, usual.opens, closes


def _check(first: date, last: date, today: date) -> None:
    if last < first:
        raise Unclear("Tanggal akhir tidak boleh sebelum tanggal mulai.")
    if first < today:
        raise Unclear("Tanggal mulai sudah lewat; perubahan hanya berlaku ke depan.")
    if last - first > LONGEST:
        raise Unclear(f"Paling lama {LONGEST.days} hari sekali isi.")


def _day(text: str, missing: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unclear(missing) from error


def _clock(text: str, missing: str) -> time:
    try:
        return time.fromisoformat(text.replace(".", ":"))
    except ValueError as error:
        raise Unclear(missing) from error
