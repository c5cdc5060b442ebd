"""Taking mails out of a selected folder: look, fetch, store, and only then mark.

A mail counts as taken when the ledger has committed it; whatever breaks before that is seen again at the next look.
Marks and unread signs steer nothing: people read the same mailbox.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.channels.imap_client import KEYWORD, SLICE, Imap, ImapRefused, Selected
from bot.channels.imap_ledger import Ledger, Position
from bot.channels.imap_mails import Arrival, Place, arrival, beginning, readable_part
from bot.channels.imap_reading import Headline, junk_folder, search_date

LARGEST: Final = 25_000_000  # bytes; of a larger mail the head and the first part are taken
LONGEST_PART: Final = 1_000_000  # bytes of that part
OVERLAP: Final = 50  # UIDs before the cursor that are looked at again: some servers show a lower one after a higher
MOST_TRIES: Final = 3  # then a mail that cannot be fetched is left for the next reconciliation
RECONCILED: Final = timedelta(days=7)
BESIDE: Final = 100_000  # bytes; larger mails are read in a thread


@dataclass(frozen=True, slots=True)
class Tally:
    """The last days' mails: on the server, and of those with us. `spam`: unread ones in Spam, None if unknown."""

    theirs: int
    ours: int
    spam: int | None


class Intake:
    """One office's folder. Keeps nothing between looks but which mails made trouble."""

    def __init__(self, office: str, ledger: Ledger, clock: Callable[[], datetime], *, largest: int = LARGEST) -> None:
        self._office = office
        self._ledger = ledger
        self._clock = clock
        self._largest = largest
        self._troubles: Counter[Place] = Counter()
        self._log = logging.getLogger("pst.mail")

    def forgive(self) -> None:
        """Give the mails that could not be fetched another chance."""
        self._troubles.clear()

    async def look(self, imap: Imap, box: Selected) -> int:
        """Take in whatever is new; returns how many were. Raises ImapError."""
        imap.news.clear()
        position = await self._position(imap, box)
        taken = await self._take_all(imap, box, await self._wanted(imap, position))
        if position.since is not None and not self._troubles:
            await self._ledger.scanned(box.name, box.uidvalidity)
        await self._ledger.looked(box.name, self._clock())
        return taken

    async def reconcile(self, imap: Imap, box: Selected) -> Tally:
        """Compare the last days with the server, take in what is missing, count what still is. Raises ImapError."""
        _, missing = await self._compare(imap, box)
        if missing:
            self._log.warning("mails were missing", extra={"office": self._office, "count": len(missing)})
            await self._take_all(imap, box, missing)
        ours, missing = await self._compare(imap, box)
        theirs = ours + len(missing)
        await self._ledger.counted(box.name, box.uidvalidity, theirs, ours, self._clock())
        return Tally(theirs, ours, await self._spam(imap))

    # --- which ones ------------------------------------------------------------------------------------------------

    async def _position(self, imap: Imap, box: Selected) -> Position:
        uidnext = box.uidnext or max(await imap.search("UID", "*"), default=0) + 1
        return await self._ledger.open(box.name, box.uidvalidity, uidnext, self._clock())

    async def _wanted(self, imap: Imap, position: Position) -> list[int]:
        """UIDs worth a look, some of them known. `n:*` always names the newest mail, however low its number."""
        start = max(position.floor, position.last_uid - OVERLAP) + 1
        new = [uid for uid in await imap.search("UID", f"{start}:*") if uid >= start]
        return [*await self._history(imap, position), *new]

    async def _history(self, imap: Imap, position: Position) -> list[int]:
        """What was there before us and concerns us nevertheless; nothing once it has been taken."""
        if position.since is None or position.floor == 0:
            return []
        return await imap.search("UID", f"1:{position.floor}", "SINCE", search_date(position.since))

    async def _compare(self, imap: Imap, box: Selected) -> tuple[int, list[int]]:
        """Of the last days' mails on the server: how many we have, and which we lack, history from before us aside."""
        position = await self._position(imap, box)
        theirs = await imap.search("SINCE", search_date((self._clock() - RECONCILED).date()))
        unknown = await self._unknown(box, theirs)
        history = set(await self._history(imap, position))
        return len(theirs) - len(unknown), [uid for uid in unknown if uid > position.floor or uid in history]

    async def _unknown(self, box: Selected, uids: Sequence[int]) -> list[int]:
        return await self._ledger.unknown(box.name, box.uidvalidity, uids)

    # --- taking ----------------------------------------------------------------------------------------------------

    async def _take_all(self, imap: Imap, box: Selected, uids: Sequence[int]) -> int:
        unknown = await self._unknown(box, uids)
        wanted = [uid for uid in unknown if self._troubles[_place(box, uid)] < MOST_TRIES]
        taken = 0
        for start in range(0, len(wanted), SLICE):
            taken += await self._take_slice(imap, box, wanted[start : start + SLICE])
        return taken

    async def _take_slice(self, imap: Imap, box: Selected, uids: Sequence[int]) -> int:
        heads = await imap.headlines(uids)
        taken = 0
        for head in heads:
            mail = await self._fetch(imap, box, head)
            if mail is not None:
                taken += await self._ledger.take(box.name, box.uidvalidity, head.uid, mail.digest, mail.received)
        await self._mark(imap, box, heads)
        return taken

    async def _mark(self, imap: Imap, box: Selected, heads: Iterable[Headline]) -> None:
        """For the people who read the same mailbox; a server that will not have it is no fault."""
        unmarked = [head.uid for head in heads if KEYWORD.lower() not in head.flags]
        if unmarked and box.takes_keywords:
            try:
                await imap.mark(unmarked)
            except ImapRefused as error:
                self._log.info("mails cannot be marked", extra={"office": self._office, "reason": str(error)})

    async def _fetch(self, imap: Imap, box: Selected, head: Headline) -> Arrival | None:
        """None for a mail that somebody has moved away meanwhile, or that the server will not hand over."""
        place = _place(box, head.uid)
        self._troubles[place] += 1
        try:
            raw = await self._raw(imap, head)
        except ImapRefused as error:
            why = {"office": self._office, "uid": head.uid, "reason": str(error)}
            self._log.warning("a mail cannot be fetched", extra=why)
            return None
        mail = None if raw is None else await self._read(raw, place, head)
        del self._troubles[place]
        return mail

    async def _raw(self, imap: Imap, head: Headline) -> bytes | None:
        if head.size <= self._largest:
            return await imap.section(head.uid, "", head.size)
        fields = await imap.section(head.uid, "HEADER", BESIDE)
        if fields is None:
            return None
        described = await imap.section(head.uid, "1.MIME", BESIDE) or b""
        part = await imap.section(head.uid, "1", LONGEST_PART, LONGEST_PART) if readable_part(described) else b""
        return beginning(fields, described, part or b"")

    async def _read(self, raw: bytes, place: Place, head: Headline) -> Arrival:
        full_size = head.size if head.size > self._largest else None

        def read() -> Arrival:
            return arrival(
                raw, place, self._office, internal_date=head.received_at, now=self._clock(), full_size=full_size
            )

        return await asyncio.to_thread(read) if len(raw) > BESIDE else read()

    # --- Spam ------------------------------------------------------------------------------------------------------

    async def _spam(self, imap: Imap) -> int | None:
        """How many unread mails lie in Spam, where first mails of citizens like to land. Read only; None if unknown."""
        try:
            junk = junk_folder(await imap.folders())
            if junk is None:
                return None
            figures = await imap.status(junk.name, "MESSAGES", "UNSEEN", "UIDVALIDITY")
        except ImapRefused:
            return None
        count, unread = figures.get("MESSAGES", 0), figures.get("UNSEEN", 0)
        await self._ledger.counted(junk.name, figures.get("UIDVALIDITY", 0), count, 0, self._clock())
        return unread


def _place(box: Selected, uid: int) -> Place:
    return Place(box.name, box.uidvalidity, uid)
