"""A citizen's own data as a text that he can read: what is held about him, section by section. Pure.

The words stand in the [data_copy] table of bot/wording; moments are on the office's clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.core.model import Office
from bot.store.conversations import Stored
from bot.store.own_data import OwnData, Row
from scheduler.indonesian import short_moment

Words = Mapping[str, Any]
FILENAME = "data-saya.txt"


def written(stored: Stored, data: OwnData, office: Office, words: Words, now: datetime) -> str:
    """The whole copy."""
    head = words["head"].format(office=office.name, moment=short_moment(office.calendar.local(now)))
    states, kinds = words["states"], words["requests_kinds"]
    sections = [
        ("person", _person(stored, words)),
        ("consultations", [_consultation(row, office, words) for row in data.consultations]),
        ("messages", [_message(row, office, words) for row in data.messages]),
        ("complaints", [_dated(row["at"], row["text"], office) for row in data.complaints]),
        ("appointments", [_dated(row["at"], states.get(row["state"], ""), office) for row in data.appointments]),
        ("surveys", [_dated(row["at"], " ".join(map(str, row["scores"])), office) for row in data.surveys]),
        ("requests", [_dated(row["asked_at"], kinds[row["kind"]], office) for row in data.requests]),
        ("files", [f"{row['filename']} ({row['size']} B)" for row in data.files]),
    ]  # fmt: skip
    parts = [head, *(f"{words[name]}\n{_listed(lines)}" for name, lines in sections if lines), words["foot"]]
    return "\n\n".join(parts) + "\n"


def summary(stored: Stored, data: OwnData, words: Words) -> str:
    """The same in a few lines, for a chat: who he is to us, and how much there is."""
    counts = words["counts"].format(consultations=len(data.consultations), messages=len(data.messages))
    return f"{_listed(_person(stored, words))}\n{_listed([counts])}"


def _person(stored: Stored, words: Words) -> list[str]:
    conversation = stored.conversation
    details = conversation.details
    known = {
        "address": conversation.address, "name": details.name or conversation.name, "sex": details.sex,
        "email": details.email, "phone": details.phone, "kind": details.kind,
    }  # fmt: skip
    return [f"{words['fields'][name]}: {value}" for name, value in known.items() if value]


def _consultation(row: Row, office: Office, words: Words) -> str:
    outcome = [short_moment(office.calendar.local(row["opened_at"])), row["question"]]
    if row["rating"] is not None:
        outcome.append(words["rating"].format(score=row["rating"]))
    return f"{row['number']}: " + "; ".join(outcome)


def _message(row: Row, office: Office, words: Words) -> str:
    author = words["authors"].get(row["author"], row["author"])
    return _dated(row["at"], f"{author}: {' '.join(row['text'].split())}", office)


def _dated(at: datetime, text: str, office: Office) -> str:
    return f"{short_moment(office.calendar.local(at))} {text}".strip()


def _listed(lines: list[str] | Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
