"""The folder of the files that citizens sent: each under the hash that names it, private to the service.

A file is complete or not there: it is written under another name, flushed, and renamed. Which files belong to somebody
is in the database; what nobody owns any more (an erased citizen's, one whose row was never committed) is swept away.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

YOUNG: Final = timedelta(hours=1)  # a file whose row may still be on its way
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_BATCH: Final = 500


class MediaFolder:
    """Files by key. Several processes may share the folder; on several machines it has to be a shared one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def put(self, conversation_id: int, content: bytes) -> str:
        """Keep a file; returns its key: the hash of the content and of whose it is. Raises OSError."""
        key = hashlib.sha256(b"%d:" % conversation_id + content).hexdigest()
        await asyncio.to_thread(self._write, key, content)
        return key

    async def bring_back(self, key: str, content: bytes) -> None:
        """Keep a file of a backup under the key that it had. Raises OSError."""
        await asyncio.to_thread(self._write, key, content)

    async def has(self, key: str) -> bool:
        return await asyncio.to_thread(self._place(key).exists)

    async def get(self, key: str) -> bytes | None:
        """The content; None when this machine does not have it."""
        return await asyncio.to_thread(self._read, key)

    async def sweep(self, owned: Callable[[Sequence[str]], Awaitable[set[str]]], now: datetime) -> int:
        """Delete what belongs to nobody; `owned` tells which keys do. Returns how many files went."""
        old = await asyncio.to_thread(self._older_than, now - YOUNG)
        gone = 0
        for start in range(0, len(old), _BATCH):
            batch = old[start : start + _BATCH]
            mine = await owned([path.name for path in batch])
            orphans = [path for path in batch if path.name not in mine]
            await asyncio.to_thread(_delete, orphans)
            gone += len(orphans)
        return gone

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("not a key")
        return self.path / key[:2] / key

    def _write(self, key: str, content: bytes) -> None:
        place = self._place(key)
        if place.exists():
            os.utime(place)  # young again: its new row may still be on its way
            return
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        half = place.with_name(f"{key}.{os.getpid()}.part")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(place)
        _flush_folder(place.parent)

    def _read(self, key: str) -> bytes | None:
        try:
            return self._place(key).read_bytes()
        except FileNotFoundError:
            return None

    def _older_than(self, moment: datetime) -> list[Path]:
        if not self.path.is_dir():
            return []
        found = [path for folder in self.path.iterdir() if folder.is_dir() for path in folder.iterdir()]
        return [path for path in found if _written(path) < moment.timestamp()]


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # swept by another process meanwhile
        return float("inf")


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """The name is on the disk as well, not only the content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
