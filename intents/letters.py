"""The question inside a message: salutation, courtesies and a letter's signature off. A view; the message stays."""

from __future__ import annotations

import re

from intents.courtesies import FEWEST_WORDS, without_courtesies

_SALUTATION = re.compile(
    r"(yth\b|kepada\b|dengan hormat|selamat (pagi|siang|sore|malam)\b.{0,40}$|ass?alam|salam sejahtera|dear\b"
    r"|hi\b|hello\b|good (morning|afternoon|evening)|halo\b.{0,30}$|bapak/ibu|up\b|di tempat|ditempat)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(hormat (kami|saya)|salam( hormat)?,?$|salam,|wassalam|terima ?kasih( banyak)?[.,!]*$|atas perhatian|demikian\b"
    r"|best regards|kind regards|regards|sincerely|thank(s| you)[.,!]*$|yours\b|dikirim dari|sent from|tertanda)",
    re.IGNORECASE,
)
_SHORT = 90
_MOST_SENTENCES = 8
_SENTENCE = re.compile(
    r"(?<=[?!])\s*|(?<=[.;])\s+|\n+"
    r"|,?\s+(?=(?:terus|trus|trs|sekalian|sekaligus|oh iya|oiya|sama mau|btw|also|by the way)\b)"
    r"|,\s*(?=(?:dan|sama)\s+(?:apa|apakah|berapa|brp|bagaimana|gimana|gmn|di ?mana|dmn|kapan|kpn|siapa|kenapa|knp)\b)",
    re.IGNORECASE,
)


def question_of(text: str) -> str:
    """The body of a letter. What would leave nothing is left alone: a mail that only greets stays a greeting."""
    lines = [line.strip() for line in text.strip().split("\n")]
    if len([line for line in lines if line]) < 2:
        return without_courtesies(text.strip())
    start, end = _first(lines), _last(lines)
    body = "\n".join(lines[start:end]).strip()
    return without_courtesies(body or text.strip())


def sentences_of(body: str) -> list[str]:
    """The sentences of a question that may hold a concern of their own, in order; empty when there is only one."""
    found = [part.strip() for part in _SENTENCE.split(body)]
    kept = [part for part in found if len(part.split()) >= FEWEST_WORDS][:_MOST_SENTENCES]
    return kept if len(kept) > 1 else []



def _first(lines: list[str]) -> int:
    at = 0
    while at < len(lines) and (not lines[at] or (len(lines[at]) < _SHORT and _SALUTATION.match(lines[at]))):
        at += 1
    return at if at < len(lines) else 0


def _last(lines: list[str]) -> int:
    """Where the closing begins: in the last six filled lines, the first that opens a closing."""
    filled = [n for n, line in enumerate(lines) if line]
    for n in filled[1:][-6:]:
        if _CLOSING.match(lines[n]) and len(lines[n]) < _SHORT:
            return n
    if len(filled) >= 2 and len(lines[filled[-1]]) < 45 and not re.search(r"[?.!]$", lines[filled[-1]]):
        return filled[-1]
    return len(lines)
