"""Staff and their sessions. Passwords come in hashed; session tokens are kept as hashes only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.store.database import Transaction, inserted_id
from bot.store.tables import staff, staff_session


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of staff. `role`: officer, or head (who may approve deletions and manage colleagues)."""

    id: int
    office: str
    name: str
    email: str
    role: str
    password: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Session:
    officer: Officer
    csrf: str
    created_at: datetime
    seen_at: datetime


async def add(
    tx: Transaction, office: str, name: str, email: str, role: str, password: str, now: datetime
) -> int | None:
    """A new officer; None when the address is taken."""
    if await by_email(tx, email) is not None:
        return None
    values = {
        "office": office, "name": name, "email": email.casefold(), "role": role, "password": password,
        "disabled": False, "created_at": now,
    }  # fmt: skip
    return inserted_id(await tx.execute(insert(staff).values(values)))


async def by_email(tx: Transaction, email: str) -> Officer | None:
    row = (await tx.execute(select(staff).where(staff.c.email == email.casefold()))).mappings().first()
    return _officer(row) if row else None


async def of_office(tx: Transaction, office: str) -> list[Officer]:
    """Active officers, in the order they joined."""
    query = select(staff).where(staff.c.office == office, staff.c.disabled.is_(False)).order_by(staff.c.id)
    return [_officer(row) for row in (await tx.execute(query)).mappings()]


async def set_password(tx: Transaction, email: str, password: str) -> bool:
    """True when there is such an officer; all his sessions end."""
    return await _change(tx, email, {"password": password})


async def disable(tx: Transaction, email: str) -> bool:
    return await _change(tx, email, {"disabled": True})


async def start_session(tx: Transaction, officer: Officer, token_hash: str, csrf: str, now: datetime) -> None:
    values = {
        "token_hash": token_hash, "office": officer.office, "staff_id": officer.id, "csrf": csrf,
        "created_at": now, "seen_at": now,
    }  # fmt: skip
    await tx.execute(insert(staff_session).values(values))


async def session(tx: Transaction, token_hash: str) -> Session | None:
    query = (
        select(staff, staff_session.c.csrf, staff_session.c.created_at.label("began"), staff_session.c.seen_at)
        .join(staff_session, staff_session.c.staff_id == staff.c.id)
        .where(staff_session.c.token_hash == token_hash, staff.c.disabled.is_(False))
    )
    row = (await tx.execute(query)).mappings().first()
    return Session(_officer(row), row["csrf"], row["began"], row["seen_at"]) if row else None


async def touch_session(tx: Transaction, token_hash: str, now: datetime) -> None:
    await tx.execute(update(staff_session).where(staff_session.c.token_hash == token_hash).values(seen_at=now))


async def end_session(tx: Transaction, token_hash: str) -> None:
    await tx.execute(delete(staff_session).where(staff_session.c.token_hash == token_hash))


async def _change(tx: Transaction, email: str, values: dict[str, Any]) -> bool:
    officer = await by_email(tx, email)
    if officer is None:
        return False
    await tx.execute(update(staff).where(staff.c.id == officer.id).values(values))
    await tx.execute(delete(staff_session).where(staff_session.c.staff_id == officer.id))
    return True


def _officer(row: Any) -> Officer:
    return Officer(row["id"], row["office"], row["name"], row["email"], row["role"], row["password"], row["disabled"])
