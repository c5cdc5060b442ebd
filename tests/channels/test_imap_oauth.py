"""Access tokens: asked for once, kept until they end, renewed when refused, never shown."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.mail_access import TokenError, masked
from bot.channels.mail_oauth import Grant, GrantedTokens, read_grant
from tests.standins.loopback import Answer, Cut, Loopback, Reply, Request, Silence

RIGHTS = {"client_id": "c", "client_secret": "s3cret", "refresh_token": "r1", "scope": "mail"}
T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class TokenServer:
    """Gives token-1, token-2, ...; `answers` come first."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        self.extra: dict[str, Any] = {}
        self._server = Loopback(self._answer)

    def __enter__(self) -> TokenServer:
        self._server.__enter__()
        return self

    def __exit__(self, *known: Any) -> None:
        self._server.__exit__(*known)

    @property
    def url(self) -> str:
        return f"{self._server.url}/token"

    async def _answer(self, request: Request) -> Answer:
        self.asked.append(request.form())
        if self.answers:
            return self.answers.pop(0)
        body = {"access_token": f"token-{len(self.asked)}", "expires_in": 3600, **self.extra}
        return Reply(200, json.dumps(body).encode(), {"Content-Type": "application/json"})


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer() as made:
        yield made


class Desk:
    def __init__(self, file: Path) -> None:
        self.file, self.now = file, T0
        self.tokens = GrantedTokens(file, lambda: self.now, timeout=0.3)


@pytest.fixture
async def desk(server: TokenServer, tmp_path: Path) -> AsyncIterator[Desk]:
    file = tmp_path / "grant.json"
    file.write_text(json.dumps({"token_url": server.url, **RIGHTS, "note": "kept"}))
    yield Desk(file)


async def test_a_token_is_asked_for_once_for_all(server: TokenServer, desk: Desk) -> None:
    assert set(await asyncio.gather(*(desk.tokens() for _ in range(10)))) == {"token-1"}
    assert server.asked == [{"grant_type": "refresh_token", **RIGHTS}]


async def test_a_token_is_replaced_before_it_ends(server: TokenServer, desk: Desk) -> None:
    assert await desk.tokens() == "token-1"
    desk.now += timedelta(minutes=58)
    assert await desk.tokens() == "token-1"
    desk.now += timedelta(minutes=1, seconds=1)
    assert await desk.tokens() == "token-2"


async def test_two_who_were_refused_the_same_token_get_one_new_one(server: TokenServer, desk: Desk) -> None:
    await desk.tokens()
    assert set(await asyncio.gather(desk.tokens(renew=True), desk.tokens(renew=True))) == {"token-2"}


async def test_a_new_refresh_token_is_kept(server: TokenServer, desk: Desk) -> None:
    server.extra = {"refresh_token": "r2", "expires_in": "30"}
    await desk.tokens()
    kept = json.loads(desk.file.read_text())
    assert (kept["refresh_token"], kept["note"], kept["client_secret"]) == ("r2", "kept", "s3cret")
    assert desk.file.stat().st_mode & 0o077 == 0
    await desk.tokens()
    assert server.asked[1]["refresh_token"] == "r2"


async def test_a_client_may_ask_for_itself(server: TokenServer, desk: Desk) -> None:
    desk.file.write_text(json.dumps({"token_url": server.url, "client_id": "c", "client_secret": "s"}))
    await desk.tokens()
    assert server.asked == [{"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}]


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (Reply(400, b'{"error":"invalid_grant","error_description":"r1 expired"}'), True),
        (Reply(401, b'{"error":"invalid_client"}'), True),
        (Reply(500, b"oops"), False),
        (Reply(429, b'{"error":"slow_down"}'), False),
        (Reply(302, b"", {"Location": "/elsewhere"}), False),
        (Reply(200, b"[]"), False),
        (Reply(200, b'{"access_token":7}'), False),
        (Cut(), False),
        (Silence(), False),
    ],
)
async def test_without_a_token(answer: Answer, permanent: bool, server: TokenServer, desk: Desk) -> None:
    server.answers = [answer]
    with pytest.raises(TokenError) as caught:
        await desk.tokens()
    assert caught.value.permanent is permanent
    assert "r1" not in str(caught.value)
    assert await desk.tokens() == "token-2", "the next try is made"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"token_url":"http://contoh.id/","client_id":"c"}',
        '{"token_url":"https://x","client_id":7}',
    ],
)
def test_a_grant_that_cannot_be_used_is_told(text: str, tmp_path: Path) -> None:
    file = tmp_path / "grant.json"
    file.write_text(text)
    with pytest.raises(TokenError, match=r"grant\.json"):
        read_grant(file)


async def test_nothing_shows_a_secret(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await desk.tokens()
    shown = f"{caplog.text} {Grant('https://x', 'c', 's3cret', 'r1')!r}"
    for secret in ("token-1", "s3cret", "'r1'"):
        assert secret not in shown


@pytest.mark.parametrize(("address", "shown"), [("rina@contoh.id", "r***@contoh.id"), ("rina", "***"), ("", "***")])
def test_an_address_in_a_log_names_nobody(address: str, shown: str) -> None:
    assert masked(address) == shown
