"""kill -9 at each step of receiving and sending on WhatsApp: every message is handled once, no reply is lost.

A reply of unknown outcome may be seen twice, if the provider cannot tell what became of the first; that one is flagged.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.reader import Brain
from tests.robustness.scene import LATER, PATIENCE, KillingProvider, Scene, dead, whatsapp_scene

PHONE = "+6281230000001"
QUESTION = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"
UNANSWERED = ("storing", "stored")  # the provider got no 200, and calls again
RECEIVING = (*UNANSWERED, "attending", "deciding", "decided")
CERTAINLY_UNSENT = ("claiming", "claimed")
TAKEN = ("answered", "recording")
STEPS = (*RECEIVING, *CERTAINLY_UNSENT, *TAKEN, "recorded")


@pytest.fixture(autouse=True)
def kept(brain: Brain) -> None:
    """The processes find the brain on the disk."""


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_when_it_was(step: str, tmp_path: Path) -> None:
    await _killed_at(step, f"sqlite:///{tmp_path}/pst.db")


@pytest.mark.postgres
@pytest.mark.parametrize("step", ["stored", "deciding", "recording"])
async def test_on_postgresql_killed_when_it_was(step: str, postgres_url: str) -> None:
    await _killed_at(step, postgres_url)


async def _killed_at(step: str, database_url: str) -> None:
    with KillingProvider() as provider:
        provider.reports = ()
        async with whatsapp_scene(database_url, provider) as place:
            async with place.life(step=step) as process:
                statuses = await provider.user(PHONE).says(QUESTION, sid="SM" + "1" * 32)
                assert statuses == ([0] if step in UNANSWERED else [200])
                await dead(process)
            async with place.life(ahead=LATER):
                if step in UNANSWERED:
                    assert await provider.user(PHONE).says(QUESTION, sid="SM" + "1" * 32) == [200]
                await place.settled()
            await _handled_once(place)
            [reply] = await _replies(place)
            assert [m.sid for m in provider.sent] == [reply["provider_id"]]
            # Claimed and never called looks to the next process like called and never heard of.
            assert reply["possibly_duplicate"] == (step == "claimed")


@pytest.mark.parametrize(
    ("outcome", "listed", "seen"),
    [("cut", True, 1), ("cut", False, 2), ("cut-before", True, 1)],
    ids=["taken, and found again", "taken, and not to be found", "not taken"],
)
async def test_killed_in_the_middle_of_the_call(outcome: str, listed: bool, seen: int, tmp_path: Path) -> None:
    with KillingProvider() as provider:
        provider.reports = ()
        async with whatsapp_scene(f"sqlite:///{tmp_path}/pst.db", provider) as place:
            async with place.life() as process:
                provider.next_send(outcome)
                provider.victim = process.kill
                await provider.user(PHONE).says(QUESTION)
                await dead(process)
            if not listed:
                for message in provider.sent:
                    message.sent_at = None  # the provider's list is by that moment
            async with place.life(ahead=LATER):
                await place.settled()
            await _handled_once(place)
            [reply] = await _replies(place)
            assert len(provider.sent) == seen
            assert provider.sent[-1].sid == reply["provider_id"]
            # Flagged is what may have been seen twice: here whatever was sent again.
            assert reply["possibly_duplicate"] == (outcome == "cut-before" or not listed)


async def test_killed_while_it_wrote_a_delivery_report_down(tmp_path: Path) -> None:
    """The report was kept before it was answered; it counts once."""
    with KillingProvider() as provider:
        provider.reports = ("delivered",)
        async with whatsapp_scene(f"sqlite:///{tmp_path}/pst.db", provider) as place:
            async with place.life(step="reporting") as process:
                await provider.user(PHONE).says(QUESTION)
                await dead(process)
            assert [r["status_rank"] for r in await _replies(place)] == [0]
            async with place.life(ahead=LATER):
                await place.settled()
            await _handled_once(place, reports=1)
            assert [(r["state"], r["status_rank"]) for r in await _replies(place)] == [("sent", 4)]
            assert len(provider.sent) == 1


async def test_a_provider_that_reports_what_it_took_settles_the_question(tmp_path: Path) -> None:
    """Taken, and not to be found; but the report comes before anything is sent again."""
    with KillingProvider() as provider:
        provider.reports = ()
        async with whatsapp_scene(f"sqlite:///{tmp_path}/pst.db", provider) as place:
            async with place.life() as process:
                provider.next_send("cut")
                provider.victim = process.kill
                await provider.user(PHONE).says(QUESTION)
                await dead(process)
            [message] = provider.sent
            message.sent_at = None
            async with place.life():  # at once: the dead one's claim still stands
                assert await provider.report(message, "delivered") == 200
                await _until_ranked(place)
            async with place.life(ahead=LATER):
                await place.settled()
            assert provider.sent == [message]
            assert [r["possibly_duplicate"] for r in await _replies(place)] == [False]


async def _until_ranked(place: Scene) -> None:
    async with asyncio.timeout(PATIENCE):
        while not all(row["status_rank"] for row in await _replies(place)):
            await asyncio.sleep(0.05)


async def _replies(place: Scene) -> list[dict[str, Any]]:
    return [row for row in await place.rows("outbound") if row["recipient"] == PHONE]


async def _handled_once(place: Scene, reports: int = 0) -> None:
    inbound = await place.rows("inbound")
    assert sorted((row["kind"], row["state"]) for row in inbound) == [
        ("message", "done"), *[("status", "done")] * reports
    ]  # fmt: skip
    assert [row["author"] for row in await place.rows("message")] == ["citizen", "bot"]
    assert [row["number"][5:] for row in await place.rows("consultation")] == [f"{_year(inbound)}-000001"]
    assert [row["last"] for row in await place.rows("consultation_counter")] == [1]
    assert len(await place.rows("deadline")) == len({row["kind"] for row in await place.rows("deadline")})
    assert [row["state"] for row in await _replies(place)] == ["sent"]


def _year(inbound: list[dict[str, Any]]) -> int:
    return int(inbound[0]["received_at"].year)
