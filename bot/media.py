"""Fetches what citizens attached: claim -> download -> keep -> record; the download is in no transaction.

A file comes later than its message and apart from it: the conversation goes on meanwhile. What cannot be had now is
tried again; what can never be had is told in the transcript and to staff.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.channels.port import DeliveryError, File, Media, Verdict
from bot.core.model import Channel
from bot.media_folder import MediaFolder
from bot.staff_wording import StaffWording
from bot.store import media, records
from bot.store.database import Database
from bot.store.media import Kept, Wanted

BATCH: Final = 4  # files at once: each may be 16 MB in memory
LEASE: Final = timedelta(minutes=5)
MOST_ATTEMPTS: Final = 8
MOST_PATIENCE: Final = timedelta(days=7)  # for faults that are not the file's
_DELAYS: Final = (15, 60, 300, 1800, 3600, 10800, 21600)  # seconds
_CHANNEL_REST: Final = timedelta(minutes=5)


class Fetches(Protocol):
    """A channel that keeps files for us. Raises DeliveryError, nothing else."""

    async def fetch(self, media: Media) -> File: ...


class MediaRunner:
    """Fetches for all offices. `ports` maps (office, channel) to who keeps its files."""

    def __init__(
        self, database: Database, ports: Mapping[tuple[str, Channel], Fetches], folder: MediaFolder,
        now: Callable[[], datetime], words: StaffWording,
    ) -> None:  # fmt: skip
        self._database = database
        self._ports = ports
        self._folder = folder
        self._now = now
        self._words = words
        self._log = logging.getLogger("pst.media")

    async def fetch_due(self) -> int:
        """Fetch everything that is due; returns how many files were tried."""
        tried = 0
        while batch := await self._take():
            await asyncio.gather(*(self._fetch(wanted) for wanted in batch))
            tried += len(batch)
        return tried

    async def sweep(self) -> int:
        """Delete files of the folder that belong to nobody any more."""

        async def owned(keys: Sequence[str]) -> set[str]:
            async with self._database.read() as tx:
                return await media.on_disk(tx, keys)

        return await self._folder.sweep(owned, self._now())

    async def _take(self) -> list[Wanted]:
        now = self._now()
        async with self._database.read() as tx:
            if not await media.is_due(tx, now):
                return []
        async with self._database.write() as tx:
            return await media.take(tx, now, now + LEASE, BATCH)

    async def _fetch(self, wanted: Wanted) -> None:
        port = self._ports.get((wanted.office, wanted.channel))
        if port is None:
            await self._lose(wanted, self._words.channel("file_no_channel"))
            return
        try:
            file = await port.fetch(Media(wanted.url, wanted.content_type, wanted.filename))
            await self._keep(wanted, file)
        except DeliveryError as error:
            await self._failed(wanted, error)
        except Exception as error:  # a full disk, a bug: the file stays at the provider, so it is tried again
            self._log.exception("a file could not be kept", extra={"media": wanted.id})
            words = self._words.channel("file_broken")
            await self._failed(wanted, DeliveryError(Verdict.TRY_AGAIN, type(error).__name__, words))

    async def _keep(self, wanted: Wanted, file: File) -> None:
        key = "" if file.refusal else await self._folder.put(wanted.conversation_id, file.content)
        kept = Kept(key, file.filename, file.content_type, len(file.content), file.refusal)
        async with self._database.write() as tx:
            await media.kept(tx, wanted, kept, self._now())

    async def _failed(self, wanted: Wanted, error: DeliveryError) -> None:
        ours = error.verdict is Verdict.CONFIGURATION
        spent = self._now() - wanted.created_at > MOST_PATIENCE if ours else wanted.attempts >= MOST_ATTEMPTS
        if spent or error.verdict is Verdict.REFUSED:
            await self._lose(wanted, error.words or error.code)
            return
        delay = _DELAYS[min(wanted.attempts, len(_DELAYS)) - 1]
        wait = _CHANNEL_REST if ours else timedelta(seconds=error.retry_after or delay)
        async with self._database.write() as tx:
            await media.later(tx, wanted, self._now() + wait, f"{error.code} {error.words}", counted=not ours)

    async def _lose(self, wanted: Wanted, words: str) -> None:
        """Staff are told once; the words stand at the file in the transcript as well."""
        async with self._database.write() as tx:
            if await media.lost(tx, wanted, words):
                await records.notify(
                    tx, wanted.office, "attachment", f"{wanted.filename}: {words}", self._now(), f"media:{wanted.id}",
                    conversation_id=wanted.conversation_id,
                    consultation_id=await media.newest_consultation(tx, wanted.conversation_id),
                )  # fmt: skip
