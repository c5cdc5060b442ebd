"""Values to rows and back: the shapes that are kept as JSON, and consultations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.core.model import (
    Appointment,
    Channel,
    ClosedReason,
    Consultation,
    Details,
    Option,
    State,
    Talk,
    Waiting,
)
from intents.meaning import Kind, Sex

_COLUMNS = tuple(f.name for f in fields(Consultation) if f.name not in ("details", "number"))


def details_to_json(details: Details) -> dict[str, Any]:
    return {k: v for k, v in asdict(details).items() if v is not None}


def details_from_json(data: Mapping[str, Any]) -> Details:
    sex, kind = data.get("sex"), data.get("kind")
    return Details(
        data.get("name"), Sex(sex) if sex else None, data.get("email"), data.get("phone"), Kind(kind) if kind else None
    )


def talk_to_json(talk: Talk) -> dict[str, Any]:
    options = [[o.key, o.title] for o in talk.options]
    return {
        "waiting": talk.waiting, "question": talk.question, "topics": list(talk.topics), "options": options,
        "turn": talk.turn,
    }  # fmt: skip


def talk_from_json(data: Mapping[str, Any]) -> Talk:
    options = tuple(Option(key, title) for key, title in data["options"])
    return Talk(Waiting(data["waiting"]), data["question"], tuple(data["topics"]), options, data["turn"])


def appointment_to_json(appointment: Appointment | None) -> dict[str, Any] | None:
    return {"at": appointment.at.isoformat(), "state": appointment.state} if appointment else None


def appointment_from_json(data: Mapping[str, Any] | None) -> Appointment | None:
    return Appointment(datetime.fromisoformat(data["at"]), data["state"]) if data else None


def consultation_to_row(consultation: Consultation) -> dict[str, Any]:
    """Every column but the number, which the store gives once."""
    row = {name: getattr(consultation, name) for name in _COLUMNS}
    return {**row, "details": details_to_json(consultation.details)}


def consultation_from_row(row: Mapping[Any, Any]) -> Consultation:
    values = {name: row[name] for name in _COLUMNS}
    values["channel"] = Channel(row["channel"])
    values["state"] = State(row["state"])
    values["closed_reason"] = ClosedReason(row["closed_reason"]) if row["closed_reason"] else None
    return Consultation(**values, number=row["number"], details=details_from_json(row["details"]))
