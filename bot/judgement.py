"""From evidence to calibrated probabilities of the verdicts: a few small networks, averaged.

The evidence are some eighty numbers about a message (margins and nearness of the intents and of the topics, marks like
a year or "berapa"). What they mean together is learnt from labelled messages by tools/fit_judgement.py; several
networks that were started differently and averaged are better calibrated than one (Lakshminarayanan et al. 2017).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.core.triage import Verdict

Floats = npt.NDArray[np.float32]
_FILE = "judgement.npz"


@dataclass(frozen=True)
class Judgement:
    """The fitted networks: one hidden layer (tanh), a softmax over the verdicts.

    Shapes, for F kinds of evidence, N networks, H hidden units: `mean`, `spread` (F,); `inner` (N, F, H) with
    `inner_bias` (N, 1, H); `outer` (N, H, verdicts) with `outer_bias` (N, 1, verdicts).
    """

    names: tuple[str, ...]
    mean: Floats
    spread: Floats
    inner: Floats
    inner_bias: Floats
    outer: Floats
    outer_bias: Floats

    def chances(self, evidence: Mapping[str, float]) -> dict[Verdict, float]:
        """A probability for each verdict, summing to 1. Raises KeyError for missing evidence."""
        row = np.array([[evidence[name] for name in self.names]], np.float32)
        return dict(zip(Verdict, self.of_rows(row)[0].tolist(), strict=True))

    def of_rows(self, evidence: Floats) -> Floats:
        """Probabilities (M, verdicts) of many messages at once; evidence (M, F) in the order of `names`."""
        scaled = (evidence - self.mean) / self.spread
        hidden = np.tanh(scaled[None] @ self.inner + self.inner_bias)
        scores = hidden @ self.outer + self.outer_bias
        grown = np.exp(scores - scores.max(axis=2, keepdims=True))
        result: Floats = (grown / grown.sum(axis=2, keepdims=True)).mean(axis=0)
        return result


def read_judgement() -> Judgement:
    """The packaged one."""
    with np.load(Path(str(resources.files("bot") / _FILE)), allow_pickle=False) as data:
        held: dict[str, Any] = {name: data[name] for name in data.files}
    names = tuple(str(name) for name in held.pop("names"))
    return Judgement(names, **{name: array.astype(np.float32) for name, array in held.items()})


def write_judgement(judgement: Judgement, path: Path) -> None:
    arrays = {name: getattr(judgement, name) for name in Judgement.__dataclass_fields__ if name != "names"}
    np.savez_compressed(path, names=np.array(judgement.names), **arrays)
