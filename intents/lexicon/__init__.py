"""The words of chat: loaded once from the TOML files beside this module. Their headers say how each came to be."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LANGUAGES = ("chat", "javanese", "madurese", "english")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`words` maps a token, `phrases` a tuple of tokens, to standard Indonesian words.

    `owners`: which language a word gave itself away as. `fillers` mean nothing for the question. `cues` are named
    lists of tell-tale phrases, as token tuples; `indicators` names of what statistics measure.
    """

    words: Mapping[str, str]
    phrases: Mapping[tuple[str, ...], str]
    owners: Mapping[str, str]
    fillers: frozenset[str]
    stopwords: frozenset[str]
    cues: Mapping[str, tuple[tuple[str, ...], ...]]
    numbers: Mapping[str, int]
    ratings: Mapping[tuple[str, ...], int]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    starts: Mapping[str, int]
    indicators: frozenset[tuple[str, ...]]

    def longest(self, word: str) -> int:
        """Length of the longest phrase that begins with a word; 0 when none does."""
        return self.starts.get(word) or self.starts.get(word.rstrip("'"), 0)


@cache
def load() -> Lexicon:
    """The packaged lexicon."""
    tables = {name: _read(name) for name in (*LANGUAGES, "phrases", "fillers", "cues", "numbers", "indicators")}
    words: dict[str, str] = {}
    phrases: dict[tuple[str, ...], str] = {}
    owners: dict[str, str] = {}
    for language in LANGUAGES:
        for key, value in tables[language].get("words", {}).items():
            tokens = tuple(key.split())
            if len(tokens) > 1:
                phrases.setdefault(tokens, value)
            else:
                words.setdefault(key, value)
                owners.setdefault(key, language)
    phrases |= {tuple(k.split()): v for k, v in tables["phrases"].get("phrases", {}).items()}
    fillers, numbers = tables["fillers"], tables["numbers"]
    return Lexicon(
        MappingProxyType(words), MappingProxyType(phrases), MappingProxyType(owners),
        frozenset(fillers.get("address", ())) | frozenset(fillers.get("politeness", ())),
        frozenset(fillers.get("stopwords", ())),
        {name: tuple(tuple(p.split()) for p in found) for name, found in tables["cues"].items()},
        numbers.get("numbers", {}), {tuple(k.split()): v for k, v in numbers.get("ratings", {}).items()},
        numbers.get("weekdays", {}), numbers.get("months", {}), _starts(phrases),
        frozenset(tuple(name.split()) for name in tables["indicators"].get("indicators", ())),
    )  # fmt: skip


def _starts(phrases: Mapping[tuple[str, ...], str]) -> Mapping[str, int]:
    """By first word, the length of the longest phrase: most words begin none, and are not looked up again."""
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(longest.get(phrase[0], 0), len(phrase))
    return MappingProxyType(longest)


def _read(name: str) -> dict[str, Any]:
    path = resources.files(__name__) / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
