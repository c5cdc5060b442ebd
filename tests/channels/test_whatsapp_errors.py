"""Every error, at once and later: its verdict, its words, and what the provider's answer looked like."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)

from bot.channels.port import DeliveryError, Verdict
from bot.channels.twilio_errors import codes, fault, from_answer, from_exception, is_content_fault, is_known, is_opt_out
from bot.channels.twilio_http import Wire
from bot.channels.whatsapp_status import read_status
from tests.channels.whatsapp_scene import RINA, letter, scene

AGAIN, REFUSED, UNCERTAIN = Verdict.TRY_AGAIN, Verdict.REFUSED, Verdict.UNCERTAIN
WINDOW, CONFIGURATION = Verdict.WINDOW_CLOSED, Verdict.CONFIGURATION
CLASSES = {
    CONFIGURATION: """20003 20005 20403 20404 21609 21655 21910 63001 63007 63020 63022 63025 63027 63028 63051 63112
        132000 132001 132015 133010""",
    AGAIN: """20429 30001 30008 63005 63010 63011 63012 63017 63018 63019 63023 63038 130429 131000 131048 131056""",
    REFUSED: """14103 21211 21610 21614 21617 21619 21656 21658 63003 63006 63013 63014 63015 63021 63024 63029 63030
        63032 63033 63040 63041 63042 63049 131026 131049 131051 12345 99999""",
    WINDOW: "63016 131047",
    UNCERTAIN: "20500",
}
VERDICTS = {code: verdict for verdict, listed in CLASSES.items() for code in listed.split()}
OPT_OUTS = {"21610", "63014"}
CONTENT = {"21655", "21656", "21658", "63006", "63021", "63030", "131051"}
OURS = {"other", "network", "timeout", "pace", "too_long", "empty", "no_template", "132", "133"}
# Codes of the provider that no answer to a POST brings with these as its own status: 4xx means "not sent".
SYNC = sorted(code for code in VERDICTS if code != "20500")


@pytest.mark.parametrize("code", sorted(VERDICTS))
def test_a_code_has_its_verdict_and_words_for_staff(code: str) -> None:
    row = fault(code)
    assert row.verdict is VERDICTS[code]
    assert row.code == code
    assert re.match(r"[A-Z].{20,}[.]$", row.words)
    assert (is_opt_out(code), is_content_fault(code)) == (code in OPT_OUTS, code in CONTENT)


def test_every_row_of_the_table_is_tested() -> None:
    rows = {c for c in codes() if not c.startswith("media_")} - OURS
    assert rows <= set(VERDICTS)


@pytest.mark.asyncio
async def test_each_code_at_once() -> None:
    async with scene() as s:
        channel = s.channel()
        for code in SYNC:
            s.provider.next_send(code)
            s.clock.now = s.clock.now.replace(year=s.clock.now.year + 1)  # so that the pace never matters
            s.rina.wrote()
            with pytest.raises(DeliveryError) as caught:
                await channel.send(letter())
            assert caught.value.verdict is VERDICTS[code], code
            assert (caught.value.code, bool(caught.value.words)) == (code, True)


@pytest.mark.asyncio
async def test_each_code_later_by_a_report() -> None:
    async with scene() as s:
        channel = s.channel()
        reports: list[tuple[str, ...]] = []
        for code in sorted(VERDICTS):
            s.provider.next_send(code, later=True)
            s.clock.now = s.clock.now.replace(year=s.clock.now.year + 1)
            s.rina.wrote()
            receipt = await channel.send(letter(text=f"pesan {code}"))
            await s.provider.idle()
            message = s.provider.expect(RINA, f"pesan {code}")
            fields = {"MessageSid": message.sid, "MessageStatus": message.status, "ErrorCode": message.error_code or ""}
            report = read_status(fields, {}, channel._callbacks)
            assert (report.failed, report.code, report.words) == (True, code, fault(code).words)
            assert report.provider_id == receipt.provider_id
            assert fault(report.code).verdict is VERDICTS[code]
            reports.append((code, report.words))
        assert len(reports) == len(VERDICTS)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        ("4xx", REFUSED), ("5xx", UNCERTAIN), ("5xx-accepted", UNCERTAIN), ("html", UNCERTAIN), ("429", AGAIN),
        ("429-empty", AGAIN), ("cut", UNCERTAIN), ("cut-before", UNCERTAIN), ("timeout", UNCERTAIN),
        ("timeout-accepted", UNCERTAIN), ("garbage", UNCERTAIN), ("empty", UNCERTAIN),
    ],
)  # fmt: skip
@pytest.mark.asyncio
async def test_what_is_said_of_an_answer_without_a_known_code(outcome: str, verdict: Verdict) -> None:
    async with scene(timeout=0.3) as s:
        s.provider.next_send(outcome)
        with pytest.raises(DeliveryError) as caught:
            await s.channel().send(letter())
        assert caught.value.verdict is verdict
        for message in s.provider.unexpected():
            message.named = True


@pytest.mark.parametrize("problem", [False, True], ids=["classic body", "RFC 9457 body"])
@pytest.mark.asyncio
async def test_both_kinds_of_error_bodies_are_read(problem: bool) -> None:
    async with scene() as s:
        s.provider.next_send("63016", problem=problem)
        with pytest.raises(DeliveryError) as caught:
            await s.channel().send(letter())
        assert (caught.value.verdict, caught.value.code) == (WINDOW, "63016")


@pytest.mark.parametrize(("given_seconds", "expected"), [(7, 7.0), (None, None)])
@pytest.mark.asyncio
async def test_too_many_requests_wait_as_long_as_the_provider_says(
    given_seconds: int | None, expected: float | None
) -> None:
    async with scene() as s:
        s.provider.next_send("429", retry_after=given_seconds)
        with pytest.raises(DeliveryError) as caught:
            await s.channel().send(letter())
        assert (caught.value.code, caught.value.retry_after) == ("20429", expected)


@pytest.mark.asyncio
async def test_nobody_listening_means_not_sent() -> None:
    async with scene() as s:
        s.wire = Wire("http://127.0.0.1:1")
        with pytest.raises(DeliveryError) as caught:
            await s.channel().send(letter())
        assert (caught.value.verdict, caught.value.code) == (AGAIN, "network")
        await s.wire.close()


@pytest.mark.asyncio
async def test_wrong_credentials_are_our_own_fault() -> None:
    async with scene() as s:
        s.provider.default.tokens[:] = ["another token"]
        for ask in (s.channel().send(letter()), s.channel().check()):
            with pytest.raises(DeliveryError) as caught:
                await ask
            assert (caught.value.verdict, caught.value.code) == (CONFIGURATION, "20003")


@pytest.mark.parametrize(
    ("error", "posted", "verdict"),
    [
        (TwilioRestException(400, "/", code=21211), True, REFUSED),
        (TwilioRestException(400, "/", code=None), True, REFUSED),
        (TwilioRestException(401, "/", code=401), True, CONFIGURATION),
        (TwilioRestException(403, "/", code=403), True, CONFIGURATION),
        (TwilioRestException(408, "/", code=408), True, UNCERTAIN),
        (TwilioRestException(500, "/", code=63010), True, UNCERTAIN),
        (TwilioRestException(500, "/", code=500), False, AGAIN),
        (TwilioRestException(503, "/", code=20500), True, UNCERTAIN),
        (TwilioServiceException("t", "t", 400, 63016), True, WINDOW),
        (TwilioServiceException("t", "t", 502, 20500), True, UNCERTAIN),
        (TwilioException("no account"), True, UNCERTAIN),
        (TimeoutError(), True, UNCERTAIN),
        (TimeoutError(), False, AGAIN),
        (aiohttp.ServerDisconnectedError(), True, UNCERTAIN),
        (aiohttp.ConnectionTimeoutError(), True, AGAIN),
        (ConnectionResetError(), True, UNCERTAIN),
        (aiohttp.InvalidURL("x"), True, AGAIN),
        (ValueError("half a JSON"), True, UNCERTAIN),
        (DeliveryError(REFUSED, "x", "y"), True, REFUSED),
    ],
    ids=lambda v: f"{type(v).__name__}" if isinstance(v, BaseException) else str(v),
)
def test_what_any_exception_means(error: Exception, posted: bool, verdict: Verdict) -> None:
    assert from_exception(error, posted=posted).verdict is verdict


def test_a_tier_limit_lets_a_template_wait_for_the_next_day_and_a_reply_for_a_minute() -> None:
    assert from_answer(400, "63018", posted=True).retry_after == 60
    assert from_answer(400, "63018", posted=True, template=True).retry_after == 86400


@given(st.text(max_size=30), st.integers(400, 599), st.booleans())
def test_no_code_whatever_is_without_verdict_and_words(code: str, status: int, posted: bool) -> None:
    error = from_answer(status, code, posted=posted)
    assert error.words
    assert isinstance(error.verdict, Verdict)
    assert is_known(code) or fault(code).verdict is REFUSED


def test_the_table_says_where_it_comes_from() -> None:
    text = (Path(__file__).parents[2] / "bot/channels/whatsapp_errors.toml").read_text()
    assert "Sources:" in text
