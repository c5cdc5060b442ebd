"""What a story shows: rows and deliveries in the shapes that the contract of `pst simulate` fixes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channels.simulator import Delivery
from bot.core.effects import Notice
from bot.store import listing
from bot.store.database import Transaction

if TYPE_CHECKING:
    from bot.simulation.player import Record
    from bot.simulation.scenario import Expect, Scenario
    from bot.simulation.world import World

_MOMENTS = ("opened_at", "due_at", "answered_at", "closes_at", "closed_at")


def sent(delivery: Delivery, world: World) -> dict[str, Any]:
    return {
        "at": _iso(delivery.at, world, delivery.office), "office": delivery.office, "to": delivery.to,
        "channel": delivery.channel, "kind": delivery.kind, "purpose": delivery.purpose,
        "template": delivery.template, "subject": delivery.subject, "headers": delivery.headers,
        "body": delivery.body, "buttons": [title for _, title in delivery.buttons],
    }  # fmt: skip


async def held(tx: Transaction, world: World) -> list[dict[str, Any]]:
    """Messages that wait for WhatsApp's window, in the shape of `sent`."""
    return [
        {
            "at": _iso(row["created_at"], world, row["office"]), "office": row["office"], "to": row["recipient"],
            "channel": row["channel"], "kind": "text", "purpose": row["purpose"], "template": None,
            "subject": None, "headers": {}, "body": row["content"]["text"],
            "buttons": [title for _, title in row["content"]["options"]],
        }
        for row in await listing.everything(tx, "held")
    ]  # fmt: skip


async def notices(tx: Transaction, world: World) -> list[dict[str, Any]]:
    """Everything that staff were told, of the kinds that the contract names."""
    numbers = {row["id"]: row["number"] for row in await listing.all_of(tx)}
    kinds = set(Notice)
    return [
        {
            "at": _iso(row["at"], world, row["office"]), "office": row["office"], "kind": row["kind"],
            "consultation": numbers.get(row["consultation_id"]),
        }
        for row in await listing.everything(tx, "notification")
        if row["kind"] in kinds
    ]  # fmt: skip


async def consultations(tx: Transaction, world: World, scenario: Scenario) -> list[dict[str, Any]]:
    return [_consultation(row, world, scenario) for row in await listing.all_of(tx)]


async def complaints(tx: Transaction, world: World, scenario: Scenario) -> list[dict[str, Any]]:
    return [
        {"office": row["office"], "citizen": _citizen(row, scenario), "text": row["text"]}
        for row in await listing.everything(tx, "complaint")
    ]


async def appointments(tx: Transaction, world: World, scenario: Scenario) -> list[dict[str, Any]]:
    return [
        {
            "office": row["office"], "citizen": _citizen(row, scenario),
            "at": _iso(row["at"], world, row["office"]) if row["state"] != "requested" else None, "state": row["state"],
        }
        for row in await listing.everything(tx, "appointment")
    ]  # fmt: skip


async def staff_view(tx: Transaction) -> list[str]:
    """Every text that a member of staff can see."""
    texts = [f"{row['subject'] or ''}\n{row['text']}".strip() for row in await listing.everything(tx, "message")]
    texts += [row["text"] for row in await listing.everything(tx, "notification")]
    texts += [row["text"] for row in await listing.everything(tx, "complaint")]
    texts += [row["question"] for row in await listing.all_of(tx)]
    return texts


def unmet(expect: Expect, record: Record, office: str) -> list[str]:
    """What an `expect` missed, one line each."""
    bodies = "\n".join(s["body"] for s in record.sent)
    newest = record.consultations[-1] if record.consultations else None
    faults = [f"reply does not contain {words!r}" for words in expect.reply_contains if not _in(words, bodies)]
    faults += [f"reply contains {words!r}" for words in expect.reply_lacks if _in(words, bodies)]
    if expect.state is not None and (newest is None or newest["state"] != expect.state):
        faults.append(f"state is {newest['state'] if newest else None}, not {expect.state}")
    if expect.consultations is not None and len(record.consultations) != expect.consultations:
        faults.append(f"{len(record.consultations)} consultations, not {expect.consultations}")
    if expect.due is not None and not _due(newest, expect.due):
        faults.append(f"due {newest['due_at'] if newest else None}, not {expect.due.isoformat()}")
    return [*faults, *_unmet_figures(expect, record, newest or {})]


def _unmet_figures(expect: Expect, record: Record, newest: dict[str, Any]) -> list[str]:
    """The expectations of our own stories."""
    closes = newest.get("closes_at")
    found: dict[str, Any] = {name: newest.get(name) for name in ("closed_reason", "rating", "reopened", "linked_to")}
    found["closes"] = datetime.fromisoformat(closes) if closes else None
    found |= {"sent": len(record.sent), "held": len(record.held)}
    found["notified"] = tuple(n["kind"] for n in record.staff_notified)
    found["appointments"] = tuple(a["state"] for a in record.appointments)
    wanted = {name: getattr(expect, name) for name in found if name in expect.model_fields_set}
    return [f"{name} is {found[name]!r}, not {value!r}" for name, value in wanted.items() if found[name] != value]


def _in(words: str, text: str) -> bool:
    return words.casefold() in text.casefold()


def _due(newest: dict[str, Any] | None, due: datetime) -> bool:
    return newest is not None and newest["due_at"] is not None and datetime.fromisoformat(newest["due_at"]) == due


def _consultation(row: listing.Row, world: World, scenario: Scenario) -> dict[str, Any]:
    moments = {name: row[name] and _iso(row[name], world, row["office"]) for name in _MOMENTS}
    details = row["details"] or {}
    return {
        "number": row["number"], "office": row["office"], "state": row["state"], "citizen": _citizen(row, scenario),
        "question": row["question"], "name": details.get("name") or row["name"], "opened_at": moments["opened_at"],
        "due_at": moments["due_at"], "due_explanation": row["due_explanation"] or None,
        "answered_at": moments["answered_at"], "closes_at": moments["closes_at"], "closed_at": moments["closed_at"],
        "closed_reason": row["closed_reason"], "rating": row["rating"], "reopened": row["reopened"],
        "linked_to": row["linked_to"], "officer": row["officer"], "details": details,
    }  # fmt: skip


def _citizen(row: listing.Row, scenario: Scenario) -> str:
    """The citizen's name in the scenario; his address where the scenario does not know it."""
    return next(
        (k for k, c in scenario.citizens.items() if c.address.casefold() == row["address"].casefold()), row["address"]
    )


def _iso(moment: datetime, world: World, office: str) -> str:
    return world.local(moment, office).isoformat()
