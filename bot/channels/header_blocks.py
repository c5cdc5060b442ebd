"""Finds where a whole older mail begins below the new text without any ">" marks.

Outlook and everybody's "forward" print a block of headers (From, Sent, To, Subject in the program's
language), often below a line of dashes or underscores. A letter or a memo may have the same labels
("Kepada", "Perihal"), so a block counts only with a sender line and with what a letter lacks: an e-mail
address, or a clock time in the date.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.channels.quoting_words import CC, FORWARD_OPENERS, FROM, LABELS, SENT, SEPARATORS, SUBJECT, TO

_ROLE_OF: Final = {label: role for role, labels in LABELS.items() for label in labels}
_LABEL: Final = re.compile(r"^[\s*_|>‪-‮]*([^\W\d_][^:：@<>]{0,24}?)[\s*_ ]*[:：][\s*_]*(.*)$")
_ADDRESS: Final = re.compile(r"[^\s<>]@[\w-]+\.?\w|mailto:")
_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時时시点點]\s?\d{2}(?!\d)")
_DASHED: Final = re.compile(
    r"^[\s*>]{0,4}[-=_*‐‑–—―]{2,}\s*([^\W\d_](?:[^=_*]{1,60}?[^\W_])?)\s*[:：]?\s*[-=_*‐‑–—―]{2,}[\s*]*$"
)
_RULE: Final = re.compile(r"^\s*[-_=*‐‑–—―]{5,}\s*$")
_REPLY_ABOVE: Final = re.compile(
    r"^\W*(?:##|--|==|\*\*)\W*.{0,40}\b(?:above this line|di atas (?:baris|garis) ini|above the line|oberhalb dieser|"
    r"au-dessus de cette ligne|encima de esta l[ií]nea|boven deze (?:lijn|regel))\b",
    re.IGNORECASE,
)
_MOST_LINES: Final = 14
_LONGEST_LINE: Final = 300


def older_mail_begins(lines: Sequence[str], index: int) -> int | None:
    """The line after the opening when an older mail opens at `lines[index]`, else None."""
    line = lines[index]
    if len(line) > _LONGEST_LINE:
        return None
    if _REPLY_ABOVE.match(line):
        return index + 1
    if is_separator(line):
        return _end_of_block(lines, _next_filled(lines, index + 1)) or index + 1
    if _RULE.match(line) or _is_forward_opener(line) or _DASHED.match(line):
        return _end_of_block(lines, _next_filled(lines, index + 1))
    return _end_of_block(lines, index)


def is_separator(line: str) -> bool:
    """True for "-----Original Message-----" in any known language, whatever dashes surround it."""
    match = _DASHED.match(line)
    return bool(match) and any(word in match[1].casefold() for word in SEPARATORS)  # type: ignore[index]


def _is_forward_opener(line: str) -> bool:
    words = line.strip(" \t*_>:：").casefold()
    return words in FORWARD_OPENERS or words in SEPARATORS


def _next_filled(lines: Sequence[str], index: int) -> int:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index


def _end_of_block(lines: Sequence[str], start: int) -> int | None:
    """Line after the header block that starts at `start`; None when there is no such block."""
    if start >= len(lines) or _role(lines[start]) is None:
        return None
    fields, end = _fields(lines, start)
    return end if _is_header_block(fields) else None


def _fields(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
    """Role -> value of consecutive labelled lines; single empty lines and wrapped values are passed over."""
    fields: dict[str, str] = {}
    end, role, empty = start, "", 0
    for index in range(start, min(len(lines), start + _MOST_LINES)):
        line = lines[index]
        found = _role(line)
        if found is not None:
            role, empty, end = found, 0, index + 1
            fields.setdefault(role, _value(line))
        elif not line.strip():
            empty += 1
            if empty > 1 or len(fields) >= 4 or SUBJECT in fields:
                break
        elif (
            empty
            or role not in (FROM, TO, CC, SENT, SUBJECT)
            or len(line) > 160
            or (role in (FROM, SENT) and not (fields[role] == "" or _ADDRESS.search(line)))
        ):
            break
        else:
            fields[role] += " " + line.strip()
            end = index + 1
    return fields, end


def _role(line: str) -> str | None:
    match = _LABEL.match(line[:_LONGEST_LINE])
    return _ROLE_OF.get(match[1].strip(" *_\t").casefold()) if match else None


def _value(line: str) -> str:
    match = _LABEL.match(line)
    return match[2].strip() if match else ""


def _is_header_block(fields: dict[str, str]) -> bool:
    timed = bool(_CLOCK.search(fields.get(SENT, "")))
    addressed = any(_ADDRESS.search(value) for value in fields.values())
    if FROM not in fields:
        return TO in fields and timed and addressed
    if len(fields) >= 2 and _ADDRESS.search(fields[FROM]):
        return True
    return len(fields) >= 3 and (timed or (addressed and SENT in fields))
