"""Everything that the page of one consultation shows, gathered and put into words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store import deadlines, desk, listing, people, records
from bot.store.database import Transaction
from bot.store.people import Officer
from bot.web import words
from bot.web.door import NotHere, Visit
from bot.web.inbox_composer import forecast, templates_of
from bot.web.inbox_lines import ERASED, citizen, clock_mark, window_mark
from bot.web.inbox_transcript import Sources, chapters, file_keys
from bot.web.inbox_why import clock_lines, history_lines

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """The rows behind a page. `all`: every consultation of this citizen's conversation, oldest first."""

    row: Row
    all: Sequence[Row]
    transcript: Sequence[Row]
    sendings: Sequence[Row]
    stored: Mapping[str, Row]
    clocks: Sequence[Row]
    history: Sequence[Row]
    colleagues: Sequence[Officer]
    last: Row | None

    @property
    def newest(self) -> bool:
        return bool(self.row["id"] == self.all[-1]["id"])


async def load(tx: Transaction, visit: Visit, number: str) -> Case:
    """Raises NotHere for a number that this office does not have."""
    office = visit.office.code
    row = await listing.one(tx, office, number)
    if row is None:
        raise NotHere(number)
    mine = row["conversation_id"]
    transcript = await records.transcript(tx, mine)
    return Case(
        row, await listing.of_conversation(tx, mine), transcript, await desk.sendings(tx, mine),
        await desk.files(tx, office, file_keys(transcript)), await deadlines.of_consultation(tx, row["id"]),
        await records.history(tx, row["id"]), await people.of_office(tx, office), await desk.last_spoken(tx, mine),
    )  # fmt: skip


def seen(row: Row, last: Row | None) -> str:
    """What a page has shown, as a short sign: a deed that brings an older one comes from a stale page."""
    content = (row["version"], row["state"], row["officer"], last["id"] if last else 0)
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def changed_words(row: Row, last: Row | None, visit: Visit) -> str:
    """What a stale page does not know, in one clause."""
    if last is None:
        return f"statusnya sekarang {words.STATES[row['state']]}"
    who = {"citizen": "pengguna menulis", "staff": f"{last['by']} menjawab", "note": f"{last['by']} menulis catatan"}
    said = f"{who[last['author']]} ({words.ago(visit.local(last['at']), visit.now)})"
    officer = f", ditangani {row['officer']}" if row["officer"] else ""
    return f"statusnya sekarang {words.STATES[row['state']].lower()}{officer}; terakhir {said}"


def context(case: Case, visit: Visit) -> dict[str, Any]:
    """What the templates of the page and of its changing part need."""
    row, office = case.row, visit.office
    shown = _chapters(case, visit)
    live = {
        "row": row, "citizen": citizen(row), "clock": clock_mark(row, office, visit.now),
        "window": window_mark(row, visit.now), "seen": seen(row, case.last), "talk": shown,
        "fate": forecast(row, office, templates_of(visit.service.settings, office.code), visit.now),
    }  # fmt: skip
    has = hashlib.sha256(repr(live).encode()).hexdigest()[:16]
    return {
        **live, "has": has, "details": _details(row, visit), "why": clock_lines(case.clocks, office),
        "history": history_lines(case.history, office), "others": _others(case, visit), "newest": case.all[-1],
        "is_newest": case.newest, "colleagues": [o for o in case.colleagues if o.name != visit.officer.name],
        "taken_by_me": row["officer"] == visit.officer.name,
    }  # fmt: skip


def _chapters(case: Case, visit: Visit) -> Any:
    numbers = {other["id"]: other["number"] for other in case.all}
    sources = Sources(case.transcript, case.sendings, numbers, case.stored, citizen(case.row), visit.office)
    return chapters(sources, case.row["id"])


def _details(row: Row, visit: Visit) -> list[tuple[str, str | None]]:
    """The intake's fields with what is known; None where the office's standard asks for what is missing."""
    known = {**(row["known"] or {}), **(row["details"] or {})}
    fields = [(words.FIELDS[field], known.get(field.value)) for field in visit.office.intake]
    erased = row["address"].startswith("erased:")
    contact = (words.CHANNELS[row["channel"]], ERASED if erased else row["address"])
    return [contact, *(field for field in fields if field != contact)]


def _others(case: Case, visit: Visit) -> list[dict[str, Any]]:
    """The citizen's other consultations, newest first."""
    return [
        {
            "number": row["number"], "question": row["question"], "state": words.STATES[row["state"]],
            "when": words.day_clock(visit.local(row["opened_at"]), visit.now),
            "linked": row["number"] == case.row["linked_to"],
        }
        for row in reversed(case.all) if row["id"] != case.row["id"]
    ]  # fmt: skip
