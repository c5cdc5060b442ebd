"""The ticker only ticks."""

from __future__ import annotations

import asyncio
import logging

import pytest

from scheduler.ticker import Ticker


async def test_a_job_runs_again_and_again_whatever_kind_of_callable_it_is() -> None:
    ticker, rung = Ticker(), asyncio.Queue[str]()

    async def method() -> None:
        rung.put_nowait("method")

    ticker.every(0.01, "method", method)
    ticker.every(0.01, "lambda", lambda: rung.put("lambda"))
    ticker.start()
    async with asyncio.timeout(5):
        heard = {await rung.get() for _ in range(6)}
    ticker.stop()
    assert heard == {"method", "lambda"}


async def test_a_job_that_fails_is_logged_and_ticks_on(caplog: pytest.LogCaptureFixture) -> None:
    ticker, rung = Ticker(logging.getLogger("test")), asyncio.Queue[int]()

    async def broken() -> None:
        rung.put_nowait(1)
        raise RuntimeError("boom")

    ticker.every(0.01, "broken", broken)
    with caplog.at_level(logging.ERROR, "test"):
        ticker.start()
        async with asyncio.timeout(5):
            for _ in range(3):
                await rung.get()
        ticker.stop()
    assert "broken" in [getattr(r, "job", "") for r in caplog.records]
