"""How close a message comes to anything that was ever seen: cosine to the nearest example of each label.

A classifier always has a favourite; only the distance to the examples tells that a message is of a kind not met before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.features import Floats, Ints, Sparse


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Examples by feature: `starts[f]:starts[f + 1]` are the places of feature f in `examples` and `weights`."""

    labels: tuple[str, ...]
    owner: Ints
    starts: npt.NDArray[np.int64]
    examples: Ints
    weights: Floats

    def nearest(self, vector: Sparse) -> Floats:
        """For each label the cosine (0 to 1) to its nearest example."""
        products = np.zeros(len(self.owner), np.float32)
        for feature, weight in zip(vector.index.tolist(), vector.value.tolist(), strict=True):
            start, end = self.starts[feature], self.starts[feature + 1]
            products[self.examples[start:end]] += self.weights[start:end] * np.float32(weight)
        best = np.zeros(len(self.labels), np.float32)
        np.maximum.at(best, self.owner, products / 2)  # both blocks of a vector have length 1
        return best


def remember(vectors: Sequence[Sparse], labels: Sequence[str], features: int) -> Neighbours:
    """All examples, to be compared with."""
    known = sorted(set(labels))
    column = {label: n for n, label in enumerate(known)}
    examples = np.repeat(np.arange(len(vectors), dtype=np.int32), [len(v.index) for v in vectors])
    index = np.concatenate([v.index for v in vectors])
    weights = np.concatenate([v.value for v in vectors])
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(features + 1)).astype(np.int64)
    owner = np.array([column[label] for label in labels], np.int32)
    return Neighbours(tuple(known), owner, starts, examples[order], weights[order])
