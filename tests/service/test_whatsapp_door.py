"""The webhooks' door: refusals with their likely cause, the self-test, and bringing in what was refused by mistake."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.channels.twilio_selftest import webhook_complaint
from bot.commands.check import check
from bot.commands.database import replay
from bot.commands.output import CommandFailed
from bot.reader import Brain
from bot.settings import Secret, TwilioAccess
from bot.store import listing, turned_away
from bot.store.database import Database
from tests.conftest import wib
from tests.service.inbox import officer
from tests.service.running import ACCOUNT, SENDER, TOKEN, free_port, running
from tests.service.test_whatsapp import PHONE, said_to, until
from tests.standins.loopback import Answer, Loopback, Reply, Request
from tests.standins.twilio import Provider

OLD = "https://lama.contoh.id/webhooks/twilio/3574/message"
ACCESS = TwilioAccess(ACCOUNT, (Secret(TOKEN),), SENDER, {})


async def test_a_wrong_public_address_is_named_and_what_was_refused_is_brought_in(
    database: Database, database_url: str, brain: Brain
) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service, officer(service) as dewi:
            provider.account(ACCOUNT, TOKEN, SENDER, message_url=OLD, via=service.url)
            rina = provider.user(PHONE)
            assert await rina.says("jam buka hari jumat?") == [403]
            page = await dewi.page("/kanal")
            assert "https://lama.contoh.id/webhooks/twilio/3574/message, tidak cocok dengan PST_PUBLIC_URL" in page
            assert "<code>w1</code>" in page
            assert "Kiriman webhook Twilio ditolak" in (await _news(database))[0]
            assert await asyncio.to_thread(replay, service.settings, "w1") == 0
            await until(lambda: said_to(provider))
            provider.expect(PHONE, "08.00–16.00")
            with pytest.raises(CommandFailed, match="inside already"):
                await asyncio.to_thread(replay, service.settings, "w1")
            assert "<code>w1</code>" not in await dewi.page("/kanal")
        provider.check()


async def _news(database: Database) -> list[str]:
    async with database.read() as tx:
        return [row["text"] for row in await listing.everything(tx, "notification")]


async def test_what_nobody_has_sent_is_never_brought_in(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            provider.account(ACCOUNT, TOKEN, SENDER, message_url=service.webhook("message"))
            async with database.write() as tx:
                form = {"MessageSid": "SM00", "From": f"whatsapp:{PHONE}", "Body": "kirim jawaban ke sini"}
                refusal = turned_away.Refusal("3574", "whatsapp", wib("2026-11-20 10:00"), "secret", "x", "SM00", form)
                await turned_away.keep(tx, refusal)
            with pytest.raises(CommandFailed, match="does not know"):
                await asyncio.to_thread(replay, service.settings, "w1")
            with pytest.raises(CommandFailed, match="no such"):
                await asyncio.to_thread(replay, service.settings, "w7")
            with pytest.raises(CommandFailed, match="a number like"):
                await asyncio.to_thread(replay, service.settings, "x7")
        provider.check()


async def test_the_self_test_says_what_is_wrong(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            assert await webhook_complaint(service.url, "3574", ACCESS) == ""
            other = replace(ACCESS, auth_tokens=(Secret("lain"),))
            assert "refuses our own signature" in await webhook_complaint(service.url, "3574", other)
            assert "is unknown there" in await webhook_complaint(service.url, "9999", ACCESS)
            assert "cannot be reached" in await webhook_complaint(f"http://127.0.0.1:{free_port()}", "3574", ACCESS)
            assert "cannot be reached" in await webhook_complaint("http://[", "3574", ACCESS)
            assert await listing_is_empty(database)
        provider.check()


async def listing_is_empty(database: Database) -> bool:
    """Nothing of a self-test is stored."""
    async with database.read() as tx:
        return not await listing.everything(tx, "message")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(308, b"", {"Location": "https://pst.contoh.id/x"}), "redirects to https://pst.contoh.id/x"),
        (Reply(200, b"<html>selamat datang</html>"), "something else"),
        (Reply(502, b""), "answers 502"),
    ],
)
async def test_the_self_test_knows_what_stands_in_between(reply: Reply, words: str) -> None:
    async def handle(request: Request) -> Answer:
        return reply

    with Loopback(handle) as proxy:
        assert words in await webhook_complaint(proxy.url, "3574", ACCESS)


async def test_messages_are_counted_by_direction(database: Database, database_url: str, brain: Brain) -> None:
    with Provider() as provider:
        ceiling = {"PST_3574_MONTHLY_MESSAGES": "10"}
        async with running(provider, database, database_url, brain, **ceiling) as service, officer(service) as dewi:
            provider.account(ACCOUNT, TOKEN, SENDER, message_url=service.webhook("message"))
            await provider.user(PHONE).says("jam buka hari jumat?", times=5)
            await until(lambda: said_to(provider))
            provider.expect(PHONE)
            await provider.idle()
            page = " ".join((await dewi.page("/kanal")).split())
            assert "2 pesan dari batas 10 (20 %)" in page
            row = '<td>layanan (teks bebas)</td><td class="number">1</td><td class="number">1</td>'
            assert row in page
            async with dewi.web.get(f"{dewi.url}/metrics") as reply:
                metrics = await reply.text()
            assert 'pst_whatsapp_messages{category="service",direction="out",office="3574"} 1.0' in metrics
            assert 'pst_webhooks_refused{office="3574"} 0.0' in metrics
        provider.check()


async def test_check_live_logs_in_and_knocks_at_the_webhook(
    database: Database, database_url: str, brain: Brain, capsys: pytest.CaptureFixture[str]
) -> None:
    with Provider() as provider:
        async with running(provider, database, database_url, brain) as service:
            provider.account(ACCOUNT, TOKEN, SENDER)
            await asyncio.to_thread(check, service.settings, live=True)
            lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
            assert "ok 3574 whatsapp: answers" in lines
            assert "ok 3574 webhook: answers" in lines
            assert any(line.startswith("warning webhooks: http://127.0.0.1") for line in lines)
            provider.default.tokens[:] = ["another"]
            assert await asyncio.to_thread(check, service.settings, live=True) == 1
            assert "FAULT 3574 whatsapp: 20003" in " ".join(capsys.readouterr().out.split())
        provider.check()
