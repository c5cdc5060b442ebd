"""Finds the line "On <moment> <person> wrote:" that a mail program puts above what it quotes.

Theory: whatever the language, such a line names a moment and a person (with an address, or with a verb
of writing) and ends in a colon. A moment with a clock time, an address and the colon suffice without any
known verb, so that programs of languages nobody listed are recognised too. Programs wrap the line at
78 columns, hence up to four lines are read together, never across an empty line.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.channels.quoting_words import STARTERS, VERBS, VERBS_UNSPACED

LONGEST_SPAN: Final = 4
LONGEST_TEXT: Final = 500

_ADDRESS = r"[^\s<>()\[\]:;,\"']{1,100}@[\w.-]{1,100}"
_BARE_ADDRESS: Final = re.compile(_ADDRESS)
_BOXED_ADDRESS: Final = re.compile(rf"[<(\[‪]\s*(?:mailto:|\*)?\s*{_ADDRESS}|via [^<]{{1,60}}<")
_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時时시点點]\s?\d{2}(?!\d)")
_DATE: Final = re.compile(
    r"(?<!\d)(?:19|20|25)\d\d(?!\d)|(?<!\d)\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}(?!\d)|\d{1,2}月\s?\d{1,2}日"
)
_WHOLE_DATE: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}(?:st|nd|rd|th|\.|º|er)? ?(?:de )?[^\W\d_]{3,12}\.?,? (?:de )?(?:19|20)\d\d|"
    r"[^\W\d_]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d)\s*,"
)
_VERB: Final = re.compile(
    r"(?<!\w)(?:" + "|".join(VERBS) + r")(?!\w)|" + "|".join(map(re.escape, VERBS_UNSPACED)), re.IGNORECASE
)
_END: Final = re.compile(r"(?:[:：]|-{3,}|‬|‏)[\s*_>‎‏‪-‮⁦-⁩]*$")
_VERB_AT_END: Final = re.compile(_VERB.pattern + r"[\s*_]*$", re.IGNORECASE)
_KNOWN_START: Final = re.compile(
    r"^[\W_]*(?:" + "|".join(sorted(map(re.escape, STARTERS), key=len, reverse=True)) + r")(?!\w).{0,30}?\d",
    re.IGNORECASE,
)
_STARTS_WITH_MOMENT: Final = re.compile(r"^[\W_]*(?:[^\W\d_]{1,12}[.,)]*\s+){0,3}\(?\d")
_START_WITHIN: Final = re.compile(
    r"(?<=\S)[\s-]+((?:"
    + "|".join(("On", "Pada tanggal", "Pada", "Am", "Le", "El", "Em", "Il giorno", "Op", "Den"))
    + r") (?:[^\W\d_]{2,9}\.?,? )?(?:\d|[^\W\d_]{3,9} \d).*)$"
)
_SENTENCE_END: Final = re.compile(r"[.!?:;)]\s*$")
_OLD_GMAIL: Final = re.compile(rf"^\s*\d{{4}}[/-]\d{{1,2}}[/-]\d{{1,2}}\s[^<>]{{0,80}}<{_ADDRESS}>\s*:?\s*$")
_ATTRIBUTION_IN_LINE: Final = re.compile(rf"^(.{{20,300}}?(?:{_VERB.pattern})\s?[:：])\s+\S", re.IGNORECASE)
_NAME_ALONE: Final = re.compile(r"^[^\d:<>@]{2,60}$")


def attribution_span(lines: Sequence[str], end: int, quote_follows: bool) -> int | None:
    """First line of the attribution that ends at `lines[end]`, or None.

    `quote_follows`: the next line that is not empty starts with ">"; then weaker signs suffice.
    """
    if not _may_end(lines[end], quote_follows):
        return None
    shortest = None
    for start in _starts(lines, end):
        text = " ".join(line.strip(" \t*").lstrip(">") for line in lines[start : end + 1])
        if len(text) > LONGEST_TEXT:
            break
        if not _is_attribution(text, quote_follows):
            continue
        if _starts_well(lines[start]) or _is_complete(text):
            return _extended(lines, start, end)
        shortest = start if shortest is None else shortest
    return None if shortest is None else _extended(lines, shortest, end)


def split_before_attribution(line: str) -> list[str]:
    """["text", "On <date> X wrote:"] for a line that holds both, as Gmail's telephone app writes; else [line]."""
    match = _START_WITHIN.search(line) if len(line) <= LONGEST_TEXT and _END.search(line) else None
    if match and _is_complete(match[1]) and re.search(r"\w", line[: match.start()]):
        return [line[: match.start()], match[1]]
    return [line]


def opens_with_attribution(line: str) -> bool:
    """True for a whole attribution with the older mail behind it on one line, as Yahoo's telephone app writes."""
    match = _ATTRIBUTION_IN_LINE.match(line[:LONGEST_TEXT])
    return bool(match and _KNOWN_START.match(line) and _BOXED_ADDRESS.search(match[1]) and _CLOCK.search(match[1]))


def _may_end(line: str, quote_follows: bool) -> bool:
    if len(line) > LONGEST_TEXT:
        return False
    if _END.search(line):
        return True
    return quote_follows and bool(_VERB_AT_END.search(line) or _OLD_GMAIL.match(line))


def _starts(lines: Sequence[str], end: int) -> list[int]:
    """Candidate first lines, nearest first; an empty or quoted line ends the search."""
    found = [end]
    for start in range(end - 1, max(-1, end - LONGEST_SPAN), -1):
        if lines[start].lstrip().startswith(">"):
            break
        if lines[start].strip():
            found.append(start)
        elif not _continues(lines, start):
            break
    return found


def _continues(lines: Sequence[str], empty: int) -> bool:
    """An empty line inside an attribution: its beginning above, the boxed address alone below."""
    above, below = lines[empty - 1].strip() if empty else "", lines[empty + 1].lstrip()
    opened = _KNOWN_START.match(above) and _CLOCK.search(above) and not _SENTENCE_END.search(above)
    return bool(opened and below.startswith("<") and _BOXED_ADDRESS.search(below))


def _is_attribution(text: str, quote_follows: bool) -> bool:
    address, boxed = _BARE_ADDRESS.search(text), _BOXED_ADDRESS.search(text)
    clock, date, verb = _CLOCK.search(text), _DATE.search(text), _VERB.search(text)
    if boxed and clock and date:
        return True
    if verb and (clock or (date and (address or quote_follows))):
        return bool(date or boxed or quote_follows or _starts_well(text))
    if verb and (boxed or (_WHOLE_DATE.search(text) and _KNOWN_START.match(text))):
        return True
    if quote_follows and clock and date and _starts_well(text) and _END.search(text):
        return True
    return quote_follows and _is_weak_attribution(text, verb is not None, boxed is not None)


def _is_weak_attribution(text: str, verb: bool, boxed: bool) -> bool:
    """What counts only directly above a quotation: "Rina menulis:", "2012/9/3 Rina <rina@contoh.id>"."""
    return bool(_OLD_GMAIL.match(text)) or (len(text) <= 80 and (verb or (boxed and bool(_END.search(text)))))


def _is_complete(text: str) -> bool:
    person = _BOXED_ADDRESS.search(text) or _VERB.search(text)
    return bool(person and _DATE.search(text) and _CLOCK.search(text) and not text.lstrip()[:1].isdigit())


def _starts_well(line: str) -> bool:
    return bool(_KNOWN_START.match(line)) or bool(_STARTS_WITH_MOMENT.match(line))


def _extended(lines: Sequence[str], start: int, end: int) -> int:
    """One or two lines further up where the beginning of a wrapped line was left behind."""
    for above in _starts(lines, start)[1:]:
        if end - above >= LONGEST_SPAN or _SENTENCE_END.search(lines[above]):
            break
        if _KNOWN_START.match(lines[start]):
            break
        wrapped_name = lines[start].lstrip().startswith(("<", "(", "[")) and _NAME_ALONE.match(lines[above].strip())
        if not (_KNOWN_START.match(lines[above]) or wrapped_name):
            break
        start = above
    return start
