"""Takes signatures, telephone lines and footers off the end of what somebody wrote.

Everything here works from the end upwards and leaves the text alone unless something remains above: a
mail that consists of "Terima kasih, Rina" says just that.
"""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from bot.channels.signature_words import (
    DEVICE_ENDINGS,
    DEVICE_OPENERS,
    DISCLAIMERS,
    FIRM_CLOSINGS,
    FOOTERS,
    THANKS,
)

MOST_SIGNATURES: Final = 4  # a closing, a company's block, a disclaimer, a telephone line: more is no mail
LONGEST_SIGNATURE: Final = 15
LONGEST_FOOTER: Final = 40
LONGEST_FAREWELL: Final = 6
LONGEST_BUSINESS_CARD: Final = 16  # below a closing, when a telephone number or the like stands among the lines
_SHORT: Final = 64
_CARD_WIDTH: Final = 110
_SHORTEST_DISCLAIMER: Final = 60

_RFC_DELIMITER: Final = re.compile(r"^--[ \t ]?$")
_DRAWN_DELIMITER: Final = re.compile(r"^\s*(?:[-‐–_=*~#+]{2,}|[—―ᐧ─━═▬⸻]+)\s*$")
_DEVICE: Final = re.compile(
    r"^[\W_]*(?:(?:"
    + "|".join(DEVICE_OPENERS)
    + r")(?P<rest>.*)|(?P<front>[^.!?]{0,40}?)(?:"
    + "|".join(DEVICE_ENDINGS)
    + r"))[\s.。*_)>\]]*$",
    re.IGNORECASE,
)
_DISCLAIMER: Final = re.compile("|".join(DISCLAIMERS), re.IGNORECASE)
_CONTACT: Final = re.compile(
    r"\b(?:tel|telp|telepon|phone|ph|fax|faks|mob|mobile|hp|gsm|cell|office|t|m|p|f|e|wa)\b\.?\s?[:.+]|"
    r"\+\d[\d\s().-]{6,}|\bwww\.|https?://|\S@\w[\w-]*\.\w|\b0\d{2,4}[\s-]?\d{3,}",
    re.IGNORECASE,
)
_DASHED_NAME: Final = re.compile(r"^(?:--?|[–—~]) ?[^\W\d_][\w.'’]*(?: [^\W\d_][\w.'’]*){0,2}$")
_AROUND_CLOSING: Final = "".join(sorted(set(" *_,.!;:-–—~。！，")))
_LINK: Final = re.compile(r"\s*[<(\[](?:https?:|mailto:)[^>)\]]*[>)\]]|https?://\S+")


def without_signature(lines: Sequence[str]) -> list[str]:
    """The lines without what a signature, a phone or a list server added below them."""
    kept = _stripped(lines)
    for _ in range(MOST_SIGNATURES):
        before = kept
        for step in (_without_delimited, _without_device, _without_disclaimer, _without_closing, _without_dashed_name):
            kept = _stripped(step(kept)) or kept
        if kept == before:
            break
    return kept


def is_only_footer(lines: Sequence[str]) -> bool:
    """True when nothing in `lines` was written for this mail: signature, telephone line or list footer."""
    filled = [line for line in lines if line.strip()]
    if not filled:
        return True
    if _RFC_DELIMITER.match(filled[0]) or _DRAWN_DELIMITER.match(filled[0]) or is_device_line(filled[0]):
        return True
    return _is_farewell(filled) or any(word in filled[0].casefold() for word in FOOTERS)


def is_device_line(line: str) -> bool:
    """True for "Sent from my iPhone", "Dapatkan Outlook untuk Android<...>" and their like, as a whole line."""
    bare = _LINK.sub("", line).strip()
    match = _DEVICE.match(bare) if 4 < len(bare) <= 110 else None
    if not match:
        return False
    rest = match["rest"] if match["rest"] is not None else match["front"]
    return len(rest.split()) <= 9 and not re.search(r"(?:[.!?]|,\s+\w+)\s+\w+\s+\w+\s+\w+", rest)


def _stripped(lines: Sequence[str]) -> list[str]:
    start, end = 0, len(lines)
    while end > start and not lines[end - 1].strip():
        end -= 1
    while start < end and not lines[start].strip():
        start += 1
    return list(lines[start:end])


def _without_delimited(lines: list[str]) -> list[str]:
    for index in range(_start_of_last(lines, LONGEST_FOOTER), len(lines)):
        tail = [line for line in lines[index + 1 :] if line.strip()]
        if _RFC_DELIMITER.match(lines[index]) and len(tail) <= LONGEST_SIGNATURE:
            return lines[:index]
        if _DRAWN_DELIMITER.match(lines[index][:200]) and _looks_like_signature(tail):
            return lines[:index]
        if _opens_footer(lines, index):
            return lines[:index]
    return lines


def _start_of_last(lines: Sequence[str], count: int) -> int:
    """Index, at least 1, below which at most `count` lines are filled."""
    filled = 0
    for index in range(len(lines) - 1, 0, -1):
        filled += bool(lines[index].strip())
        if filled > count:
            return index + 1
    return 1


def _looks_like_signature(tail: Sequence[str]) -> bool:
    if any(word in line.casefold() for line in tail for word in FOOTERS):
        return True
    return len(tail) <= LONGEST_SIGNATURE - 5 and all(len(line) <= _SHORT for line in tail)


def _opens_footer(lines: Sequence[str], index: int) -> bool:
    """A paragraph of its own that begins with a footer's words, among the last lines."""
    if lines[index - 1].strip() or len(lines) - index > LONGEST_SIGNATURE:
        return False
    start = lines[index].casefold().strip(" *_[(")
    return any(start.startswith(word) for word in FOOTERS if len(word) > 9)


def _without_device(lines: list[str]) -> list[str]:
    """Drops device lines among the last lines; whatever stands around them stays."""
    border = max(1, len(lines) - LONGEST_SIGNATURE)
    return lines[:border] + [line for line in lines[border:] if not is_device_line(line)]


def _without_closing(lines: list[str]) -> list[str]:
    """Cuts at the closing ("Hormat kami,") nearest to the end that has only a name and the like below."""
    for index in range(len(lines) - 1, max(0, len(lines) - 2 * LONGEST_BUSINESS_CARD), -1):
        if lines[index].strip() and _is_farewell([line for line in lines[index:] if line.strip()]):
            return lines[:index]
    return lines


def _without_disclaimer(lines: list[str]) -> list[str]:
    """Cuts the lawyers' paragraph among the last ones, and what stands below it."""
    for index in range(max(1, len(lines) - LONGEST_FOOTER), len(lines)):
        if lines[index].strip() and not lines[index - 1].strip():
            paragraph = " ".join(_paragraph(lines, index))
            if len(paragraph) >= _SHORTEST_DISCLAIMER and _DISCLAIMER.search(paragraph[:600]):
                return lines[:index]
    return lines


def _paragraph(lines: Sequence[str], start: int) -> list[str]:
    return list(takewhile(str.strip, (line.strip() for line in lines[start:])))


def _without_dashed_name(lines: list[str]) -> list[str]:
    """Cuts "-Rina" or "--Rina" alone on the last line; in a list it is an item."""
    if len(lines) < 3 or lines[-2].strip() or not _DASHED_NAME.match(lines[-1].strip()):
        return lines
    listed = any(line.lstrip().startswith(("-", "–", "—", "~")) for line in lines[:-1])
    return lines if listed else lines[:-1]


def _is_farewell(filled: Sequence[str]) -> bool:
    closing, below = _closing_key(filled[0]), filled[1:]
    if closing in FIRM_CLOSINGS and _is_business_card(below):
        return True
    if len(below) > LONGEST_FAREWELL or any(len(line) > _SHORT or line.rstrip().endswith((":", "?")) for line in below):
        return False
    if closing in FIRM_CLOSINGS:
        return True
    return closing in THANKS and len(below) > 0 and _is_name(below[0], filled[0])


def _is_business_card(lines: Sequence[str]) -> bool:
    """Name, post, company, address: short lines without sentences, with a way to reach the writer among them."""
    if not 2 <= len(lines) <= LONGEST_BUSINESS_CARD or any(len(line) > _CARD_WIDTH for line in lines):
        return False
    asks = any(line.rstrip().endswith(("?", "!")) for line in lines)
    return not asks and any(_CONTACT.search(line) for line in lines)


def _closing_key(line: str) -> str:
    return re.sub(r"\s+", " ", line.casefold()).strip(_AROUND_CLOSING)


def _is_name(line: str, closing: str) -> bool:
    """A name: a few words without the full stop of a sentence, below a closing that does not ask for more."""
    words = line.strip().split()
    return (
        0 < len(words) <= 5 and not re.search(r"[?!:]|\w{3,}\.$", line.strip()) and not closing.rstrip().endswith("?")
    )
