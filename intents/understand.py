"""Text -> Understanding: what a message wants, by a linear classifier over labelled example messages.

The classes are the example files (intents/examples/*.toml) plus two that the caller brings along, because only the
base knows them: "question" (the base answers it) and "value" (about a topic, but only an officer can answer).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from intents.features import Features, Floats
from intents.linear import LinearModel, train
from intents.meaning import Action, Intent
from intents.text import Normal

QUESTION = "question"
VALUE = "value"


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled message. `label` is its class; `style` formal, chat, jv, mad or en."""

    text: str
    label: str
    style: str


@dataclass(frozen=True, slots=True)
class Class:
    """What a class stands for."""

    label: str
    intent: Intent
    action: Action
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    classes: Mapping[str, Class]
    messages: tuple[Example, ...]


def read_examples() -> Examples:
    """The packaged example messages."""
    classes, messages = {}, []
    folder = resources.files("intents") / "examples"
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            label = path.name.removesuffix(".toml")
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            classes[label] = Class(label, Intent(data["intent"]), Action(data["action"]), tuple(data.get("topics", ())))
            messages += [Example(t, label, style) for style, texts in data["messages"].items() for t in texts]
    return Examples(classes, tuple(messages))


class IntentModel:
    """Probabilities of the classes for a normal form. Immutable."""

    def __init__(self, features: Features, model: LinearModel, sharpness: float) -> None:
        self._features = features
        self._model = model
        self._sharpness = sharpness

    @property
    def labels(self) -> tuple[str, ...]:
        return self._model.labels

    def probabilities(self, normal: Normal) -> dict[str, float]:
        """A probability for each class, summing to 1."""
        scores = self._model.scores(self._features.vector(normal))
        return dict(zip(self._model.labels, softmax(scores * self._sharpness).tolist(), strict=True))


def build_intents(
    features: Features, normals: Sequence[Normal], labels: Sequence[str], *, sharpness: float = 4.0
) -> IntentModel:
    """Train on normal forms with their class labels."""
    vectors = [features.vector(n) for n in normals]
    return IntentModel(features, train(vectors, labels, features.count), sharpness)


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max())
    result: Floats = shifted / shifted.sum()
    return result


def labels_of(examples: Iterable[Example]) -> list[str]:
    return [e.label for e in examples]
