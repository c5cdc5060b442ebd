"""Wrong passwords, counted in memory: who guesses must wait. One process counts for itself, which is enough."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta

MOST = 5
WITHIN = timedelta(minutes=5)
_MOST_KEYS = 10_000


class WrongTries:
    """Counts by any key (an address, a client); `wait` says how long a key with too many must wait."""

    def __init__(self, most: int = MOST, within: timedelta = WITHIN) -> None:
        self._most = most
        self._within = within
        self._tries: dict[str, deque[datetime]] = {}

    def wait(self, keys: Iterable[str], now: datetime) -> timedelta | None:
        """The longest wait of these keys, None when all may try."""
        waits = [self._recent(key, now)[0] + self._within - now for key in keys if self._is_full(key, now)]
        return max(waits, default=None)

    def add(self, keys: Iterable[str], now: datetime) -> None:
        for key in keys:
            self._tries.setdefault(key, deque(maxlen=self._most)).append(now)
        if len(self._tries) > _MOST_KEYS:
            self._tries = {key: tries for key, tries in self._tries.items() if tries[-1] > now - self._within}

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)

    def _is_full(self, key: str, now: datetime) -> bool:
        return len(self._recent(key, now)) >= self._most

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        tries = self._tries.get(key, deque())
        while tries and tries[0] <= now - self._within:
            tries.popleft()
        return tries
