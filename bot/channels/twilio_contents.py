"""The shelf of Content resources: made once, found again by name, never one per message.

The provider itself is the memory: what exists is listed once per process, so that a restart or a second process makes
nothing anew. When listing or making fails the shelf stays shut for a while and messages leave as plain text.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from twilio.rest.content.v1.content import ContentList  # type: ignore[import-untyped]

from bot.channels.twilio_errors import from_exception
from bot.channels.whatsapp_content import Shape

MOST: Final = 300  # of ours in one account; beyond that, plain text
SHUT: Final = timedelta(minutes=10)
PATIENCE: Final = 20.0  # seconds that a message waits for its buttons
_PAGE: Final = 500
_PREFIX: Final = "pst_"


class Shelf:
    """The Content resources of one account. `client` is the SDK's, `now` the clock."""

    def __init__(self, client: Any, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._sids: dict[str, str] | None = None
        self._withdrawn: set[str] = set()
        self._shut_until: datetime | None = None
        self._lock = asyncio.Lock()
        self._log = logging.getLogger("pst.whatsapp")

    async def sid(self, shape: Shape) -> str | None:
        """The Content SID for a shape, made if need be; None when it cannot be had now. Never raises."""
        name = shape.name
        if name in self._withdrawn or self._shut():
            return None
        if self._sids is not None and name in self._sids:
            return self._sids[name]
        try:
            async with asyncio.timeout(PATIENCE), self._lock:
                return await self._find_or_make(name, shape)
        except Exception as error:
            self._shut_until = self._now() + SHUT
            code = from_exception(error, posted=False).code
            self._log.warning("no buttons for a while", extra={"code": code, "content": name})
            return None

    def withdraw(self, shape: Shape) -> None:
        """The provider does not take messages of this shape: plain text from now on, until the next start."""
        self._withdrawn.add(shape.name)
        self._log.warning("buttons refused", extra={"content": shape.name})

    def _shut(self) -> bool:
        return self._shut_until is not None and self._now() < self._shut_until

    async def _find_or_make(self, name: str, shape: Shape) -> str | None:
        if self._shut():
            return None
        if self._sids is None:
            self._sids = await self._listed()
        if name not in self._sids:
            if len(self._sids) >= MOST:
                return None
            self._sids[name] = await self._made(name, shape)
        return self._sids[name]

    async def _listed(self) -> dict[str, str]:
        contents = await self._client.content.v1.contents.list_async(page_size=_PAGE)
        return {str(c.friendly_name): str(c.sid) for c in contents if str(c.friendly_name).startswith(_PREFIX)}

    async def _made(self, name: str, shape: Shape) -> str:
        request = ContentList.ContentCreateRequest({"friendly_name": name, **shape.definition})
        content = await self._client.content.v1.contents.create_async(request)
        if not content.sid:
            raise ValueError("a content without a SID")
        return str(content.sid)
