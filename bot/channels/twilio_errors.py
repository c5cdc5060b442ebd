"""What an error means for the message: every code has a verdict and words for staff, known or not.

Theory: what matters is whether the message may have left. Before the request was written it has certainly not; an
answer in the 400s says that it was refused; silence or a 500 after a POST says nothing, and creating a message at
Twilio is not idempotent. Reading requests may always be repeated.
The table of codes is data (whatsapp_errors.toml). Twilio asks not to build on codes, as they change: whatever is not
in the table goes by the HTTP status, and ends in the class [other].
Sources: Twilio errors 20429 (not processed, retry), 20500 (unknown, POST not idempotent); SDK docstrings.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import aiohttp
from twilio.base.exceptions import (  # type: ignore[import-untyped]
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)

from bot.channels.port import DeliveryError, Verdict

_BEFORE_SENDING: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_TOO_MANY: Final = 429
_META_FAMILY: Final = 3  # Meta's codes of one kind share their first digits: 132000, 132001, ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One row of the table. `retry_after` in seconds, where the cause is known to last."""

    code: str
    verdict: Verdict
    words: str
    retry_after: float | None = None
    retry_after_template: float | None = None
    opt_out: bool = False
    plain: bool = False

    def error(self, *, template: bool = False) -> DeliveryError:
        wait = self.retry_after_template if template and self.retry_after_template else self.retry_after
        return DeliveryError(self.verdict, self.code, self.words, wait, unwanted=self.opt_out)


def fault(code: str | int | None) -> Fault:
    """What a code means. Never fails: the unknown has a class too."""
    name = str(code or "").strip()[:20] or "tanpa kode"
    known = _table().get(name) or _family(name)
    row = known or _table()["other"]
    return Fault(name, **{**row, "words": row["words"].format(code=name)})


def is_known(code: str | int | None) -> bool:
    name = str(code or "").strip()
    return name in _table() or _family(name) is not None


def is_opt_out(code: str | int | None) -> bool:
    """Whether the recipient does not want to be written to: nothing proactive any more."""
    return fault(code).opt_out


def is_content_fault(code: str | int | None) -> bool:
    """Whether buttons or variables were at fault: the same words can leave as plain text."""
    return fault(code).plain


def codes() -> tuple[str, ...]:
    """All codes of the table, for tests and for the operator's documentation."""
    return tuple(_table())


def from_exception(error: BaseException, *, posted: bool, template: bool = False) -> DeliveryError:
    """The verdict on whatever a request ended with. `posted`: it would have created something."""
    if isinstance(error, DeliveryError):
        return error
    answer = _answer(error)
    if answer is not None:
        return from_answer(*answer, posted=posted, template=template)
    if isinstance(error, _BEFORE_SENDING) or not posted:
        return fault("network").error()
    return fault("timeout").error()


def from_answer(
    status: int, code: str, *, posted: bool, template: bool = False, retry_after: float | None = None
) -> DeliveryError:
    """The verdict on an answer with an HTTP status of 400 or more; `code` is Twilio's, or the status again."""
    known = fault(code)
    if status == _TOO_MANY:
        words = known.words if is_known(code) else fault(20429).words
        return DeliveryError(Verdict.TRY_AGAIN, code, words, retry_after or known.retry_after)
    if status >= 500 or status == 408:
        verdict = Verdict.UNCERTAIN if posted else Verdict.TRY_AGAIN
        return DeliveryError(verdict, code, fault(20500).words)
    if not is_known(code) and status in (401, 403):
        return DeliveryError(Verdict.CONFIGURATION, code, fault(20003 if status == 401 else 20403).words)
    return known.error(template=template)


def _answer(error: BaseException) -> tuple[int, str] | None:
    """HTTP status and code of an SDK exception; None when there was no answer."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return int(error.status), str(error.code or error.status)
    if isinstance(error, TwilioException):  # a page of a list that could not be fetched
        status = next((s for a in error.args if isinstance(s := getattr(a, "status_code", None), int)), None)
        return (status, str(status)) if status is not None and status >= 400 else None
    return None


def _family(name: str) -> Mapping[str, Any] | None:
    meta = len(name) == 6 and name.isdigit() and name.startswith("13")
    return _table().get(name[:_META_FAMILY]) if meta else None


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    text = (resources.files("bot") / "channels" / "whatsapp_errors.toml").read_text(encoding="utf-8")
    return {code: row | {"verdict": Verdict(row["verdict"])} for code, row in tomllib.loads(text).items()}
