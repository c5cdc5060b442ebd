"""What the played Twilio refuses, fails to deliver, and shows: as Twilio does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.channels.twilio_http import authorization
from tests.channels.whatsapp_scene import ACCOUNT, RINA, SENDER, TOKEN, TWO, letter, scene
from tests.standins.twilio import Provider

CONTENT: dict[str, Any] = {
    "friendly_name": "x", "language": "id", "variables": {"1": "a"}, "types": {"twilio/text": {"body": "Hai {{1}}"}},
}  # fmt: skip


def with_types(kind: str, **menu: Any) -> dict[str, Any]:
    return {**CONTENT, "types": {f"twilio/{kind}": menu}}


# --- taking -------------------------------------------------------------------------------------------------------


async def post(provider: Provider, changes: dict[str, str], user: str = ACCOUNT, token: str = TOKEN) -> str:
    """The code that a message is refused with at once; "" when it is taken."""
    form = {"To": f"whatsapp:{RINA}", "From": SENDER, "Body": "halo"} | changes
    url = f"{provider.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with aiohttp.ClientSession() as session:
        data = {name: value for name, value in form.items() if value}
        async with session.post(url, data=data, headers=authorization(user, token)) as reply:
            answer = await reply.json(content_type=None)
            return "" if reply.status == 201 else str(answer["code"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"To": "whatsapp:081230000001"}, "21211"),
        ({"To": RINA}, "21910"),
        ({"To": "whatsapp:ID.4566"}, ""),
        ({"From": "whatsapp:+6281230003574"}, "63007"),
        ({"Body": ""}, "21619"),
        ({"Body": "x" * 1601}, "21617"),
        ({"Body": "\U0001f64f" * 801}, "21617"),
        ({"Body": "x" * 1600}, ""),
        ({"StatusCallback": "kantor.example/status"}, "21609"),
        ({"ContentSid": "HX404"}, "21655"),
        ({"ContentSid": "approved", "ContentVariables": "{"}, "21656"),
        ({"ContentSid": "approved", "ContentVariables": '{"1": "a\\nb"}'}, "21656"),
        ({"ContentSid": "approved", "ContentVariables": '{"1": ""}'}, "21656"),
        ({"ContentSid": "approved", "ContentVariables": '{"1": "%s"}' % ("x" * 1601)}, "21658"),
        ({"ContentSid": "approved", "ContentVariables": '{"1": "a"}'}, ""),
    ],
)
@pytest.mark.asyncio
async def test_what_twilio_refuses_is_refused(changes: dict[str, str], code: str) -> None:
    async with scene() as s:
        if changes.get("ContentSid") == "approved":
            changes = changes | {"ContentSid": s.provider.approve(CONTENT).sid}
        assert await post(s.provider, changes) == code
        assert bool(s.provider.refused) == bool(code)
        for message in s.provider.sent:
            message.named = True


@pytest.mark.parametrize(("user", "token"), [(ACCOUNT, "wrong"), ("AC9", TOKEN)])
@pytest.mark.asyncio
async def test_who_has_no_credentials_is_refused(user: str, token: str) -> None:
    async with scene() as s:
        assert await post(s.provider, {}, user, token) == "20003"


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda p, rina: None, None),
        (lambda p, rina: rina.blocks(), "63014"),
        (lambda p, rina: rina.leaves_whatsapp(), "63024"),
        (lambda p, rina: setattr(p, "pair_burst", 0), "63018"),
    ],
)
@pytest.mark.asyncio
async def test_what_whatsapp_does_not_deliver_is_reported(prepare: Any, code: str | None) -> None:
    async with scene() as s:
        prepare(s.provider, s.rina)
        assert await post(s.provider, {}) == ""
        await s.provider.idle()
        assert s.provider.expect(RINA).error_code == code


@pytest.mark.asyncio
async def test_who_opted_out_is_not_written_to() -> None:
    async with scene() as s:
        s.rina.opts_out()
        assert await post(s.provider, {}) == "21610"


@pytest.mark.parametrize(("hours", "code"), [(23, None), (24, "63016"), (100, "63016")])
@pytest.mark.asyncio
async def test_the_window_shuts_after_a_day_and_a_word_opens_it(hours: int, code: str | None) -> None:
    async with scene() as s:
        s.clock.now += timedelta(hours=hours)
        assert await post(s.provider, {}) == ""
        await s.provider.idle()
        assert s.provider.expect(RINA).error_code == code
        await s.rina.says("halo")
        assert await post(s.provider, {}) == ""
        await s.provider.idle()
        assert s.provider.expect(RINA).error_code is None


@pytest.mark.asyncio
async def test_a_list_never_leaves_outside_the_window() -> None:
    async with scene() as s:
        s.clock.now += timedelta(hours=25)
        await s.channel().send(letter(options=TWO))
        await s.provider.idle()
        assert s.provider.expect(RINA).error_code == "63016"


# --- what the API shows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("definition", "good"),
    [
        (CONTENT, True),
        ({**CONTENT, "language": ""}, False),
        ({**CONTENT, "variables": {}}, False),
        (with_types("quick-reply", body="x" * 1025, actions=[{"title": "a", "id": "b"}]), False),
        (with_types("quick-reply", body="x", actions=[{"title": "a" * 21, "id": "b"}]), False),
        (with_types("quick-reply", body="x", actions=[]), False),
        (with_types("quick-reply", body="x", actions=[{"title": "a", "id": "b"}]), True),
        (with_types("list-picker", body="x", button="b", items=[]), False),
        (with_types("list-picker", body="x", items=[{"item": "a", "id": "b"}]), False),
        (with_types("poll", body="x"), False),
    ],
)
@pytest.mark.asyncio
async def test_the_content_api_keeps_its_limits(definition: dict[str, Any], good: bool) -> None:
    async with scene() as s, aiohttp.ClientSession() as session:
        url, headers = f"{s.provider.url}/v1/Content", authorization(ACCOUNT, TOKEN)
        async with session.post(url, json=definition, headers=headers) as reply:
            assert reply.status == (201 if good else 400)
            sid = (await reply.json()).get("sid")
        async with session.get(f"{url}/{sid}", headers=headers) as reply:
            assert reply.status == (200 if good else 404)


@pytest.mark.asyncio
async def test_a_form_where_json_is_wanted_makes_no_content() -> None:
    """Which is what the SDK's own async client would send."""
    async with scene() as s, aiohttp.ClientSession() as session:
        headers = authorization(ACCOUNT, TOKEN)
        async with session.post(f"{s.provider.url}/v1/Content", data={"a": "b"}, headers=headers) as reply:
            assert reply.status == 400


@pytest.mark.asyncio
async def test_messages_are_listed_newest_first_with_filters_and_pages() -> None:
    async with scene() as s:
        for n in range(5):
            await s.rina.says(str(n), lost=True)
            s.clock.now += timedelta(minutes=1)
        url = f"{s.provider.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        queries: tuple[tuple[dict[str, str], str], ...] = (
            ({}, "43210"), ({"To": SENDER}, "43210"), ({"From": SENDER}, ""), ({"PageSize": "2"}, "43"),
            ({"PageSize": "2", "Page": "2"}, "0"), ({"DateSent>": "2026-11-20T08:03:00Z"}, "43"),
            ({"DateSent<": "2026-11-20T08:01:00Z"}, "10"),
        )  # fmt: skip
        async with aiohttp.ClientSession(headers=authorization(ACCOUNT, TOKEN)) as session:
            for query, expected in queries:
                async with session.get(url, params=query) as reply:
                    assert "".join(m["body"] for m in (await reply.json())["messages"]) == expected, query
