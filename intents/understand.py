"""What a message wants, by a linear classifier over labelled example messages, and how near it comes to any of them.

The classes are the example files (intents/examples/*.toml) plus two that the caller brings along, because only the
base knows them: "question" (the base answers it) and "value" (about a topic, but only an officer can answer).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np

from intents.features import Floats, Sparse
from intents.linear import LinearModel, train
from intents.meaning import Action, Intent
from intents.neighbours import Neighbours, remember

QUESTION = "question"
VALUE = "value"
SHARPNESS = 4.0
RARITY = 0.5


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


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for each class: the classifier's margin, a share that sums to 1, and the nearness (0 to 1) of its
    nearest example.
    """

    margins: Mapping[str, float]
    chances: Mapping[str, float]
    nearness: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IntentModel:
    """Immutable; built by `build_intents`."""

    model: LinearModel
    neighbours: Neighbours

    def signs(self, vector: Sparse) -> Signs:
        margins = self.model.scores(vector)
        chances = softmax(margins * np.float32(SHARPNESS))
        near = self.neighbours.nearest(vector)
        return Signs(
            dict(zip(self.model.labels, margins.tolist(), strict=True)),
            dict(zip(self.model.labels, chances.tolist(), strict=True)),
            dict(zip(self.neighbours.labels, near.tolist(), strict=True)),
        )


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


def build_intents(vectors: Sequence[Sparse], labels: Sequence[str], features: int) -> IntentModel:
    """Train on vectors with their class labels."""
    model = train(vectors, labels, features, rarity=RARITY)
    return IntentModel(model, remember(vectors, labels, features))


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max())
    result: Floats = shifted / shifted.sum()
    return result
