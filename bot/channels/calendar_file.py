"""An appointment as an .ics file (RFC 5545), for the confirmation by e-mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Calendar, Event

from bot.channels.port import File
from bot.core.model import Office


def appointment_file(office: Office, start: datetime, token: str, *, made_at: datetime, length: timedelta) -> File:
    """The file for one appointment; `token` makes its UID, so that a moved one replaces the first."""
    event = Event()
    event.add("uid", f"{token}@{office.code}")
    event.add("dtstamp", made_at)
    event.add("dtstart", start)
    event.add("dtend", start + length)
    event.add("summary", f"Konsultasi statistik di {office.name}")
    event.add("location", f"{office.name}, {office.facts['address']}")
    calendar = Calendar()
    calendar.add("prodid", "-//pst-konsultasi//ID")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return File("janji-temu.ics", "text/calendar; method=PUBLISH", calendar.to_ical())
