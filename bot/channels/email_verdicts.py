"""What an SMTP server's answer means for the message: a verdict, and words that tell staff the next step. Pure.

Theory: before the server has said 354 the mail has certainly not left; after the closing dot only an answer tells. A
4xx is a promise that later may work, a 5xx that it never will; but a 5xx at login, or about our own address, speaks of
us and not of the message: then the channel stops and the queue waits. The table is data (email_verdicts.toml).
Sources: RFC 5321 4.2 (codes), RFC 3463 and its registry (x.y.z), RFC 4954 6 (login), RFC 7504 (521, 556).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from bot.channels.port import DeliveryError, Verdict

_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
WAITS: Final = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, 12 * _HOUR, 12 * _HOUR)
"""Seconds before the next try, by the number of tries made: 46 h 21 min in all (RFC 5321 4.5.4.1 asks for days)."""


class Stage(StrEnum):
    """How far a transaction had come."""

    CONNECT = "connect"  # up to EHLO and TLS
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"  # DATA said, 354 not yet heard
    CONTENT = "content"  # the mail itself was written


@dataclass(frozen=True, slots=True)
class Rule:
    """`stages`: empty for all. `reply` matches "550" or "550 5.1.1", from its beginning."""

    stages: frozenset[Stage]
    reply: re.Pattern[str]
    verdict: Verdict
    words: str


def refused(stage: Stage, code: int, text: str) -> DeliveryError:
    """The verdict on a negative answer; the server's own words stay out of it, they name people."""
    match = _STATUS.match(text)
    reply = f"{code} {match[1]}" if match else str(code)
    for rule in rules():
        if (not rule.stages or stage in rule.stages) and rule.reply.match(reply):
            return DeliveryError(rule.verdict, reply, words(rule.words))
    return broken(stage, reply)


def broken(stage: Stage, code: str) -> DeliveryError:
    """The verdict on silence, on a cut connection, and on an answer that is none."""
    if stage is Stage.CONTENT:
        return DeliveryError(Verdict.UNCERTAIN, code, words("uncertain"))
    return DeliveryError(Verdict.TRY_AGAIN, code, words("unreachable"))


def retry_after(attempts: int) -> float:
    """Seconds until the next try when so many were made before the one that has just failed."""
    return WAITS[min(attempts, len(WAITS) - 1)]


def words(name: str) -> str:
    return str(_table()["words"][name])


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in _table()["rule"])


def _rule(row: dict[str, Any]) -> Rule:
    stages = frozenset(Stage(stage) for stage in row.get("stages", ()))
    return Rule(stages, re.compile(row["reply"]), Verdict(row["verdict"]), row["words"])


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("bot") / "channels" / "email_verdicts.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
