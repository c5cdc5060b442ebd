"""`pst due`: when something is due, and why. Arithmetic of the office's calendar; no database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.commands.output import DONE, WRONG_USAGE, batch_lines, fail, parsed, say, say_json
from bot.core.model import Channel, Office
from scheduler.deadlines import Deadline, DeadlineKind, deadline


def due_one(
    offices: Mapping[str, Office], office: str, channel: Channel, received: str, kind: DeadlineKind, *, as_json: bool
) -> int:
    found, fault = _deadline(offices, {"office": office, "channel": channel, "received": received, "kind": kind})
    if found is None:
        fail(WRONG_USAGE, fault)
    if as_json:
        say_json(deadline_json(found))
    else:
        say(found.due_at.isoformat() if found.due_at else f"tidak ada: {found.explanation}")
    return DONE


def due_batch(offices: Mapping[str, Office], source: str) -> int:
    for line in batch_lines(source):
        query, fault = parsed(line)
        found = None
        if query is not None:
            found, fault = _deadline(offices, query)
        name = query.get("id") if query else None
        say_json({"id": name, **deadline_json(found)} if found else {"id": name, "error": fault})
    return DONE


def deadline_json(found: Deadline) -> dict[str, Any]:
    return {
        "kind": found.kind, "received": found.received.isoformat(),
        "due": found.due_at.isoformat() if found.due_at else None, "working_days": found.working_days,
        "counted": [day.isoformat() for day in found.counted], "explanation": found.explanation,
    }  # fmt: skip


def _deadline(offices: Mapping[str, Office], query: Mapping[str, Any]) -> tuple[Deadline | None, str]:
    office = offices.get(str(query.get("office")))
    if office is None:
        return None, f"unknown office {query.get('office')!r}"
    try:
        channel, kind = Channel(str(query.get("channel"))), DeadlineKind(query.get("kind") or "answer")
        moment = datetime.fromisoformat(str(query.get("received")))
    except ValueError as error:
        return None, str(error)
    if moment.tzinfo is None:
        return None, "received needs an offset, like 2026-11-20T16:30:00+07:00"
    if not 1950 < moment.year < 2200:
        return None, f"received: the year {moment.year} is out of range"
    return deadline(office.calendar, office.policy(channel), kind, moment), ""
