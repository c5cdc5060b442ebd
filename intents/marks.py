"""Tell-tale marks of a normal form: a year, a number, a region, a word that asks for a value, a definition, a place."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from intents.lexicon import Lexicon

CUES = ("how_many", "rank", "trend", "forecast", "definition", "location", "custom", "send")
MARKS = ("year", "number", "region", *CUES)
_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST = 5


def named(words: Sequence[str], names: Collection[tuple[str, ...]]) -> tuple[str, ...]:
    """The names that occur in the words, in order; of overlapping ones the longest."""
    found, at = [], 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            if tuple(words[at : at + size]) in names:
                found.append(" ".join(words[at : at + size]))
                at += size
                break
        else:
            at += 1
    return tuple(dict.fromkeys(found))


def marks(words: Sequence[str], lexicon: Lexicon, regions: Collection[str]) -> frozenset[str]:
    """The marks that hold. `regions`: names of districts and areas, casefolded, of one or more words."""
    spans = {tuple(words[at : at + size]) for size in range(1, _LONGEST + 1) for at in range(len(words) - size + 1)}
    found = {cue for cue in CUES if any(phrase in spans for phrase in lexicon.cues.get(cue, ()))}
    if any(_YEAR.fullmatch(word) for word in words):
        found.add("year")
    if any(word.isdigit() for word in words):
        found.add("number")
    if any(" ".join(span) in regions for span in spans):
        found.add("region")
    return frozenset(found)
