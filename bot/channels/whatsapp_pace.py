"""How fast we may speak: to one person, and altogether.

Meta lets about one message in six seconds through to one user and tolerates short bursts; a sender may send 80
messages a second. A bucket holds what may leave at once and fills up with time. It is a value: the moment comes in,
a new bucket comes out.
Sources: Meta error 131056 (pair rate limit); Twilio, WhatsApp throughput (80 messages per second and sender).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

BURST: Final = 5
SECONDS_EACH: Final = 6.0
ACCOUNT_RATE: Final = 80.0  # messages a second
_MOST_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """`level` messages might have left at `at`; `capacity` at most, `rate` more each second."""

    capacity: float
    rate: float
    level: float
    at: datetime

    @classmethod
    def full(cls, capacity: float, rate: float, now: datetime) -> Bucket:
        return cls(capacity, rate, capacity, now)

    def filled(self, now: datetime) -> Bucket:
        """The bucket at `now`. A clock that went back adds nothing."""
        passed = max(0.0, (now - self.at).total_seconds())
        return Bucket(self.capacity, self.rate, min(self.capacity, self.level + passed * self.rate), now)

    def wait(self, count: int, now: datetime) -> float:
        """Seconds until `count` may leave together, 0.0 for now. More than fit at all leave when it is full."""
        lacking = min(float(count), self.capacity) - self.filled(now).level
        return max(0.0, lacking / self.rate)

    def taken(self, count: int, now: datetime) -> Bucket:
        """The bucket after `count` have left; it may go below zero, which is paid back."""
        now_filled = self.filled(now)
        return Bucket(self.capacity, self.rate, now_filled.level - count, now)


class Pace:
    """The buckets of one sender. Lives in one process; the provider's own limits stand behind it."""

    def __init__(
        self, burst: int = BURST, seconds_each: float = SECONDS_EACH, account_rate: float = ACCOUNT_RATE
    ) -> None:
        self._burst, self._rate, self._account_rate = float(burst), 1.0 / seconds_each, account_rate
        self._account: Bucket | None = None
        self._people: dict[str, Bucket] = {}

    def take(self, recipient: str, count: int, now: datetime) -> float:
        """Let `count` messages leave: 0.0, or the seconds to wait, with nothing taken."""
        account = self._account or Bucket.full(self._account_rate, self._account_rate, now)
        person = self._people.get(recipient) or Bucket.full(self._burst, self._rate, now)
        wait = max(account.wait(count, now), person.wait(count, now))
        if wait == 0.0:
            self._account, self._people[recipient] = account.taken(count, now), person.taken(count, now)
            self._forget(now)
        return wait

    def _forget(self, now: datetime) -> None:
        """A full bucket says nothing that a new one would not say."""
        if len(self._people) > _MOST_REMEMBERED:
            low = {who: b for who, b in self._people.items() if b.filled(now).level < b.capacity}
            self._people = low
