"""Text as WhatsApp takes it: its length, its marks, its parts.

Lengths are in UTF-16 code units, the strictest way to count that any party uses: an emoji is two. Twilio takes 1,600
in a body. Each part is a message that is paid for, so a text that fits stays whole.
Sources: Twilio errors 21617 and 21658; WhatsApp's help on formatting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 1600
PART: Final = 1500
MOST_PARTS: Final = 3
_SEAMS: Final = ("\n\n", "\n", ". ", " ")
_EARLIEST_CUT: Final = (0.5, 0.8, 0.95)  # of a part: a cut at a paragraph is worth a short part, unless parts run out
_HINTS: Final = {"id": "_Balas dengan angkanya._", "en": "_Reply with the number._"}
_LOOKALIKES: Final = {"*": "\u2217", "_": "\uff3f", "~": "\u223c", "`": "\u02cb"}
_MARK: Final = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`")
_LINE_MARK: Final = re.compile(r"^([ \t]*)([>*-])(?=[ \t])", re.MULTILINE)
_LINE_LOOKALIKES: Final = {">": "\u203a", "*": "\u2217", "-": "\u2013"}


class TooLong(ValueError):
    """A text that does not fit into MOST_PARTS messages."""


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


def escape(text: str) -> str:
    """Somebody else's words for use within ours: marks of formatting become characters that only look like them.

    An underscore or star inside a word formats nothing and stays, so that addresses can still be copied.
    """
    text = _LINE_MARK.sub(lambda m: m[1] + _LINE_LOOKALIKES[m[2]], text)
    return _MARK.sub(lambda m: _LOOKALIKES[m[0]], text)


def numbered(text: str, options: Sequence[str], language: str) -> str:
    """A text with its options to answer by number, for where there are no buttons.

    Options that are numbers themselves (a rating) are not numbered again: the text asks for the number.
    """
    if not options or all(title.strip().isdigit() for title in options):
        return text
    lines = [f"{number}. {one_line(title)}" for number, title in enumerate(options, 1)]
    return "\n\n".join((text, "\n".join(lines), _HINTS.get(language, _HINTS["id"])))


def one_line(text: str) -> str:
    return " ".join(text.split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` units, with "…" for what was cut off."""
    if units(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + "…"


def split(text: str) -> tuple[str, ...]:
    """A text in messages of at most LONGEST units, numbered "(1/3)" when it takes more than one.

    Cut at paragraphs where possible, else at lines, sentences, words. Raises TooLong.
    """
    text = text.strip()
    if units(text) <= LONGEST:
        return (text,)
    for earliest in _EARLIEST_CUT:
        pieces = _pieces(text, earliest)
        if len(pieces) <= MOST_PARTS:
            return tuple(f"{piece}\n\n({number}/{len(pieces)})" for number, piece in enumerate(pieces, 1))
    raise TooLong(f"{units(text)} units")


def _pieces(text: str, earliest: float) -> list[str]:
    pieces: list[str] = []
    while text and len(pieces) <= MOST_PARTS:
        piece, text = _first_piece(text, earliest)
        pieces.append(piece)
    return pieces


def _first_piece(text: str, earliest: float) -> tuple[str, str]:
    if units(text) <= PART:
        return text, ""
    limit = _fitting(text, PART)
    for seam in _SEAMS:
        cut = text.rfind(seam, 0, limit)
        if cut >= limit * earliest:
            end = cut + len(seam.rstrip())
            return text[:end].rstrip(), text[end:].lstrip()
    return text[:limit].rstrip(), text[limit:].lstrip()


def _fitting(text: str, limit: int) -> int:
    """How many characters from the start fit into `limit` units."""
    size = 0
    for index, character in enumerate(text):
        size += 2 if ord(character) > 0xFFFF else 1
        if size > limit:
            return index
    return len(text)
