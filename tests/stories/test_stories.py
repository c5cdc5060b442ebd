"""Stories: whole-service transcripts with wall-clock times, played through the real engine on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.player import Player, Record
from bot.simulation.scenario import read_scenario
from bot.simulation.world import World, open_world
from bot.store.database import Database

STORIES = sorted(Path(__file__).parent.glob("*/*.toml"))


async def play(path: Path, settings: Settings, brain: Brain, database: Database) -> tuple[World, list[Record]]:
    scenario = read_scenario(path)
    world = await open_world(
        settings, brain, scenario.start, database, scenario.closed_days, templates=scenario.templates
    )
    return world, [record async for record in Player(scenario, world).play()]


@pytest.mark.parametrize("path", STORIES, ids=lambda p: f"{p.parent.name}/{p.stem}")
async def test_a_story_goes_as_told(path: Path, settings: Settings, brain: Brain, database: Database) -> None:
    world, records = await play(path, settings, brain, database)
    missed = [f"step {r.number}: {fault}\n{_said(r)}" for r in records for fault in r.failed]
    assert not missed, "\n".join(missed)
    for record in records:
        for sent in record.sent:
            assert len(sent["body"]) <= 1600 or sent["channel"] == "email"
            if sent["kind"] == "text":
                heard = world.network.last_heard.get((sent["office"], sent["to"]))
                assert heard is not None, "free text only to who has written"


def _said(record: Record) -> str:
    return "\n".join(f"    > {s['body']}" for s in record.sent)
