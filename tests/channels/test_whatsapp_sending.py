"""Sending, against the played Twilio: text, templates, parts, pace; and what the provider was asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.port import Channel, DeliveryError, File, Receipt, Verdict
from bot.channels.whatsapp_status import read_status
from bot.core.effects import Template
from tests.channels.whatsapp_scene import LONG, NOBODY, RINA, SENDER, START, TWO, VALUES, Office, letter, scene


@pytest.mark.asyncio
async def test_a_text_leaves_as_it_is() -> None:
    async with scene() as s:
        port: Channel = s.channel()
        receipt = await port.send(letter("Selamat pagi \U0001f64f\n\n*Ada yang bisa dibantu?*"))
        sent = s.provider.expect(RINA, "Selamat pagi \U0001f64f\n\n*Ada yang bisa dibantu?*")
        assert receipt == Receipt(sent.sid, readable=False, messages=1, category="service")
        assert (sent.sender, sent.recipient, sent.content_sid) == (SENDER, f"whatsapp:{RINA}", None)


@pytest.mark.asyncio
async def test_whoever_hides_his_number_is_written_to_by_his_id() -> None:
    async with scene() as s:
        budi = s.provider.user("+6281230000002", hides_number=True)
        budi.wrote()
        assert budi.bsuid is not None
        await s.channel().send(letter(recipient=budi.bsuid))
        assert s.provider.expect(budi.bsuid).recipient == f"whatsapp:{budi.bsuid}"


@pytest.mark.asyncio
async def test_reports_come_to_an_address_that_names_the_message() -> None:
    async with scene() as s:
        channel = s.channel()
        await channel.send(letter())
        sent = s.provider.expect(RINA)
        assert sent.callback is not None
        assert sent.callback.startswith(f"{NOBODY}/webhooks/twilio/3514/status?oid=token-1&")
        query = dict(pair.split("=") for pair in sent.callback.partition("#")[0].partition("?")[2].split("&"))
        report = read_status({"MessageSid": sent.sid, "MessageStatus": "delivered"}, query, channel._callbacks)
        assert (report.token, report.provider_id, report.rank) == ("token-1", sent.sid, 4)


# --- templates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.asyncio
async def test_a_template_leaves_when_the_window_is_shut(template: Template) -> None:
    async with scene() as s:
        s.clock.now += timedelta(hours=25)
        await s.channel().send(letter("lang", template=template.value, variables=VALUES, options=TWO))
        await s.provider.idle()
        sent = s.provider.expect(RINA)
        assert sent.status == "delivered"
        assert sent.content_sid == s.office.templates[template]
        assert "lang" not in sent.body.split()
        if template is not Template.NEWS:
            assert "3514-2026-000001" in sent.body
            assert "Jumat 20 November 2026" in sent.body


@pytest.mark.asyncio
async def test_free_text_fails_when_the_window_is_shut() -> None:
    async with scene() as s:
        s.clock.now += timedelta(hours=25)
        await s.channel().send(letter())
        await s.provider.idle()
        assert s.provider.expect(RINA).error_code == "63016"


@pytest.mark.parametrize("name", [Template.RATING.value, "no_such_template"])
@pytest.mark.asyncio
async def test_a_template_that_is_not_configured_is_our_own_fault(name: str) -> None:
    async with scene() as s:
        with pytest.raises(DeliveryError) as caught:
            await s.channel(Office()).send(letter(template=name))
        assert (caught.value.verdict, caught.value.code) == (Verdict.CONFIGURATION, "no_template")
        assert not s.provider.requests


# --- long texts, files, nothing -----------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_long_text_leaves_in_numbered_parts_in_their_order() -> None:
    async with scene() as s:
        receipt = await s.channel().send(letter(LONG))
        sent = [s.provider.expect(RINA, f"({n}/3)") for n in (1, 2, 3)]
        assert [m.sid for m in s.provider.sent] == [m.sid for m in sent]
        assert receipt.provider_id == sent[-1].sid
        assert s.clock.waits == [1.0, 1.0]


@pytest.mark.asyncio
async def test_a_text_that_no_three_messages_hold_is_refused_unsent() -> None:
    async with scene() as s:
        with pytest.raises(DeliveryError) as caught:
            await s.channel().send(letter("kata " * 2000, options=TWO))
        assert (caught.value.verdict, caught.value.code) == (Verdict.REFUSED, "too_long")
        assert not s.provider.requests


@pytest.mark.parametrize("text", ["", "  \n "])
@pytest.mark.asyncio
async def test_nothing_is_not_sent(text: str) -> None:
    async with scene() as s:
        with pytest.raises(DeliveryError, match="empty"):
            await s.channel().send(letter(text))


@pytest.mark.asyncio
async def test_a_file_that_cannot_travel_is_spoken_of() -> None:
    async with scene() as s:
        await s.channel().send(letter("Terlampir.", files=[File("tabel.xlsx", "application/x", b"1")]))
        assert "Lampiran tabel.xlsx tidak dapat dikirim lewat WhatsApp" in s.provider.expect(RINA, "Terlampir.").body


# --- pace ---------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_sixth_message_in_a_row_has_to_wait_and_is_not_sent() -> None:
    async with scene() as s:
        channel = s.channel()
        for n in range(5):
            await channel.send(letter(f"pesan {n}"))
            s.provider.expect(RINA, f"pesan {n}")
        with pytest.raises(DeliveryError) as caught:
            await channel.send(letter("pesan 6"))
        assert (caught.value.verdict, caught.value.code) == (Verdict.TRY_AGAIN, "pace")
        assert caught.value.retry_after == pytest.approx(6.0)
        s.clock.now += timedelta(seconds=5.5)
        await channel.send(letter("pesan 6"))
        assert s.clock.waits == [pytest.approx(0.5)], "a short wait is waited for"
        s.provider.expect(RINA, "pesan 6")


# --- nothing at all -----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_the_credentials_can_be_checked_without_sending() -> None:
    async with scene() as s:
        await s.channel().check()
        assert s.provider.requests == [("GET", f"/2010-04-01/Accounts/{s.office.account_sid}.json")]


def test_the_clock_of_the_tests_stands() -> None:
    assert letter().created_at == START
