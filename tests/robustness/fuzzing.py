"""Requests that nobody meant to send, to every route that there is, and an application to send them to.

The routes are asked from the application, so that a new one is fuzzed from its first day. Half of the requests know a
signed-in officer's session, his CSRF token, real numbers and a right signature, so that they come past the doors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

_PLACE = re.compile(r"{(\w+)(?::(\w+))?}")
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")
NASTY = (
    "", " ", "0", "-1", "1", "9" * 30, "1e9", "NaN", "true", "null", "\x00", "a\x00b", "\r\nSet-Cookie: a=b", "../..",
    "%2e%2e%2f", "%", "%zz", "%ff", "<script>", "' or 1=1 --", "{{7*7}}", "\u202e", "\ud83d\ude00", "é" * 500, "ا",
    "2026-02-30", "2026-13-01", "25:61", "9999-12-31", "0001-01-01", "0000-00-00", "3574", "3514", "9999",
    "3574-2026-000001", "whatsapp:", "whatsapp:+62", "whatsapp:ID.x", "a" * 5000, "[]", "{}", "/inbox/", "//contoh.id",
)  # fmt: skip
NAMES = (
    "MessageSid", "SmsSid", "From", "To", "Body", "NumMedia", "MediaUrl0", "MediaContentType0", "ProfileName", "WaId",
    "ExternalUserId", "ButtonPayload", "ButtonText", "ListId", "ListTitle", "Latitude", "Longitude", "MessageStatus",
    "SmsStatus", "ErrorCode", "EventType", "ChannelMetadata", "MessageType", "AccountSid", "OriginalRepliedMessageSid",
    "text", "subject", "kembali", "email", "password", "number", "consultation", "state", "view", "q", "page", "after",
    "first", "last", "opens", "closes", "reason", "rating", "id", "month", "office", "phone", "body", "key", "token",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """`signed`: with the signature that Twilio would make; `known`: in the officer's session."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Sequence[tuple[bytes, bytes]]
    signed: bool
    known: bool
    form: Sequence[tuple[str, str]] = field(default_factory=tuple)


def templates(app: Starlette) -> list[tuple[str, frozenset[str]]]:
    """Every route's path with its places, and its methods."""
    return sorted(_templates(app.routes, ""), key=lambda pair: pair[0])


def _templates(routes: Sequence[BaseRoute], above: str) -> Iterator[tuple[str, frozenset[str]]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _templates(route.routes, above + route.path)
            yield above + route.path + "/{path}", frozenset({"GET"})
        elif isinstance(route, Route):
            yield above + route.path, frozenset(route.methods or {"GET"})


def requests(routes: Sequence[tuple[str, frozenset[str]]], real: Mapping[str, Sequence[str]]) -> st.SearchStrategy[Any]:
    """`real`: values that exist, by the name of their place in a path."""
    return st.builds(_asked, st.sampled_from(routes), _choices(real), _pairs(), _pairs(), _bodies(), st.integers(0, 99))


def _choices(real: Mapping[str, Sequence[str]]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({name: st.sampled_from([*values, *values, *NASTY]) for name, values in real.items()})


def _pairs() -> st.SearchStrategy[list[tuple[str, str]]]:
    value = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
    return st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=10)), value), max_size=8)


def _bodies() -> st.SearchStrategy[bytes]:
    return st.one_of(st.just(b""), st.binary(max_size=200), st.just(b"x" * 70_000), st.just(b"a=%ff&b=%00&&&=&a=%"))


def _asked(
    route: tuple[str, frozenset[str]], places: Mapping[str, str], query: list[tuple[str, str]],
    form: list[tuple[str, str]], body: bytes, die: int,
) -> Asked:  # fmt: skip
    """`die` (0-99) decides what is right about the request."""
    template, methods = route
    path = _PLACE.sub(lambda m: quote(places.get(m[1], places["other"]).encode("utf-8", "replace"), safe=""), template)
    method = METHODS[die % len(METHODS)] if die < 10 else sorted(methods - {"HEAD"})[0]
    kind = b"application/x-www-form-urlencoded"
    if die % 10 == 1:
        kind = b"multipart/form-data; boundary=x"
    elif die % 10 == 2:
        kind = b"application/json; charset=unknown"
    as_form = die % 4 != 0
    content = urlencode(_encodable(form)).encode() if as_form else body
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode())]
    return Asked(
        method, path, urlencode(_encodable(query)), content, headers, die % 3 != 0, die % 5 != 0,
        tuple(_encodable(form)) if as_form else (),
    )  # fmt: skip


def _encodable(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Half a surrogate cannot travel."""
    return [(_clean(name), _clean(value)) for name, value in pairs]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


async def status_of(app: Starlette, asked: Asked, cookies: str) -> int:
    """The status of the answer, as a server would see it; what the application raises comes out."""
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": _unquoted(asked.path), "raw_path": asked.path.encode("ascii", "replace"), "root_path": "",
        "query_string": asked.query.encode("ascii"), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), *asked.headers, *([(b"cookie", cookies.encode())] if cookies else [])],
    }  # fmt: skip
    sent: list[int] = []
    told = iter([{"type": "http.request", "body": asked.body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(told, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    await app(scope, receive, send)
    return sent[0]


def _unquoted(path: str) -> str:
    return b"".join(_octets(path)).decode("utf-8", "replace")


def _octets(path: str) -> Iterator[bytes]:
    """As servers do it: %xx becomes that octet, everything else stays."""
    for part in re.split(r"(%[0-9A-Fa-f]{2})", path):
        yield bytes([int(part[1:], 16)]) if re.fullmatch(r"%[0-9A-Fa-f]{2}", part) else part.encode()
