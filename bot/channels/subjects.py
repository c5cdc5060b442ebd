"""Subjects: cleaned for showing, normalised for comparing, and the consultation number in them."""

import re
from typing import Final

from bot.channels.charsets import one_line
from bot.channels.headers import decode_words

LONGEST_SUBJECT: Final = 200

_REPLY: Final = (
    "re",
    "bls",
    "balas",
    "balasan",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "ref",
    "rif",
    "res",
    "odp",
    "atb",
    "atsp",
    "ynt",
    "yan",
    "r",
    "回复",
    "回覆",
    "答复",
    "答覆",
    "回信",
    "返信",
    "답장",
    "trả lời",
    "απ",
    "отв",
    "ответ",
    "відп",
    "vá",
    "bls-",
)
_FORWARD: Final = (
    "fwd",
    "fw",
    "trs",
    "terusan",
    "teruskan",
    "wg",
    "vb",
    "vl",
    "rv",
    "tr",
    "i",
    "enc",
    "pd",
    "doorst",
    "ilt",
    "i̇lt",
    "转发",
    "轉寄",
    "転送",
    "전달",
    "chuyển tiếp",
    "továbbítás",
    "пер",
    "fs",
    "videresendt",
    "diteruskan",
)
_PREFIX: Final = re.compile(
    r"^\s*(?P<word>"
    + "|".join(sorted(map(re.escape, (*_REPLY, *_FORWARD)), key=len, reverse=True))
    + r")(?:\s?[\[(]\d{1,3}[\])]|\^\d{1,3}|\d{1,3})?\s*[:：]\s*",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?<![\d-])(\d{4}-\d{4}-\d{6})(?![\d-])")
_TAG: Final = re.compile(r"\[\s*(?:PST-)?\d{4}-\d{4}-\d{6}\s*\]", re.IGNORECASE)


def read_subject(field: str) -> str:
    """A Subject field as one clean line of at most 200 characters.

    An encoded word may decode to line ends; echoed into a header they would forge further headers.
    """
    return one_line(decode_words(field), LONGEST_SUBJECT)


def normalised(subject: str) -> str:
    """Subject without reply prefixes and consultation tag, case-folded: equal for the mails of one thread."""
    bare = " ".join(_TAG.sub(" ", subject).split())
    while match := _PREFIX.match(bare):
        bare = bare[match.end() :]
    return bare.casefold()


def is_forward(subject: str) -> bool:
    """True when the outermost prefix says "forwarded"."""
    match = _PREFIX.match(subject)
    return bool(match) and match["word"].casefold() in _FORWARD  # type: ignore[index]


def consultation_number(subject: str) -> str | None:
    """ "3574-2026-000123" when the subject carries one; a hint, never a proof."""
    match = _NUMBER.search(subject.replace("PST-", " "))
    return match[1] if match else None


def without_tag(subject: str) -> str:
    """Subject without consultation tags, its words otherwise kept."""
    return " ".join(_TAG.sub(" ", subject).split())
