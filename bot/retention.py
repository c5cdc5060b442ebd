"""Every night, what has been kept for long enough is forgotten: the terms stand in the office's file.

Done at the first look after two in the morning of the office's day, once; a machine that was off at night does it
when it is back. Each conversation is a transaction of its own, so that nobody waits for long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Final

from bot.core.model import Office
from bot.store import health, retention
from bot.store.database import Database

AT: Final = time(2)
LOOK_EVERY: Final = 600.0  # seconds
_BATCH: Final = 200


class Housekeeping:
    """Any number may run over one database: forgetting twice changes nothing."""

    def __init__(self, database: Database, offices: Mapping[str, Office], now: Callable[[], datetime]) -> None:
        self._database = database
        self._offices = offices
        self._now = now
        self._log = logging.getLogger("pst.retention")

    async def run_due(self) -> int:
        """Do it for every office whose night has come; returns how many rows and conversations were emptied."""
        done = 0
        for office in self._offices.values():
            now = self._now()
            async with self._database.read() as tx:
                last = await retention.last_night(tx, office.code)
            if last is None or last < _night_before(office, now):
                done += await self._forget(office, now)
        return done

    async def _forget(self, office: Office, now: datetime) -> int:
        terms = office.retention
        async with self._database.write() as tx:
            raw = await retention.forget_raw(tx, office.code, now - timedelta(days=terms.raw))
            files = await retention.forget_files(tx, office.code, now - timedelta(days=terms.files))
        talks = await self._forget_talks(office, now)
        async with self._database.write() as tx:
            await health.beat(tx, f"{retention.NIGHTLY}{office.code}", now, f"{raw} {files} {talks}")
        self._log.info("forgotten", extra={"office": office.code, "raw": raw, "files": files, "talks": talks})
        return raw + files + talks

    async def _forget_talks(self, office: Office, now: datetime) -> int:
        before = now - timedelta(days=office.retention.talks)
        count = 0
        while True:
            async with self._database.read() as tx:
                over = await retention.over(tx, office.code, before, _BATCH)
            if not over:
                return count
            for conversation_id in over:
                async with self._database.write() as tx:
                    await retention.forget_talk(tx, conversation_id, now)
            count += len(over)


def _night_before(office: Office, now: datetime) -> datetime:
    """The last time that it was two in the morning in the office's zone."""
    local = office.calendar.local(now)
    tonight = datetime.combine(local.date(), AT, local.tzinfo)
    return tonight if tonight <= local else tonight - timedelta(days=1)
