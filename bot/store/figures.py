"""The rows that a report over a span of time is made of. No names, no addresses, no words of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func, select

from bot.store.database import Transaction
from bot.store.tables import (
    appointment,
    complaint,
    consultation,
    conversation,
    data_request,
    message,
    notification,
    survey,
)

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """`opened`: consultations opened in the span, with the topic last talked about. `closed`, `rated`: of any age."""

    opened: list[Row]
    closed: list[Row]
    surveys: list[list[int]]
    complaints: int
    appointments: Mapping[str, int]
    requests: list[Row]
    citizens: int
    undelivered: int


async def between(tx: Transaction, office: str, start: datetime, end: datetime) -> Figures:
    """Everything of one office from `start` up to, not including, `end`."""
    span = (start, end)
    columns = (
        consultation.c.channel, consultation.c.state, consultation.c.opened_at, consultation.c.first_due_at,
        consultation.c.first_answered_at, consultation.c.closed_at, consultation.c.closed_reason,
        consultation.c.rating, consultation.c.reopened, consultation.c.linked_to, consultation.c.details,
        conversation.c.topic,
    )  # fmt: skip
    query = select(*columns).join(conversation, consultation.c.conversation_id == conversation.c.id)
    mine = query.where(consultation.c.office == office).order_by(consultation.c.id)
    states = await _counted(tx, appointment, office, "made_at", span)
    return Figures(
        [dict(row) for row in (await tx.execute(mine.where(*_within(consultation.c.opened_at, span)))).mappings()],
        [dict(row) for row in (await tx.execute(mine.where(*_within(consultation.c.closed_at, span)))).mappings()],
        await _surveys(tx, office, span), await _number(tx, complaint, office, span), states,
        await _requests(tx, office, span), await _citizens(tx, office, span),
        await _number(tx, notification, office, span, notification.c.kind == "undeliverable"),
    )  # fmt: skip


def _within(column: Any, span: tuple[datetime, datetime]) -> tuple[Any, Any]:
    return column >= span[0], column < span[1]


async def _number(tx: Transaction, table: Table, office: str, span: tuple[datetime, datetime], *more: Any) -> int:
    query = select(func.count()).select_from(table).where(table.c.office == office, *_within(table.c.at, span), *more)
    return int((await tx.execute(query)).scalar_one())


async def _counted(
    tx: Transaction, table: Table, office: str, at: str, span: tuple[datetime, datetime]
) -> dict[str, int]:
    query = select(table.c.state, func.count()).where(table.c.office == office, *_within(table.c[at], span))
    return {state: int(count) for state, count in await tx.execute(query.group_by(table.c.state))}


async def _surveys(tx: Transaction, office: str, span: tuple[datetime, datetime]) -> list[list[int]]:
    query = select(survey.c.scores).where(survey.c.office == office, *_within(survey.c.at, span))
    return [list(scores) for scores in (await tx.execute(query.order_by(survey.c.id))).scalars()]


async def _requests(tx: Transaction, office: str, span: tuple[datetime, datetime]) -> list[Row]:
    columns = (data_request.c.kind, data_request.c.due_at, data_request.c.done_at)
    query = select(*columns).where(data_request.c.office == office, *_within(data_request.c.asked_at, span))
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def _citizens(tx: Transaction, office: str, span: tuple[datetime, datetime]) -> int:
    wrote = select(func.count(func.distinct(message.c.conversation_id))).where(
        message.c.office == office, message.c.author == "citizen", *_within(message.c.at, span)
    )
    return int((await tx.execute(wrote)).scalar_one())
