"""`pst staff`: accounts of officers."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Awaitable, Callable

from bot.clock import system_clock
from bot.commands.database import with_database
from bot.commands.output import BAD, DONE, WRONG_USAGE, fail, say
from bot.settings import Settings
from bot.store import people
from bot.store.database import Database, Transaction
from bot.store.schema import upgrade
from bot.web.passwords import SHORTEST, hash_password

ROLES = ("officer", "head")


def add(settings: Settings, office: str, name: str, email: str, role: str, password: str | None) -> int:
    if office not in settings.offices:
        fail(WRONG_USAGE, f"unknown office {office!r}")
    if role not in ROLES:
        fail(WRONG_USAGE, f"role must be one of {', '.join(ROLES)}")
    hashed = hash_password(_password(password))

    async def work(tx: Transaction) -> bool:
        return await people.add(tx, office, name, email, role, hashed, system_clock()) is not None

    if not _write(settings, work):
        fail(BAD, f"{email} already has an account")
    say(f"{name} <{email}> may now sign in for office {office}")
    return DONE


def password(settings: Settings, email: str, new: str | None) -> int:
    hashed = hash_password(_password(new))
    if not _write(settings, lambda tx: people.set_password(tx, email, hashed)):
        fail(BAD, f"nobody has the address {email}")
    say(f"new password set for {email}; all sessions have ended")
    return DONE


def disable(settings: Settings, email: str) -> int:
    if not _write(settings, lambda tx: people.disable(tx, email)):
        fail(BAD, f"nobody has the address {email}")
    say(f"{email} may not sign in any more")
    return DONE


def _password(given: str | None) -> str:
    """From the command line, from a pipe, or asked for."""
    if given is None:
        given = getpass.getpass("Kata sandi: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(given) < SHORTEST:
        fail(WRONG_USAGE, f"a password needs at least {SHORTEST} characters")
    return given


def _write(settings: Settings, work: Callable[[Transaction], Awaitable[bool]]) -> bool:
    """In a database that is made when there is none yet: accounts may come before the service first runs."""

    async def in_transaction(database: Database) -> bool:
        await upgrade(database)
        async with database.write() as tx:
            return await work(tx)

    return with_database(settings, in_transaction)
