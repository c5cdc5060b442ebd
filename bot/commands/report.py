"""`pst report`: how the service standard was kept in a month, written to stdout."""

from __future__ import annotations

import re
import sys
from datetime import date

from bot.clock import system_clock
from bot.commands.database import with_database
from bot.commands.output import DONE, WRONG_USAGE, fail
from bot.report import report, span_of
from bot.report_files import FORMATS
from bot.settings import Settings
from bot.store.database import Database
from bot.store.figures import Figures, between
from bot.store.schema import newest_revision, revision
from knowledge.entries import read_faq

_MONTH = re.compile(r"\d{4}-\d{2}")


def write_report(settings: Settings, office: str, month: str, kind: str) -> int:
    if office not in settings.offices:
        fail(WRONG_USAGE, f"unknown office {office!r}; known are {', '.join(settings.offices)}")
    if kind not in FORMATS:
        fail(WRONG_USAGE, f"{kind!r}: must be one of {', '.join(FORMATS)}")
    wanted, first = settings.offices[office], _month(month)

    async def work(database: Database) -> Figures:
        async with database.read() as tx:
            if await revision(tx) != newest_revision():
                fail(WRONG_USAGE, "the database is not at this version's schema: pst db upgrade")
            return await between(tx, office, *span_of(wanted, first))

    rows = with_database(settings, work)
    titles = {entry.id: entry.title for entry in read_faq()}
    sys.stdout.buffer.write(FORMATS[kind](report(rows, wanted, first, system_clock(), titles)))
    sys.stdout.buffer.flush()
    return DONE


def _month(text: str) -> date:
    try:
        if not _MONTH.fullmatch(text):
            raise ValueError
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        fail(WRONG_USAGE, f"{text!r}: write the month as 2026-11")
