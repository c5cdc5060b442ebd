"""Fetches what a citizen attached, with the account's credentials, within limits, believing nothing about it.

The address comes from a signed webhook; the credentials are still shown to the provider's own hosts only. Twilio
answers with a redirect to a store, which must not see them. The file may be a few seconds later than its message.
Sources: Twilio, Media resource; 16 MB is the most that WhatsApp carries.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.channels.port import File, Media
from bot.channels.twilio_account import Account
from bot.channels.twilio_errors import fault, from_answer, from_exception
from bot.channels.twilio_http import CONNECT, Wire, authorization
from bot.channels.whatsapp_media_types import default_name, file_name, refusal, sniff

LARGEST: Final = 16 * 1024 * 1024
_WAITS: Final = (1.0, 2.0, 4.0)  # seconds before looking again for a file that is not there yet
_CHUNK: Final = 64 * 1024
_PATIENCE: Final = aiohttp.ClientTimeout(total=120, connect=CONNECT, sock_connect=CONNECT, sock_read=15)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


async def fetch(media: Media, account: Account, wire: Wire, pause: Callable[[float], Awaitable[None]]) -> File:
    """The file. Raises DeliveryError: try again later, refused (gone, too large), or configuration (credentials)."""
    url = wire.placed(media.url) if urlsplit(media.url).hostname == "api.twilio.com" else media.url
    if not wire.is_provider(url):
        raise fault("media_address").error()
    for wait in (*_WAITS, None):
        try:
            content = await _download(url, account, wire)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise from_exception(error, posted=False) from error
        if content is not None:
            return _file(media, content)
        if wait is not None:
            await pause(wait)
    raise fault("media_gone").error()


async def _download(url: str, account: Account, wire: Wire) -> bytes | None:
    """The bytes; None when there is nothing there (yet)."""
    credentials = authorization(account.account_sid, account.auth_tokens[0].value)
    async with wire.session().get(url, headers=credentials, allow_redirects=False, timeout=_PATIENCE) as reply:
        if reply.status not in _REDIRECTS:
            return await _content(reply)
        target = urljoin(url, reply.headers.get("Location", ""))
    if urlsplit(target).scheme != "https" and not wire.is_provider(target):
        raise fault("media_address").error()
    async with wire.session().get(target, allow_redirects=False, timeout=_PATIENCE) as reply:
        return await _content(reply)


async def _content(reply: aiohttp.ClientResponse) -> bytes | None:
    if reply.status == 404:
        return None
    if reply.status >= 300:
        raise from_answer(reply.status, str(reply.status), posted=False)
    if (reply.content_length or 0) > LARGEST:
        raise fault("media_too_large").error()
    content = bytearray()
    async for chunk in reply.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > LARGEST:
            raise fault("media_too_large").error()
    return bytes(content)


def _file(media: Media, content: bytes) -> File:
    if not content:
        raise fault("media_empty").error()
    kind = sniff(content, media.content_type)
    nameless = media.filename == default_name(media.content_type)
    name = default_name(kind) if nameless else file_name(media.filename, kind)
    return File(name, kind, content, refusal(content))
