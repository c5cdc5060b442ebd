"""Foreign FAQs with citizens' questions (tests/knowledge/data), and how well a ranking finds what was meant.

Every set is asked in four shapes: as it is; answers without titles (then the titles are questions too); titles without
answers; and with half of its questions known, the other half asked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from knowledge.hybrid import Document

FOLDER = Path(__file__).parent.parent / "tests" / "knowledge" / "data"
DEPTH = 20


@dataclass(frozen=True, slots=True)
class Set:
    """A FAQ and (question, id of the entry that answers it)."""

    name: str
    shape: str
    documents: tuple[Document, ...]
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in percent: the right entry first, among the first five, and the mean reciprocal rank."""

    first: float
    five: float
    reciprocal: float


class Ranks(Protocol):
    """Anything that ranks: numbers of documents with scores, best first."""

    def rank(self, text: str, most: int) -> list[tuple[int, float]]: ...


def sets() -> Iterator[Set]:
    """Every set in every shape."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        whole = [Document(r["id"], r["title"], r["answer"]) for r in rows]
        pairs = [(q, r["id"]) for r in rows for q in r["queries"]]
        titles = [(r["title"], r["id"]) for r in rows]
        known = [replace(d, questions=tuple(r["queries"][::2])) for d, r in zip(whole, rows, strict=True)]
        rest = [(q, r["id"]) for r in rows for q in r["queries"][1::2]]
        for shape, documents, asked in (
            ("whole", whole, pairs),
            ("answers only", [replace(d, title="") for d in whole], pairs + titles),
            ("titles only", [replace(d, answer="") for d in whole], pairs),
            ("asked before", known, rest),
        ):
            yield Set(path.stem, shape, tuple(documents), tuple(asked))


def quoted() -> Iterator[Set]:
    """All sets as one FAQ, asked with its own words: titles with slips of the keys, titles and answers in pieces."""
    whole = [given for given in sets() if given.shape == "whole"]
    documents = tuple(replace(d, id=f"{given.name} {d.id}") for given in whole for d in given.documents)
    shapes: dict[str, Callable[[Document, random.Random], str]] = {
        "titles, slips": lambda d, chance: " ".join(_slipped(word, chance) for word in d.title.split()),
        "titles, pieces": lambda d, chance: _pieces(d.title, 0.6, chance),
        "answers, pieces": lambda d, chance: _pieces(d.answer, 0.3, chance),
        "answers, slips": lambda d, chance: " ".join(
            _slipped(word, chance) for word in _pieces(d.answer, 0.3, chance).split()
        ),
    }
    for shape, put in shapes.items():
        chance = random.Random(5)
        yield Set("quoted", shape, documents, tuple((put(d, chance), d.id) for d in documents))


def _pieces(text: str, share: float, chance: random.Random) -> str:
    """A share of the words, in their order; all of them when chance would leave none."""
    return " ".join(word for word in text.split() if chance.random() < share) or text


def _slipped(word: str, chance: random.Random) -> str:
    """Every second long word with two letters swapped, one left out or one wrong."""
    if len(word) < 5 or chance.random() < 0.5:
        return word
    cut = chance.randrange(1, len(word) - 2)
    slips = (word[cut + 1] + word[cut] + word[cut + 2 :], word[cut + 1 :], chance.choice("aiueonrst") + word[cut + 1 :])
    return word[:cut] + chance.choice(slips)


def judge(ranking: Ranks, given: Set) -> Figures:
    """Ranks beyond `DEPTH` count as nothing."""
    ids = [d.id for d in given.documents]
    places = [_place([ids[n] for n, _ in ranking.rank(text, DEPTH)], right) for text, right in given.asked]
    count = len(places) / 100
    return Figures(
        sum(p == 1 for p in places) / count,
        sum(0 < p <= 5 for p in places) / count,
        sum(1 / p for p in places if p) / count,
    )


def _place(found: Sequence[str], right: str) -> int:
    """1 for the first; 0 when it was not found."""
    return found.index(right) + 1 if right in found else 0
