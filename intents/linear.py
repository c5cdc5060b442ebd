"""A linear classifier: one-versus-rest support vectors, squared hinge loss, trained in the dual.

Coordinate descent over examples (Hsieh et al. 2008), all classes at once: an example's dual variables of every class
are updated together, so that the inner step is a small matrix product. A few passes over ten thousand short texts take
seconds and need nothing but numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.features import Floats, Ints, Sparse


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights`: (features + 1 bias) x classes, float32. `labels`: the classes in column order."""

    labels: tuple[str, ...]
    weights: Floats

    def scores(self, vector: Sparse) -> Floats:
        """A margin for each class; above 0 the class's side. Not a probability: see intents/calibration.py."""
        result: Floats = vector.value @ self.weights[vector.index] + self.weights[-1]
        return result


def train(
    vectors: Sequence[Sparse],
    labels: Sequence[str],
    features: int,
    *,
    cost: float = 0.5,
    passes: int = 6,
    seed: int = 7,
) -> LinearModel:
    """Fit one hyperplane a class. Deterministic for the same input and seed."""
    classes = sorted(set(labels))
    column = {label: n for n, label in enumerate(classes)}
    target = np.array([column[label] for label in labels], np.int32)
    weights = np.zeros((features + 1, len(classes)), np.float32)
    _descend(vectors, target, weights, cost, passes, np.random.default_rng(seed))
    return LinearModel(tuple(classes), weights)


def _descend(
    vectors: Sequence[Sparse], target: Ints, weights: Floats, cost: float, passes: int, chance: np.random.Generator
) -> None:
    diagonal = np.float32(1 / (2 * cost))
    alpha = np.zeros((len(vectors), weights.shape[1]), np.float32)
    bounded = [_with_bias(v, len(weights) - 1) for v in vectors]
    norms = [float(v.value @ v.value) for v in bounded]
    sign = -np.ones(weights.shape[1], np.float32)
    for _ in range(passes):
        for n in chance.permutation(len(vectors)):
            vector, right = bounded[n], target[n]
            sign[right] = 1
            rows = weights[vector.index]
            gradient = sign * (vector.value @ rows) - 1 + diagonal * alpha[n]
            updated = np.maximum(alpha[n] - gradient / (norms[n] + diagonal), 0)
            change = (updated - alpha[n]) * sign
            moved = np.flatnonzero(change)
            if len(moved):
                weights[np.ix_(vector.index, moved)] = rows[:, moved] + np.outer(vector.value, change[moved])
            alpha[n] = updated
            sign[right] = -1


def _with_bias(vector: Sparse, bias: int) -> Sparse:
    return Sparse(np.append(vector.index, np.int32(bias)), np.append(vector.value, np.float32(1)))
