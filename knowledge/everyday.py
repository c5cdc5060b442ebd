"""What everyday Indonesian says about words, whatever a FAQ is about: their roots, their weight, their kin.

The stemmer of `intents.text` cuts endings by rule, so that "mengirim" and "kirim" part ("irim"); here affixes are taken
off one after another until a known root is left, with the letter restored that a nasal prefix swallowed (me+kirim ->
mengirim, me+tulis -> menulis, me+pakai -> memakai, me+sewa -> menyewa), in the standard language and in chat ("ngirim",
"lunasin", "ketelen"). What leads to no root falls back to the stemmer. Data: everyday.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from intents.lexicon import Lexicon
from intents.lexicon import load as load_lexicon
from intents.text import stem

_ENDINGS = ("nya", "kah", "lah", "pun", "kan", "ku", "mu", "an", "in", "i")
_PREFIXES = ("di", "ke", "se", "ku", "memper", "diper", "ber", "ter", "per", "bel", "pel", "be", "te", "kau")
_SWALLOWED = {"ng": "k", "ny": "sc", "n": "t", "m": "p"}  # nasal: the letters that it may have replaced
_VOWELS = "aeiou"
_SHORTEST = 3
_LONGEST = 30  # no Indonesian word is longer; keeps hostile input cheap
_MOST_AFFIXES = 5


@dataclass(frozen=True, slots=True)
class Everyday:
    """`roots`: known ones. `frame`: roots that frame a question. `kin`: roots that may stand for a root."""

    roots: frozenset[str]
    frame: frozenset[str]
    kin: Mapping[str, tuple[str, ...]]
    spoken: frozenset[str]

    def knows(self, word: str) -> bool:
        """Whether a word is Indonesian, so that it is no typo of another one."""
        return word in self.spoken or _known_root(word) is not None


@cache
def load() -> Everyday:
    """The packaged words."""
    data, lexicon = _data(), load_lexicon()
    kin: dict[str, set[str]] = {}
    for line in data["kin"]:
        circle = {root(word) for word in line.split()}
        for word in circle:
            kin.setdefault(word, set()).update(circle - {word})
    return Everyday(
        _roots(),
        frozenset(root(word) for word in (*data["frame"].split(), *lexicon.stopwords)),
        MappingProxyType({word: tuple(sorted(others)) for word, others in kin.items()}),
        _spoken(lexicon),
    )


@lru_cache(maxsize=100_000)
def root(word: str) -> str:
    """The root of a word in normal form; the rule-made stem where no root is known."""
    return _known_root(word) or stem(word)


@cache
def _roots() -> frozenset[str]:
    return frozenset(_data()["roots"].split())


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("knowledge") / "everyday.toml").read_text(encoding="utf-8"))


def _spoken(lexicon: Lexicon) -> frozenset[str]:
    """Every standard word that the lexicon of chat leads to."""
    return frozenset(w for table in (lexicon.words, lexicon.phrases) for value in table.values() for w in value.split())


@lru_cache(maxsize=100_000)
def _known_root(word: str) -> str | None:
    """The root within the fewest affixes; None when there is none."""
    if len(word) > _LONGEST or not word.isalpha():
        return None
    roots, seen, level = _roots(), {word}, [word]
    for _ in range(_MOST_AFFIXES):
        found = next((w for w in level if w in roots), None)
        if found is not None:
            return found
        shorter = [s for w in level for s in _shorter(w)]
        level = [s for s in dict.fromkeys(shorter) if s not in seen]
        seen.update(level)
    return None


def _shorter(word: str) -> list[str]:
    """A word less one affix, in every way that there is; endings first."""
    ends = [word[: -len(e)] for e in _ENDINGS if word.endswith(e)]
    heads = [word[len(p) :] for p in _PREFIXES if word.startswith(p)]
    rest = word[2:] if word.startswith(("me", "pe")) else word
    nasal = [*([rest] if rest != word else []), *_restored(rest)]
    return [w for w in (*ends, *heads, *nasal) if len(w) >= _SHORTEST]


def _restored(rest: str) -> Iterator[str]:
    """What stood before its first sound became nasal: "ngirim" -> "irim", "kirim"; "nulis" -> "tulis"."""
    if rest.startswith("nge"):
        yield rest[3:]
    for nasal, letters in _SWALLOWED.items():
        if rest.startswith(nasal):
            tail = rest[len(nasal) :]
            if tail[:1] in _VOWELS:
                yield from ((tail,) if nasal == "ng" else ())
                yield from (letter + tail for letter in letters)
            elif nasal != "ny":
                yield tail
            return
