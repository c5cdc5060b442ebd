"""The search of any FAQ beside textbook BM25 and the usual libraries: quality on foreign sets, then size and speed."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bench.foreign import Ranks, Set, judge, quoted, sets
from bench.rivals import Bm25s, BruteForce, Fts5, PlainBm25, grams_of, letters_of, words_of
from bench.texts import Asked, faq, questions
from knowledge.hybrid import Document, build_hybrid

SIZES = (200, 10_000, 100_000)
QUERIES = 200
PATIENCE = 6.0  # seconds of questions that a slow rival gets at most
Build = Callable[[Sequence[Document]], Ranks]


class Ours:
    """`knowledge.hybrid` under the rivals' interface."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._index = build_hybrid(documents)
        self._numbers = {d.id: n for n, d in enumerate(documents)}

    def rank(self, text: str, most: int) -> list[tuple[int, float]]:
        return [(self._numbers[name], score) for name, score in self._index.rank(text, most)]


PLAIN: dict[str, Build] = {
    "BM25 blanks": partial(PlainBm25, tokenise=words_of),
    "BM25 words": partial(PlainBm25, tokenise=letters_of),
    "BM25 3-4-grams": partial(PlainBm25, tokenise=grams_of),
    "bm25s": Bm25s,
}
USUAL: dict[str, Build] = {"bm25s": Bm25s, "SQLite FTS5": Fts5, "rapidfuzz": BruteForce}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds to build, MB held, milliseconds a question (median, 95th percentile), share found first (percent)."""

    build: float
    held: float
    median: float
    slow: float
    first: float


def main() -> None:
    quality()
    for size in SIZES:
        speed(size)


def quality() -> None:
    """recall@1 / recall@5 / MRR in percent, for each set in each shape, and the lead over the best plain one."""
    print(f"{'recall@1/@5/MRR':28}" + "".join(f"{name:>18}" for name in (*PLAIN, "ours")) + f"{'lead':>8}")
    for collection in (sets(), quoted()):
        leads = [_compared(given) for given in collection]
        print(f"lead on average {np.mean(leads):+.1f}, least {min(leads):+.1f}\n")


def _compared(given: Set) -> float:
    """Prints a line; the lead in points of recall@1 over the best plain one."""
    figures = [judge(build(given.documents), given) for build in (*PLAIN.values(), Ours)]
    lead = figures[-1].first - max(f.first for f in figures[:-1])
    cells = "".join(f"{f'{f.first:.1f}/{f.five:.1f}/{f.reciprocal:.1f}':>18}" for f in figures)
    print(f"{given.name + ', ' + given.shape:28}{cells}{lead:+8.1f}")
    return lead


def speed(size: int) -> None:
    """One size: every rival on the same entries and questions, times as ratios to ours."""
    documents, asked = faq(size), questions(size, QUERIES if size >= QUERIES else size)
    costs = {name: cost(build, documents, asked) for name, build in ({"ours": Ours} | USUAL).items()}
    print(f"{size:,} entries".ljust(18) + "  build s    MB   p50 ms   p95 ms  recall@1   p50 to ours")
    for name, c in costs.items():
        ratio = c.median / costs["ours"].median
        print(f"{name:18}{c.build:9.2f}{c.held:6.1f}{c.median:9.2f}{c.slow:9.2f}{c.first:9.1f}%{ratio:14.1f}")
    print()


def cost(build: Build, documents: Sequence[Document], asked: Sequence[Asked]) -> Cost:
    """Measured in processor time of this thread, so that a busy neighbour does not count."""
    started = time.process_time()
    built = build(documents)
    seconds = time.process_time() - started
    times, right = [], 0
    for question in asked:
        begun = time.process_time_ns()
        found = built.rank(question.text, 10)
        times.append((time.process_time_ns() - begun) / 1e6)
        right += bool(found) and documents[found[0][0]].id == question.id
        if sum(times) > PATIENCE * 1000:
            break
    del built
    median, slow = np.percentile(times, [50, 95])
    return Cost(seconds, held(build, documents), float(median), float(slow), 100 * right / len(times))


def held(build: Build, documents: Sequence[Document]) -> float:
    """MB that an index of a tenth of the documents holds (all, when they are few), times ten; libraries in C included
    only as far as they allocate through Python.
    """
    part = documents if len(documents) <= 1_000 else documents[: len(documents) // 10]
    gc.collect()
    tracemalloc.start()
    built = build(part)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del built
    return size / 1e6 * len(documents) / len(part)
