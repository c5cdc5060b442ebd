"""A linear classifier: one-versus-rest support vectors, squared hinge loss, trained in the dual.

Coordinate descent over examples (Hsieh et al. 2008), all classes at once: an example's dual variables of every class
are updated together, so that the inner step is a small matrix product. A few passes over ten thousand short texts take
seconds and need nothing but numpy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.features import Floats, Ints, Sparse


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights`: (features + 1 bias) x classes. `labels`: the classes in column order."""

    labels: tuple[str, ...]
    weights: Floats

    def scores(self, vector: Sparse) -> Floats:
        """A margin for each class; above 0 the class's side. No probability."""
        result: Floats = vector.value @ self.weights[vector.index] + self.weights[-1]
        return result.astype(np.float32)


def train(
    vectors: Sequence[Sparse], labels: Sequence[str], features: int, *, cost: float = 0.5, passes: int = 5,
    rarity: float = 0.0, seed: int = 7,
) -> LinearModel:  # fmt: skip
    """Fit one hyperplane a class. Deterministic for the same input and seed.

    `rarity`: how much more an example of a rare class weighs, as a power of how much rarer than the commonest it is.
    """
    counts = Counter(labels)
    classes = sorted(counts)
    column = {label: n for n, label in enumerate(classes)}
    commonest = max(counts.values())
    own = np.array([1 / (2 * cost * (commonest / counts[c]) ** rarity) for c in classes], np.float32)
    target = np.array([column[label] for label in labels], np.int32)
    weights = np.zeros((features + 1, len(classes)), np.float32)
    _descend(vectors, target, weights, own, 1 / (2 * cost), passes, np.random.default_rng(seed))
    return LinearModel(tuple(classes), weights)


def _descend(
    vectors: Sequence[Sparse], target: Ints, weights: Floats, own: Floats, usual: float, passes: int,
    chance: np.random.Generator,
) -> None:  # fmt: skip
    """`own[k]`: softness of an example towards its class k; `usual`: towards every other class."""
    alpha = np.zeros((len(vectors), weights.shape[1]), np.float32)
    bounded = [_with_bias(v, len(weights) - 1) for v in vectors]
    norms = [float(v.value @ v.value) for v in bounded]
    sign = -np.ones(weights.shape[1], np.float32)
    soft = np.full(weights.shape[1], usual, np.float32)
    for _ in range(passes):
        for n in chance.permutation(len(vectors)):
            vector, right = bounded[n], target[n]
            sign[right], soft[right] = 1, own[right]
            rows = weights[vector.index]
            gradient = sign * (vector.value @ rows) - 1 + soft * alpha[n]
            updated = np.maximum(alpha[n] - gradient / (norms[n] + soft), 0)
            change = (updated - alpha[n]) * sign
            moved = np.flatnonzero(change)
            if len(moved):
                weights[np.ix_(vector.index, moved)] = rows[:, moved] + np.outer(vector.value, change[moved])
            alpha[n] = updated
            sign[right], soft[right] = -1, usual


def _with_bias(vector: Sparse, bias: int) -> Sparse:
    return Sparse(np.append(vector.index, np.int32(bias)), np.append(vector.value, np.float32(1)))
