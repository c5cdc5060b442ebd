"""The clock and the dice of the composition root, apart from it: a command that needs only these loads fast."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def system_tokens() -> str:
    """A new unguessable name."""
    return str(uuid.uuid4())


def seeded_tokens(seed: int) -> Callable[[], str]:
    """The same names every time, for stories."""
    dice = random.Random(seed)
    return lambda: str(uuid.UUID(int=dice.getrandbits(128), version=4))
