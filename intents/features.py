"""Normal forms to sparse vectors: stems with their neighbours, and character n-grams; tf-idf, each block of length 1.

Character n-grams, cut across word ends, carry what the lexicon does not know: typos, dialect endings, words of other
languages. The theory is plain vector space: weight (1 + log tf) * idf, cosine by normalisation (Salton & Buckley 1988).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from intents.text import Normal

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
GRAMS = (3, 4)


@dataclass(frozen=True, slots=True)
class Sparse:
    """One vector: distinct feature numbers and their weights."""

    index: Ints
    value: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """Feature numbers and idf weights, learnt from a collection; immutable."""

    words: Mapping[str, int]
    grams: Mapping[str, int]
    idf: Floats

    @property
    def count(self) -> int:
        return len(self.words) + len(self.grams)

    def vector(self, normal: Normal) -> Sparse:
        """The vector of a normal form; features that the collection does not know are left out."""
        words = self._block(word_terms(normal), self.words, 0)
        grams = self._block(gram_terms(normal), self.grams, len(self.words))
        return Sparse(np.concatenate([words.index, grams.index]), np.concatenate([words.value, grams.value]))

    def _block(self, terms: Iterable[str], numbers: Mapping[str, int], offset: int) -> Sparse:
        counts = Counter(t for t in terms if t in numbers)
        index = np.fromiter((numbers[t] + offset for t in counts), np.int32, len(counts))
        weight = np.fromiter((1 + math.log(c) for c in counts.values()), np.float32, len(counts)) * self.idf[index]
        length = float(np.sqrt(weight @ weight))
        return Sparse(index, (weight / length if length else weight).astype(np.float32))


def learn(collection: Sequence[Normal], *, least: int = 2) -> Features:
    """Features of a collection; n-grams that occur in fewer than `least` texts are noise."""
    words = Counter(t for n in collection for t in set(word_terms(n)))
    grams = Counter(t for n in collection for t in set(gram_terms(n)))
    kept_words, kept_grams = sorted(words), sorted(g for g, c in grams.items() if c >= least)
    frequency = [words[w] for w in kept_words] + [grams[g] for g in kept_grams]
    idf = np.log((1 + len(collection)) / (1 + np.array(frequency, np.float32))) + 1
    return Features(
        {w: n for n, w in enumerate(kept_words)}, {g: n for n, g in enumerate(kept_grams)}, idf.astype(np.float32)
    )


def word_terms(normal: Normal) -> list[str]:
    """Stems, and each with the one that follows."""
    return [*normal.stems, *(f"{a}_{b}" for a, b in pairwise(normal.stems))]


def gram_terms(normal: Normal) -> list[str]:
    """Runs of 3 and 4 characters of the whole normal form, spaces included."""
    text = f" {normal.text} "
    return [text[at : at + size] for size in GRAMS for at in range(len(text) - size + 1)]
