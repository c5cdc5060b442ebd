"""Search over the base: a normal form -> ranked entries with probabilities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from intents.features import Features
from intents.linear import LinearModel, train
from intents.text import Normal
from intents.understand import softmax


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate; `score` is the probability that it is what was asked."""

    id: str
    score: float


class Index:
    """Built once, immutable."""

    def __init__(self, features: Features, model: LinearModel, sharpness: float) -> None:
        self._features = features
        self._model = model
        self._sharpness = sharpness

    def search(self, normal: Normal, most: int = 5, among: Collection[str] | None = None) -> list[Hit]:
        """The likeliest entries, best first; only those `among` the given ids where they are given."""
        chances = softmax(self._model.scores(self._features.vector(normal)) * self._sharpness)
        ranked = sorted(zip(self._model.labels, chances.tolist(), strict=True), key=lambda p: -p[1])
        return [Hit(label, p) for label, p in ranked if among is None or label in among][:most]


def build_index(features: Features, normals: Sequence[Normal], ids: Sequence[str], *, sharpness: float = 6.0) -> Index:
    """Train on normal forms of questions with the ids of their entries."""
    return Index(features, train([features.vector(n) for n in normals], ids, features.count), sharpness)
