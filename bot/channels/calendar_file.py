"""An appointment as an .ics file (RFC 5545), for the confirmation by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from bot.channels.port import File
from bot.core.model import Office


def appointment_file(
    office: Office, start: datetime, name: str, *, made_at: datetime, length: timedelta, cancelled: bool = False
) -> File:
    """The file for one appointment. `name` makes its UID: a later file of the same name replaces the earlier one."""
    event = Event()
    event.add("uid", f"{name}@{office.code}")
    event.add("sequence", int(made_at.timestamp()) // 60)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstamp", made_at.astimezone(UTC))
    # In UTC: a zone that is only an offset would need a VTIMEZONE, and calendars guess without it.
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", (start + length).astimezone(UTC))
    event.add("summary", f"Konsultasi statistik di {office.name}")
    event.add("location", f"{office.name}, {office.facts['address']}")
    calendar = Calendar()
    calendar.add("prodid", "-//pst-konsultasi//ID")
    calendar.add("version", "2.0")
    method = "CANCEL" if cancelled else "PUBLISH"
    calendar.add("method", method)
    calendar.add_component(event)
    return File("janji-temu.ics", f"text/calendar; method={method}", calendar.to_ical())
