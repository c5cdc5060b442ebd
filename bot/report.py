"""How the service standard was kept in a month: counts and shares, section by section. Pure.

On time is what an officer first answered by the first due time; what is not due yet counts neither way. The words
stand in bot/wording/report.toml.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from statistics import median
from typing import Any

from bot.core import survey
from bot.core.model import Channel, ClosedReason, Office
from bot.store.figures import Figures, Row
from scheduler.indonesian import MONTHS, long_moment

Value = int | float | str
MOST_TOPICS = 15


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    made: str
    sections: tuple[Section, ...]


def span_of(office: Office, month: date) -> tuple[datetime, datetime]:
    """From the first moment of a month to the first of the next, on the office's clock."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    midnight = datetime.min.time()
    return office.calendar.at(first, midnight), office.calendar.at(following, midnight)


def report(figures: Figures, office: Office, month: date, now: datetime, titles: Mapping[str, str]) -> Report:
    """`titles` are the names of the base's topics; a topic without one is shown by its id."""
    words = _words()
    sections = (
        ("consultations", _consultations(figures, words)), ("promise", _promise(figures, office, now, words)),
        ("endings", _endings(figures, words)), ("ratings", _ratings(figures, words)),
        ("survey", _survey(figures, words)), ("kinds", _kinds(figures, words)),
        ("topics", _topics(figures, titles, words)), ("others", _others(figures, now, words)),
    )  # fmt: skip
    title = words["title"].format(office=office.name, month=f"{MONTHS[month.month - 1]} {month.year}")
    made = words["made"].format(moment=long_moment(office.calendar.local(now)))
    return Report(title, made, tuple(Section(words["sections"][name], tuple(rows)) for name, rows in sections))


def _consultations(f: Figures, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    names = words["rows"]
    yield names["citizens"], f.citizens
    yield names["opened"], len(f.opened)
    for channel in Channel:
        yield names[channel], sum(row["channel"] == channel for row in f.opened)
    yield names["waiting"], sum(row["state"] == "open" for row in f.opened)
    yield names["reopened"], sum(row["reopened"] > 0 for row in f.opened)
    yield names["linked"], sum(row["linked_to"] is not None for row in f.opened)


def _promise(f: Figures, office: Office, now: datetime, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    names = words["rows"]
    for channel in (None, *Channel):
        rows = [row for row in f.opened if channel in (None, row["channel"])]
        kept = sum(_on_time(row) for row in rows)
        late = sum(_late(row, now) for row in rows)
        suffix = f" ({words['channels'][channel]})" if channel else ""
        yield names["on_time"] + suffix, kept
        yield names["late"] + suffix, late
        yield names["share"] + suffix, _percent(kept, kept + late)
    waits = [row["first_answered_at"] - row["opened_at"] for row in f.opened if row["first_answered_at"]]
    days = [_working_days(office, row) for row in f.opened if row["first_answered_at"]]
    yield names["median_hours"], round(median(w.total_seconds() for w in waits) / 3600, 1) if waits else "-"
    yield names["median_days"], median(days) if days else "-"
    yield names["longest_days"], max(days) if days else "-"


def _on_time(row: Row) -> bool:
    answered, due = row["first_answered_at"], row["first_due_at"]
    return answered is not None and due is not None and bool(answered <= due)


def _late(row: Row, now: datetime) -> bool:
    """Answered after the due time, or not answered though it has passed. Taken back in time is neither."""
    due = row["first_due_at"]
    if due is None:
        return False
    if row["first_answered_at"] is None and row["closed_at"] is not None:
        return bool(row["closed_at"] > due)
    return bool((row["first_answered_at"] or now) > due)


def _working_days(office: Office, row: Row) -> int:
    """Working days after the day of receipt up to the day of the first answer."""
    local = office.calendar.local
    first, last = local(row["opened_at"]).date(), local(row["first_answered_at"]).date()
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(office.calendar.is_working_day(day) for day in days)


def _endings(f: Figures, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    yield words["rows"]["closed"], len(f.closed)
    for reason in ClosedReason:
        yield words["reasons"][reason], sum(row["closed_reason"] == reason for row in f.closed)


def _ratings(f: Figures, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    names = words["rows"]
    grades = [row["rating"] for row in f.closed if row["rating"] is not None]
    yield names["graded"], len(grades)
    yield names["graded_share"], _percent(len(grades), len(f.closed))
    yield names["mean_grade"], round(sum(grades) / len(grades), 2) if grades else "-"
    for grade in range(5, 0, -1):
        yield names["grade"].format(grade=grade), grades.count(grade)


def _survey(f: Figures, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    names, found = words["rows"], survey.index(f.surveys)
    yield names["respondents"], found.respondents if found else 0
    yield names["index"], found.value if found else "-"
    yield names["class"], f"{found.grade} ({words['classes'][found.grade]})" if found else "-"
    for number, mean in enumerate(found.elements if found else (), start=1):
        yield words["elements"][number - 1], round(mean, 2)


def _kinds(f: Figures, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    kinds = Counter((row["details"] or {}).get("kind") or words["rows"]["unknown"] for row in f.opened)
    yield from sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))


def _topics(f: Figures, titles: Mapping[str, str], words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    topics = Counter(titles.get(row["topic"], row["topic"]) or words["rows"]["unknown"] for row in f.opened)
    yield from sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_TOPICS]


def _others(f: Figures, now: datetime, words: Mapping[str, Any]) -> Iterable[tuple[str, Value]]:
    names = words["rows"]
    done = [row for row in f.requests if row["done_at"] is not None and row["done_at"] <= row["due_at"]]
    late = [row for row in f.requests if (row["done_at"] or now) > row["due_at"]]
    yield names["complaints"], f.complaints
    yield names["appointments"], sum(f.appointments.values())
    yield names["requests"], len(f.requests)
    yield names["requests_on_time"], len(done)
    yield names["requests_late"], len(late)
    yield names["undelivered"], f.undelivered


def _percent(part: int, whole: int) -> Value:
    return round(100 * part / whole, 1) if whole else "-"


def _words() -> Mapping[str, Any]:
    text = (resources.files("bot") / "wording" / "report.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def element_names() -> Sequence[str]:
    """The nine elements of the survey in words."""
    return tuple(_words()["elements"])


def class_name(grade: str) -> str:
    """ "A" -> "sangat baik"."""
    return str(_words()["classes"][grade])
