"""`pst simulate`: play a story through the real service and tell what happened."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from bot.commands.brain import brain_for
from bot.commands.output import BAD, DONE, WRONG_USAGE, fail, say, say_json
from bot.settings import Settings
from bot.simulation import view
from bot.simulation.player import Player, Record, StoryError
from bot.simulation.scenario import Scenario, ScenarioError, read_scenario
from bot.simulation.world import LogLines, World, open_world
from bot.store.database import open_database


def simulate(settings: Settings, path: str, *, as_json: bool) -> int:
    try:
        scenario = read_scenario(Path(path))
    except ScenarioError as error:
        fail(WRONG_USAGE, *error.faults)
    if scenario.office not in settings.offices:
        fail(WRONG_USAGE, f"unknown office {scenario.office!r}")
    with tempfile.TemporaryDirectory(prefix="pst-story-") as folder:
        return asyncio.run(_play(settings, scenario, f"sqlite:///{folder}/story.db", as_json=as_json))


async def _play(settings: Settings, scenario: Scenario, database_url: str, *, as_json: bool) -> int:
    database = open_database(database_url)
    try:
        world = await open_world(
            settings, brain_for(settings), scenario.start, database, scenario.closed_days, templates=scenario.templates
        )
        handler = LogLines(world.log.append)
        logging.getLogger("pst").addHandler(handler)
        try:
            records = await _steps(Player(scenario, world), as_json=as_json)
        finally:
            logging.getLogger("pst").removeHandler(handler)
        await _end(world, as_json=as_json)
    finally:
        await database.close()
    return BAD if any(record.failed for record in records) else DONE


async def _steps(player: Player, *, as_json: bool) -> list[Record]:
    records = []
    try:
        async for record in player.play():
            records.append(record)
            say_json(record.as_json()) if as_json else _tell(record)
    except StoryError as error:
        fail(WRONG_USAGE, f"step {len(records) + 1}: {error}")
    return records


async def _end(world: World, *, as_json: bool) -> None:
    if as_json:
        async with world.service.database.read() as tx:
            say_json({"end": True, "staff_view": await view.staff_view(tx), "log": world.log})


def _tell(record: Record) -> None:
    """A step for a person to read."""
    say(f"— langkah {record.number} · {record.at:%a %d %b %Y %H:%M:%S}")
    for sent in record.sent:
        subject = f" · {sent['subject']}" if sent["subject"] else ""
        say(f"  → {sent['to']} ({sent['channel']}, {sent['kind']}, {sent['purpose']}){subject}")
        say("\n".join(f"    {line}" for line in sent["body"].splitlines()))
        if sent["buttons"]:
            say("    " + "  ".join(f"[{title}]" for title in sent["buttons"]))
    for notice in record.staff_notified:
        say(f"  ! petugas: {notice['kind']} {notice['consultation'] or ''}")
    for fault in record.failed:
        say(f"  ✗ {fault}")
