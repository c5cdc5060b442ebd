"""aioimaplib's protocol, taught to fail instead of hanging. Only its public methods are used and replaced.

What the library (2.0.3) does by itself, and what is done about it here:

    drops a lost connection on the floor, commands wait on       `conn_lost_cb` ends every wait (imap_client.py)
    recurses once a line: a thousand lines in one chunk kill     chunks are fed to it in small pieces
    a failure in reading is logged and nobody is told            the connection is cut, which everybody notices
    ignores the server's "+ ..." to a refused XOAUTH2            answered with the empty line that ends the exchange
    swallows "* 4 EXISTS" outside of IDLE                        noticed before the library reads it
    logs whole mails and access tokens at DEBUG and INFO         its loggers are set to WARNING
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from aioimaplib import IMAP4ClientProtocol

PIECE: Final = 4096  # bytes; the shortest line is 7 bytes, so at most 585 of the 1,000 frames that Python allows
_NEWS: Final = b" EXISTS"


class ImapProtocol(IMAP4ClientProtocol):  # type: ignore[misc]  # the library has no types
    """One connection. `news` is set whenever the server may have told of a further mail: once too often is harmless."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lost: Callable[[Exception | None], None]) -> None:
        super().__init__(loop, lost)
        self.news = asyncio.Event()
        self.authenticating = False
        self._tail = b""

    def data_received(self, d: bytes) -> None:
        if _NEWS in self._tail + d:
            self.news.set()
        self._tail = d[-len(_NEWS) :]
        if self.authenticating and d.startswith(b"+"):
            self.transport.write(b"\r\n")
        try:
            for start in range(0, len(d), PIECE):
                super().data_received(d[start : start + PIECE])
        except Exception:  # whatever it stumbled over, what it would read next is out of step
            self.transport.abort()

    async def welcome(self, command: bytes) -> None:
        """Runs in a task of the library that nobody looks at; a refusal in the greeting must not end there."""
        try:
            await super().welcome(command)
        except Exception:
            self.transport.abort()


def quiet() -> None:
    """No mail and no token may reach a log, whatever level the rest of the program runs at."""
    for name in ("aioimaplib", "aioimaplib.aioimaplib"):
        logging.getLogger(name).setLevel(logging.WARNING)
