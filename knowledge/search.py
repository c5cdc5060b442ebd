"""Search over the base: which entry is meant, and what speaks for it.

Three witnesses: a classifier trained from the questions of the entries, the nearest of those questions, and the hybrid
ranking over titles and answers, which knows words that nobody has asked with yet. An embedding model may be a fourth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.features import Floats, Sparse
from intents.linear import LinearModel, train
from intents.neighbours import Neighbours, remember
from intents.text import Normal
from intents.understand import softmax
from knowledge.embedding import Meanings
from knowledge.entries import Entry
from knowledge.hybrid import Document, Hybrid, build_hybrid

SHARPNESS = 6.0
MEANING = 0.05  # of one standard deviation of the cosines, in margins of the classifier; 3 of them settle a near tie


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate. `share`: of all candidates' likelihood; `margin`, `near`, `read`: what the witnesses say of it."""

    id: str
    share: float
    margin: float
    near: float
    read: float


@dataclass(frozen=True, slots=True)
class Index:
    """Built once, immutable."""

    model: LinearModel
    neighbours: Neighbours
    texts: Hybrid
    meanings: Meanings | None = None

    def search(self, normal: Normal, vector: Sparse, text: str = "", most: int = 8) -> list[Hit]:
        """The likeliest entries, best first. `text`: as written, for the embedding model."""
        margins = self.model.scores(vector)
        ranked = margins if self.meanings is None else margins + self._meant(self.meanings, text)
        shares = softmax(ranked * np.float32(SHARPNESS))
        near = dict(zip(self.neighbours.labels, self.neighbours.nearest(vector).tolist(), strict=True))
        read = dict(zip(self.texts.ids, self.texts.scores(normal).tolist(), strict=True))
        order = np.argsort(-ranked, kind="stable")[:most].tolist()
        labels = self.model.labels
        return [
            Hit(labels[n], float(shares[n]), float(margins[n]), near.get(labels[n], 0.0), read.get(labels[n], 0.0))
            for n in order
        ]

    def _meant(self, meanings: Meanings, text: str) -> Floats:
        """What the embeddings add to each margin: how far an entry's nearest question stands out from the others'."""
        near = dict(zip(meanings.labels, meanings.nearest(text).tolist(), strict=True))
        cosines = np.array([near.get(label, 0.0) for label in self.model.labels], np.float32)
        result: Floats = np.float32(MEANING) * (cosines - cosines.mean()) / (cosines.std() + np.float32(1e-6))
        return result


def build_index(entries: Sequence[Entry], vectors: Sequence[Sparse], ids: Sequence[str], features: int) -> Index:
    """Train on vectors of questions with the ids of their entries."""
    documents = [Document(e.id, e.title, e.answer) for e in entries]
    return Index(train(vectors, ids, features), remember(vectors, ids, features), build_hybrid(documents))
