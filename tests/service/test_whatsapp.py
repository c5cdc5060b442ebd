"""The whole service over real HTTP with Twilio played by a stand-in that enforces Twilio's rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
import pytest

from bot.core import events as ev
from bot.reader import Brain
from bot.store import inbound, listing, people, records, turned_away
from bot.store.database import Database
from tests.conftest import wib
from tests.service.running import ACCOUNT, SENDER, TOKEN, Running, running
from tests.standins.twilio import Provider

PHONE = "+6281230000001"


async def until(met: Callable[[], object], seconds: float = 15) -> None:
    """Waits for something that the service does by itself."""
    async with asyncio.timeout(seconds):
        while not met():
            await asyncio.sleep(0.02)


def connect(provider: Provider, service: Running) -> None:
    provider.account(ACCOUNT, TOKEN, SENDER, message_url=service.webhook("message"))


def said_to(provider: Provider, phone: str = PHONE) -> list[str]:
    return [m.body for m in provider.messages if m.recipient == f"whatsapp:{phone}" and m.direction != "inbound"]


async def test_a_consultation_from_question_to_rating(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            connect(provider, service)
            rina = provider.user(PHONE)
            await rina.says("jam buka hari jumat?")
            await until(lambda: said_to(provider))
            provider.expect(PHONE, "08.00–16.00")
            await rina.says("Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?")
            await until(lambda: len(said_to(provider)) == 2)
            provider.expect(PHONE, "3574-")
            await _answer(service, "Silakan kirim surat resmi.")
            await until(lambda: len(said_to(provider)) == 3)
            provider.expect(PHONE, "Silakan kirim surat resmi.")
            await until(lambda: _state(provider) == "delivered")
            await rina.says("sudah sesuai, terima kasih")
            await until(lambda: len(said_to(provider)) == 4)
            provider.expect(PHONE)
            await rina.says("5")
            await until(lambda: len(said_to(provider)) == 5)
            provider.expect(PHONE)
            async with database.read() as tx:
                [row] = await listing.all_of(tx)
            assert (row["state"], row["closed_reason"], row["rating"]) == ("closed", "resolved", 5)
        provider.check()


def _state(provider: Provider) -> str:
    return [m.status for m in provider.messages if m.direction != "inbound"][-1]


async def _answer(service: Running, text: str) -> None:
    engine, database = service.live.service.engine, service.live.service.database
    async with database.write() as tx:
        await people.add(tx, "3574", "Dewi", "dewi@contoh.id", "head", "!", wib("2026-01-01 08:00"))
        officer = await people.by_email(tx, "dewi@contoh.id")
        [row] = await listing.all_of(tx)
    assert officer is not None
    await engine.act(officer, row["number"], lambda at, by: ev.Answered(at, by, text), service.live.service.clock())
    service.live.service.wake()


async def test_fifty_copies_of_one_webhook_have_one_effect(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            connect(provider, service)
            rina = provider.user(PHONE)
            await rina.says("halo min", times=50)
            await until(lambda: said_to(provider))
            await provider.idle()
            async with database.read() as tx:
                assert len(await listing.everything(tx, "message")) == 2
            provider.expect(PHONE)
        provider.check()


async def test_a_wrong_signature_is_turned_away_and_kept(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service, aiohttp.ClientSession() as web:
            form = {"MessageSid": "SM1", "From": f"whatsapp:{PHONE}", "Body": "NIK 3574026708650004", "To": SENDER}
            answer = await web.post(service.webhook("message"), data=form, headers={"X-Twilio-Signature": "x"})
            assert answer.status == 403
            async with database.read() as tx:
                assert await turned_away.count_since(tx, "3574", wib("2020-01-01 00:00")) == 1
                assert await inbound.next_due(tx) is None
        provider.check()


@pytest.mark.parametrize(("body", "status"), [(b"x" * 70_000, 413), (b"a=1", 403)])
async def test_what_is_too_long_or_unsigned_never_reaches_the_engine(
    database: Database, database_url: str, brain: Brain, body: bytes, status: int
) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service, aiohttp.ClientSession() as web:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            assert (await web.post(service.webhook("message"), data=body, headers=headers)).status == status
            assert (await web.post(f"{service.url}/webhooks/twilio/9999/message", data=body)).status == 404


async def test_health_tells_which_roles_are_alive(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service, aiohttp.ClientSession() as web:
            assert (await web.get(f"{service.url}/healthz")).status == 200
            ready = await (await web.get(f"{service.url}/readyz")).json()
            assert ready["ready"]
            assert set(ready["roles"]) == {"web", "worker", "ticker"}
            metrics = await (await web.get(f"{service.url}/metrics")).text()
            assert 'pst_consultations{office="3574",view="open"} 0.0' in metrics


async def test_an_identity_number_is_masked_before_it_is_stored(
    database: Database, database_url: str, brain: Brain
) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            connect(provider, service)
            await provider.user(PHONE).says("nama saya Sulastri, NIK 3574026708650004, mau konsultasi data")
            await until(lambda: said_to(provider))
            provider.expect(PHONE)
            async with database.read() as tx:
                lines = await listing.everything(tx, "message")
                stored = await records.transcript(tx, lines[0]["conversation_id"])
            assert all("3574026708650004" not in str(row) for row in stored)
            assert "••••0004" in stored[0]["text"]
        provider.check()
