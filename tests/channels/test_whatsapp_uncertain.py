"""Sends of unknown fate: found at the provider, or certainly not there; parts that are sent only once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.port import DeliveryError, Letter, Report, Verdict
from bot.channels.twilio_http import Wire
from bot.core.effects import Template
from tests.channels.whatsapp_scene import ACCOUNT, LONG, RINA, START, TWO, VALUES, Scene, letter, scene

UNKNOWN = ["timeout-accepted", "cut", "5xx-accepted", "garbage"]
LOST = ["timeout", "cut-before", "5xx", "html"]


async def lose(s: Scene, outcome: str, sent: Letter) -> None:
    s.provider.next_send(outcome)
    with pytest.raises(DeliveryError) as caught:
        await s.channel().send(sent)
    assert caught.value.verdict is Verdict.UNCERTAIN


@pytest.mark.parametrize("outcome", UNKNOWN)
@pytest.mark.asyncio
async def test_what_left_after_all_is_found(outcome: str) -> None:
    async with scene(timeout=0.3) as s:
        await lose(s, outcome, letter())
        assert await s.channel().find(letter(), START) == s.provider.expect(RINA).sid


@pytest.mark.parametrize("outcome", LOST)
@pytest.mark.asyncio
async def test_what_never_left_is_not_found(outcome: str) -> None:
    async with scene(timeout=0.3) as s:
        await lose(s, outcome, letter())
        assert await s.channel().find(letter(), START) is None


@pytest.mark.parametrize(
    "sent",
    [
        letter("Sudah jelas?\n\nAtau belum?", options=TWO),
        letter("x " * 600, options=TWO),
        letter("lang", template=Template.ANSWER_READY.value, variables=VALUES),
        letter("lang", template=Template.NEWS.value, variables=VALUES),
        letter("dua  spasi\n\n\nbaris"),
    ],
    ids=["buttons", "numbers", "template", "template without variables", "spaces"],
)
@pytest.mark.asyncio
async def test_every_form_of_a_message_is_recognised(sent: Letter) -> None:
    async with scene() as s:
        s.provider.next_send("cut")
        with pytest.raises(DeliveryError):
            await s.channel().send(sent)
        assert await s.channel().find(sent, START) == s.provider.expect(RINA).sid


@pytest.mark.asyncio
async def test_a_template_is_recognised_by_who_does_not_know_that_it_was_one() -> None:
    async with scene() as s:
        await s.channel().send(letter("Jawabannya.", template=Template.ANSWER_READY.value, variables=VALUES))
        again = letter("Jawabannya.", variables=VALUES)
        assert await s.channel().find(again, START) == s.provider.expect(RINA).sid


@pytest.mark.asyncio
async def test_another_message_is_not_taken_for_it() -> None:
    async with scene() as s:
        await s.channel().send(letter("Selamat pagi"))
        s.provider.expect(RINA)
        for text in ("Selamat", "Selamat pagi!", "pagi"):
            assert await s.channel().find(letter(text), START) is None
        assert await s.channel().find(letter(recipient="+6281230000002"), START) is None


@pytest.mark.asyncio
async def test_a_message_that_belongs_to_another_row_is_not_taken_for_it() -> None:
    async with scene() as s:
        receipt = await s.channel().send(letter())
        s.owned.add(receipt.provider_id or "")
        assert await s.channel().find(letter(token="token-2"), START) is None
        second = await s.channel().send(letter(token="token-2"))
        assert await s.channel().find(letter(token="token-2"), START) == second.provider_id
        s.provider.expect(RINA)
        s.provider.expect(RINA)


@pytest.mark.asyncio
async def test_a_message_of_long_ago_is_not_taken_for_it() -> None:
    async with scene() as s:
        await s.channel().send(letter())
        s.provider.expect(RINA)
        s.clock.now += timedelta(minutes=10)
        assert await s.channel().find(letter(), s.clock.now) is None
        assert await s.channel().find(letter(), s.clock.now - timedelta(minutes=10)) is not None


@pytest.mark.asyncio
async def test_a_message_that_failed_has_not_left() -> None:
    async with scene() as s:
        s.provider.next_send("63010", later=True)
        await s.channel().send(letter())
        await s.provider.idle()
        s.provider.expect(RINA)
        assert await s.channel().find(letter(), START) is None


@pytest.mark.asyncio
async def test_when_the_provider_cannot_be_asked_it_says_so() -> None:
    async with scene() as s:
        s.provider.default.tokens[:] = ["another"]
        with pytest.raises(DeliveryError) as caught:
            await s.channel().find(letter(), START)
        assert caught.value.verdict is Verdict.CONFIGURATION
        s.provider._server._handler = _broken  # type: ignore[assignment]
        with pytest.raises(DeliveryError) as caught:
            await s.channel().find(letter(), START)
        assert caught.value.verdict is Verdict.TRY_AGAIN
        s.provider._server.faults.clear()


async def _broken(request: object) -> None:
    raise RuntimeError("no answer today")


@pytest.mark.asyncio
async def test_an_answer_that_comes_too_late_is_none_and_the_message_is_found() -> None:
    async with scene(timeout=0.25) as s:
        s.provider.next_send("ok", delay=0.5)
        with pytest.raises(DeliveryError, match="timeout"):
            await s.channel().send(letter())
        s.provider.next_send("ok", delay=0.5)
        s.wire = Wire(s.provider.url)  # patient enough: when this one is answered the first has been taken too
        try:
            await s.channel().send(letter("pelan"))
            assert await s.channel().find(letter(), START) == s.provider.expect(RINA, "Selamat pagi").sid
        finally:
            await s.wire.close()
        s.provider.expect(RINA, "pelan")


@pytest.mark.asyncio
async def test_a_message_can_be_asked_about() -> None:
    async with scene() as s:
        channel = s.channel()
        s.provider.next_send("63024", later=True)
        lost = await channel.send(letter("satu"))
        good = await channel.send(letter("dua"))
        await s.provider.idle()
        s.provider.expect(RINA, "satu")
        s.provider.expect(RINA, "dua")
        assert await channel.status(good.provider_id or "") == Report(None, good.provider_id, 4)
        failed = await channel.status(lost.provider_id or "")
        assert (failed.failed, failed.code) == (True, "63024")
        with pytest.raises(DeliveryError, match="20404"):
            await channel.status("SM404")


# --- parts --------------------------------------------------------------------------------------------------------


def parts_of(s: Scene) -> list[str]:
    """Which parts the citizen has, in their order."""
    return [message.body[-4:-1].strip("()") for message in s.provider.sent]


def name_all(s: Scene) -> None:
    for message in s.provider.sent:
        message.named = True


@pytest.mark.parametrize("outcome", ["cut", "cut-before", "429", "63010"])
@pytest.mark.asyncio
async def test_only_the_parts_that_are_missing_are_sent_again(outcome: str) -> None:
    async with scene() as s:
        s.provider.next_send("ok")
        s.provider.next_send(outcome)
        with pytest.raises(DeliveryError):
            await s.channel().send(letter(LONG))
        assert await s.channel().find(letter(LONG), s.clock.now) is None
        s.clock.now += timedelta(minutes=2)
        receipt = await s.channel().send(letter(LONG))
        assert parts_of(s) == ["1/3", "2/3", "3/3"]
        assert receipt.provider_id == s.provider.sent[-1].sid
        name_all(s)


@pytest.mark.asyncio
async def test_when_all_parts_are_there_the_last_one_stands_for_the_letter() -> None:
    async with scene() as s:
        s.provider.next_send("ok", times=2)
        s.provider.next_send("cut")
        with pytest.raises(DeliveryError):
            await s.channel().send(letter(LONG))
        last = s.provider.sent[-1].sid
        assert await s.channel().find(letter(LONG), s.clock.now) == last
        assert (await s.channel().send(letter(LONG))).provider_id == last
        assert parts_of(s) == ["1/3", "2/3", "3/3"]
        name_all(s)


@pytest.mark.asyncio
async def test_a_process_that_died_between_two_parts_leaves_no_part_twice() -> None:
    """What a new process knows is only the row in the outbox."""
    async with scene() as s:
        s.provider.next_send("ok")
        s.provider.next_send("timeout", to="+6281230000009")
        first = s.channel()
        parcels = first._parcels(letter(LONG))
        await first._post(letter(LONG), parcels[0], 1, 3)
        s.provider.script.clear()
        await s.channel().send(letter(LONG))
        assert parts_of(s) == ["1/3", "2/3", "3/3"]
        name_all(s)


# --- what was missed ----------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_messages_that_never_arrived_are_found_in_the_providers_list() -> None:
    async with scene() as s:
        s.clock.now += timedelta(hours=1)
        await s.rina.says("halo", lost=True)
        s.clock.now += timedelta(minutes=5)
        await s.rina.sends_file(b"%PDF-1.7", "application/pdf", caption="surat", lost=True)
        note_to_self = await s.channel().send(letter(recipient=s.office.sender.removeprefix("whatsapp:")))
        assert s.provider.expect(s.office.sender).sid == note_to_self.provider_id
        await s.channel().send(letter())
        s.provider.expect(RINA)
        first, second = await s.channel().missed(s.clock.now - timedelta(minutes=10))
        assert (first["Body"], first["From"], first["AccountSid"]) == ("halo", f"whatsapp:{RINA}", ACCOUNT)
        assert (first["Source"], first["DateSent"]) == ("reconcile", "2026-11-20T09:00:00+00:00")
        assert second["NumMedia"] == "1"
        assert second["MediaContentType0"] == "application/pdf"
        assert second["MediaUrl0"].startswith("https://api.twilio.com/2010-04-01/Accounts/")
        assert await s.channel().missed(s.clock.now + timedelta(minutes=16)) == []


@pytest.mark.asyncio
async def test_a_long_list_is_read_to_its_end() -> None:
    async with scene() as s:
        for n in range(450):
            await s.rina.says(f"pesan {n}", lost=True)
            s.clock.now += timedelta(seconds=1)
        missed = await s.channel().missed(START)
        assert [m["Body"] for m in missed] == [f"pesan {n}" for n in range(450)]
