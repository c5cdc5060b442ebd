"""A thin wrapper around APScheduler: calls the functions it is given, every so often. Holds no state, knows no work.

APScheduler's own defaults would skip a run that is a second late and drop overlapping ones silently; due work is rows
in a database here, so every tick only means "look now": coalesced, never skipped, never twice at once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

Job = Callable[[], Awaitable[object]]


class Ticker:
    """Runs each job at once and then every `seconds` on the running event loop, until `stop`."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(__name__)
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.add_listener(self._report, EVENT_JOB_ERROR)

    def every(self, seconds: float, name: str, job: Job) -> None:
        """Register a job; `name` appears in the log when it fails."""

        async def run() -> None:
            await job()  # APScheduler would not await what a lambda returns

        self._scheduler.add_job(run, IntervalTrigger(seconds=seconds, timezone=UTC), id=name, name=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _report(self, event: JobExecutionEvent) -> None:
        self._logger.error("tick failed", extra={"job": event.job_id, "error": repr(event.exception)})
