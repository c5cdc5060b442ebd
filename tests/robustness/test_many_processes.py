"""A hundred citizens at once, two workers on PostgreSQL: one conversation each, no gap in the numbers, in order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.reader import Brain
from tests.robustness.scene import Scene, whatsapp_scene
from tests.standins.twilio import Provider

pytestmark = pytest.mark.postgres
CITIZENS = 100
PROCESSES = ("web", "worker,ticker", "worker")
PATIENCE = 90.0  # seconds; it takes a fifth of it on two idle cores
OPENING = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
FURTHER = ("Satu lagi: apakah ada biaya untuk kerja sama riset itu?", "Kami dari universitas negeri.")


async def test_a_hundred_citizens_and_two_workers(brain: Brain, postgres_url: str) -> None:
    with Provider() as provider:
        provider.reports = ("delivered",)
        async with whatsapp_scene(postgres_url, provider) as place, AsyncExitStack() as lives:
            processes = [await lives.enter_async_context(place.life(roles=roles)) for roles in PROCESSES]
            statuses = await asyncio.gather(*(_writes(provider, number) for number in range(CITIZENS)))
            assert {status for row in statuses for status in row} == {200}
            await place.settled(PATIENCE)
            await provider.idle()
            await place.settled(PATIENCE)
            assert [process.returncode for process in processes] == [None] * 3
            await _one_conversation_each(place)
            await _in_order(place)
            await _answered_once(place, provider)


async def _writes(provider: Provider, number: int) -> list[int]:
    """Three messages of one citizen, so close that the second may arrive while the first is being handled."""
    citizen, statuses = provider.user(_phone(number)), []
    for text in (OPENING, *FURTHER):
        statuses += await citizen.says(text)
        await asyncio.sleep(0.05 * (number % 8))
    return statuses



def _phone(number: int) -> str:
    return f"+62812300{number:05d}"


async def _one_conversation_each(place: Scene) -> None:
    conversations, consultations = await place.rows("conversation"), await place.rows("consultation")
    assert sorted(row["address"] for row in conversations) == [_phone(n) for n in range(CITIZENS)]
    assert sorted(row["conversation_id"] for row in consultations) == sorted(row["id"] for row in conversations)
    numbers = sorted(int(row["number"].rpartition("-")[2]) for row in consultations)
    assert numbers == list(range(1, CITIZENS + 1)), "without gaps"
    assert [row["last"] for row in await place.rows("consultation_counter")] == [CITIZENS]
    assert {row["state"] for row in await place.rows("inbound")} == {"done"}


async def _in_order(place: Scene) -> None:
    """Everybody's words stand in his transcript once, in the order in which he wrote them."""
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in await place.rows("message"):
        if line["author"] == "citizen":
            said[line["conversation_id"]].append(line)
    assert len(said) == CITIZENS
    for lines in said.values():
        assert [line["text"] for line in lines] == [OPENING, *FURTHER]
        assert [line["inbound_id"] for line in lines] == sorted(line["inbound_id"] for line in lines)
    states = [(row["conversation_id"], row["id"]) for row in await place.rows("event_log") if row["what"] == "opened"]
    assert len(states) == len(dict(states)) == CITIZENS


async def _answered_once(place: Scene, provider: Provider) -> None:
    """What the provider got is what was decided, each once, to everybody in the order of the decisions."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for row in await place.rows("outbound"):
        wanted[row["recipient"]].append(row["provider_id"])
        assert (row["state"], row["possibly_duplicate"]) == ("sent", False)
    got: dict[str, list[str]] = defaultdict(list)
    for message in provider.sent:
        got[message.recipient.removeprefix("whatsapp:")].append(message.sid)
    assert got == wanted
    assert set(got) == {_phone(n) for n in range(CITIZENS)}
