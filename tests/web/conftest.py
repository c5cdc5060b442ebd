"""A staged web room for every test that wants one: Friday 20 November 2026, 10:00, both offices open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.world import open_world
from bot.store.database import open_database
from tests.web.staging import Staging, database_url

START = datetime.fromisoformat("2026-11-20T10:00:00+07:00")


@pytest.fixture
async def staging(settings: Settings, brain: Brain, tmp_path: Path) -> AsyncIterator[Staging]:
    database = open_database(database_url(tmp_path))
    world = await open_world(settings, brain, START, database)
    async with Staging(world) as running:
        yield running
    await database.close()
