"""What arrives at the door, before anybody has understood it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.model import Channel


@dataclass(frozen=True, slots=True)
class Received:
    """One thing at the door. `provider_key` is unique for (office, channel); `ready_at`: not to be handled before."""

    office: str
    channel: Channel
    kind: str
    provider_key: str
    address: str
    received_at: datetime
    ready_at: datetime
    fields: Mapping[str, Any]
    raw: bytes | None = None
