"""Personal numbers in what citizens write: masked on arrival, so that nothing behind the door ever holds them whole.

NIK and family-card numbers have 16 digits (Permendagri: 6 region, 6 birth date, 4 serial); payment cards 13 to 19 with
a Luhn check digit. Phone numbers and e-mail addresses are how an officer reaches somebody: they stay, but `redact`
takes them out of everything that is logged or said aloud.
"""

from __future__ import annotations

import re

_LONG_NUMBER = re.compile(r"(?<![\d+])(?:\d[ .\-]?){12,18}\d(?!\d)")
_PHONE = re.compile(r"(?<![\w.])(?:\+?62|0)[ .\-]?8\d(?:[ .\-]?\d){6,11}(?!\d)")
# Starts only where a word starts: a hundred thousand letters without an @ would else take a minute.
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")


def mask(text: str) -> str:
    """The text with identity and card numbers reduced to their last four digits: "••••0004"."""
    return _LONG_NUMBER.sub(_masked, text)


def redact(text: str) -> str:
    """Fit for a log: numbers masked, phone numbers and addresses gone."""
    return _EMAIL.sub("[email]", _PHONE.sub("[telepon]", mask(text)))


def _masked(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    if len(digits) == 16 or (len(digits) >= 13 and _luhn(digits) and not _PHONE.fullmatch(match[0])):
        return "••••" + digits[-4:]
    return match[0]


def _luhn(digits: str) -> bool:
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0
