"""A scenario file (TOML) -> Scenario. The shape is fixed by the contract of `pst simulate`; faults name their step.

Beyond the contract, for our own stories: `templates = false` (no template is approved), a step's `announce` (staff
announce closed days or other hours), `asleep` (the service is down until this step's moment), and further expectations.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.core.model import Channel

StaffAction = Literal[
    "take_over", "release", "answer", "note", "close", "reopen", "transfer", "approve_deletion"
]  # fmt: skip
_WAIT = re.compile(r"(\d+)\s+(working days?|hours?|minutes?|seconds?|days?)")
_UNITS = {"hour": "hours", "minute": "minutes", "second": "seconds", "day": "days"}


class ScenarioError(ValueError):
    """The file is no scenario; `faults` says why, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CitizenCard(_Strict):
    channel: Channel
    address: str
    name: str = ""


class MediaFile(_Strict):
    type: str
    name: str = ""
    size: int = 0


class Network(_Strict):
    channel: Channel | None = None
    next_send: str | None = None
    delivered: Literal["last"] | None = None
    read: Literal["last"] | None = None


class Announcement(_Strict):
    """Closed days (no hours), or other hours, as staff announce them in the inbox."""

    first: date
    last: date | None = None
    opens: time | None = None
    closes: time | None = None
    reason: str = "pengumuman kantor"


class Expect(_Strict):
    reply_contains: tuple[str, ...] = ()
    reply_lacks: tuple[str, ...] = ()
    state: str | None = None
    consultations: int | None = None
    due: datetime | None = None
    closes: datetime | None = None
    closed_reason: str | None = None
    rating: int | None = None
    reopened: int | None = None
    linked_to: str | None = None
    sent: int | None = None
    held: int | None = None
    notified: tuple[str, ...] | None = None
    appointments: tuple[str, ...] | None = None


class Step(_Strict):
    at: datetime | None = None
    wait: str | None = None
    office: str | None = None
    citizen: str | None = None
    says: str | None = None
    subject: str | None = None
    reply_to: str | None = None
    headers: dict[str, str] = {}
    button: str | None = None
    media: tuple[MediaFile, ...] = ()
    message_id: str | None = None
    html: str | None = None
    staff: StaffAction | None = None
    by: str = "petugas"
    text: str = ""
    via: Literal["inbox", "email"] = "inbox"
    consultation: str | None = None
    to: str | None = None
    reason: str | None = None
    network: Network | None = None
    announce: Announcement | None = None
    asleep: bool = False
    expect: Expect | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if self.citizen is not None and self.staff is not None:
            raise ValueError("a step is a citizen's or an officer's, not both")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError("`at` needs an offset")
        if self.wait is not None and not _WAIT.fullmatch(self.wait.strip()):
            raise ValueError('`wait` reads like "2 working days", "3 hours" or "45 minutes"')
        return self

    @property
    def waits(self) -> tuple[int, str] | None:
        """(2, "working day") or (45, "minutes"): a number and the unit of timedelta."""
        found = _WAIT.fullmatch(self.wait.strip()) if self.wait else None
        return (int(found[1]), found[2].removesuffix("s")) if found else None


class Scenario(_Strict):
    office: str
    start: datetime
    closed_days: tuple[date, ...] = ()
    templates: bool = True
    citizens: dict[str, CitizenCard] = {}
    step: tuple[Step, ...] = Field(default=())

    @model_validator(mode="after")
    def _known(self) -> Scenario:
        if self.start.tzinfo is None:
            raise ValueError("`start` needs an offset")
        unknown = {s.citizen for s in self.step if s.citizen} - set(self.citizens)
        if unknown:
            raise ValueError(f"unknown citizen {', '.join(sorted(unknown))}")
        return self


def read_scenario(path: Path) -> Scenario:
    """Read a file; raises ScenarioError."""
    try:
        return Scenario.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ScenarioError([f"{path}: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError([f"{path.name}: not valid TOML: {error}"]) from error
    except ValidationError as error:
        raise ScenarioError([f"{path.name}: {_place(e['loc'])}{e['msg']}" for e in error.errors()]) from error


def span(amount: int, unit: str) -> timedelta:
    """A wall-clock wait; working days are the calendar's business."""
    return timedelta(**{_UNITS[unit]: amount})


def _place(loc: tuple[Any, ...]) -> str:
    parts = [f"step {part + 1}" if isinstance(part, int) else str(part) for part in loc if part != "step"]
    return f"{'.'.join(parts)}: " if parts else ""
