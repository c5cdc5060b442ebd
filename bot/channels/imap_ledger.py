"""The port to what is remembered of a mailbox. The store fills it; one call is one transaction, committed on return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from bot.core.arrivals import Received


class Position(Protocol):
    """How far a folder has been read, within one UIDVALIDITY.

    At or below `floor` lie the mails that were there when we first saw the folder under that number: of them only
    those that arrived since `since` concern us, and none once that look was finished (`since` is None then).
    """

    @property
    def floor(self) -> int: ...

    @property
    def last_uid(self) -> int: ...

    @property
    def since(self) -> date | None: ...


class Ledger(Protocol):
    """One office's memory of its mailbox."""

    async def open(self, folder: str, uidvalidity: int, uidnext: int, now: datetime) -> Position:
        """Where to go on; begins a new epoch when the folder is new or its numbers are."""
        ...

    async def unknown(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
        """Those of them that are not stored yet, in the same order."""
        ...

    async def take(self, folder: str, uidvalidity: int, uid: int, digest: str, received: Received) -> bool:
        """Store a mail and move the cursor, both or neither; False for a mail that has been taken before."""
        ...

    async def scanned(self, folder: str, uidvalidity: int) -> None:
        """The look at what was there before us is finished, and nothing was left out."""
        ...

    async def looked(self, folder: str, now: datetime) -> None:
        """A look through the folder has reached its end."""
        ...

    async def counted(self, folder: str, uidvalidity: int, theirs: int, ours: int, now: datetime) -> None:
        """Result of a reconciliation: the server has so many of the last days' mails, we so many of those."""
        ...
