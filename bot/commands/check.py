"""`pst check`: what is configured, what is missing, what is about to run out. `--live` also logs in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from bot.clock import system_clock
from bot.commands.output import BAD, DONE, say
from bot.core.effects import Template
from bot.core.model import Office
from bot.live import log_in_everywhere
from bot.settings import Access, Settings
from bot.store.database import Database, StoreError, make_folder, open_database
from bot.store.schema import newest_revision, revision
from knowledge.check import check_entries
from knowledge.entries import EntryError, read_faq
from scheduler.calendar import joint_leave_known

AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: good, a warning, or a fault that keeps something from working."""

    level: str  # ok | warning | fault
    subject: str
    words: str

    def __str__(self) -> str:
        mark = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}[self.level]
        return f"{mark}  {self.subject}: {self.words}"


def check(settings: Settings, *, live: bool) -> int:
    """Print every finding; status 1 when one is a fault."""
    findings = [*_offices(settings), *_base(settings), *asyncio.run(_database(settings)), *_channels(settings)]
    if live:
        findings += asyncio.run(_live(settings))
    for finding in findings:
        say(str(finding))
    return BAD if any(f.level == "fault" for f in findings) else DONE


def _offices(settings: Settings) -> Iterator[Finding]:
    now = system_clock()
    for office in settings.offices.values():
        yield Finding("ok", f"office {office.code}", f"{office.name}, calendar {office.calendar.version}")
        yield from _calendar(office, now)


def _calendar(office: Office, now: datetime) -> Iterator[Finding]:
    """The joint-leave decree of next year comes in the second half of this one; without it dates may be wrong."""
    local = office.calendar.local(now)
    for year in sorted({local.year, (local + AHEAD).year}):
        if not joint_leave_known(year):
            words = f"joint leave {year} is not in the calendar data: update the holidays package"
            yield Finding("warning", f"office {office.code}", words)
    for special in office.calendar.special_hours:
        if special.last < local.date() - timedelta(days=30):
            words = f"special hours until {special.last} ({special.reason}) are over"
            yield Finding("warning", f"office {office.code}", words)


def _base(settings: Settings) -> Iterator[Finding]:
    try:
        entries = read_faq()
    except EntryError as error:
        yield Finding("fault", "base", str(error))
        return
    facts = {code: office.facts for code, office in settings.offices.items()}
    found = check_entries(entries, facts, system_clock().date())
    yield Finding("ok", "base", f"{len(entries)} entries, {sum(len(e.asked) for e in entries)} questions")
    for fault in found:
        yield Finding("fault" if fault.fatal else "warning", "base", str(fault))


async def _database(settings: Settings) -> list[Finding]:
    try:
        make_folder(settings.database_url)
        database = open_database(settings.database_url)
    except StoreError as error:
        return [Finding("fault", "database", str(error))]
    try:
        return [await _revision(database)]
    except StoreError as error:
        return [Finding("fault", "database", str(error))]
    finally:
        await database.close()


async def _revision(database: Database) -> Finding:
    await database.ping()
    async with database.read() as tx:
        found = await revision(tx)
    if found != newest_revision():
        return Finding("warning", "database", f"at revision {found}, newest is {newest_revision()}: pst db upgrade")
    return Finding("ok", "database", f"{database.engine.dialect.name}, revision {found}")


def _channels(settings: Settings) -> Iterator[Finding]:
    url = urlsplit(settings.public_url)
    if any(access.whatsapp for access in settings.access.values()) and (url.scheme != "https" or _is_near(url)):
        words = f"{settings.public_url}: Twilio cannot call it; set PST_PUBLIC_URL to the public https address"
        yield Finding("warning", "webhooks", words)
    for code, access in settings.access.items():
        yield from _whatsapp(code, access)
        if access.mail is None:
            yield Finding("warning", f"{code} e-mail", f"no credentials (PST_{code}_IMAP_URL, _SMTP_URL): runs without")
        else:
            intake = "with intake" if access.mail.imap else "WITHOUT intake: set the IMAP URL"
            yield Finding("ok" if access.mail.imap else "warning", f"{code} e-mail", f"{access.mail.sender}, {intake}")
            if not access.mail.authserv:
                words = f"PST_{code}_MAIL_AUTHSERV is not set: forged senders cannot be told apart"
                yield Finding("warning", f"{code} e-mail", words)


def _is_near(url: SplitResult) -> bool:
    """Whether an address leads no further than this machine."""
    return url.hostname in ("localhost", "127.0.0.1", "::1", "0.0.0.0")


def _whatsapp(code: str, access: Access) -> Iterator[Finding]:
    if access.whatsapp is None:
        yield Finding("warning", f"{code} whatsapp", f"no credentials (PST_{code}_TWILIO_...): runs without")
        return
    yield Finding("ok", f"{code} whatsapp", access.whatsapp.sender)
    for template in Template:
        if template not in access.whatsapp.templates:
            words = f"template {template} is not set: pst templates --office {code} tells what Twilio has"
            yield Finding("warning", f"{code} whatsapp", words)


async def _live(settings: Settings) -> list[Finding]:
    """Log in everywhere, send nothing."""
    return [
        Finding("fault" if words else "ok", subject, words or "answers")
        for subject, words in await log_in_everywhere(settings)
    ]
