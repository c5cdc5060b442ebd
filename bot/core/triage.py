"""From evidence to a verdict: what is done with a question.

The evidence are some thirty numbers about a message (shares of the intents, margins and nearness of the topics, marks
like a year or "berapa"). A small logistic model turns them into calibrated probabilities of six verdicts; its
coefficients are fitted on labelled messages (tools/fit_judgement.py) and stand in bot/judgement.toml.

Answering something else than what was asked costs more than asking back, and asking back costs more than an officer's
minute: so the base answers only where `right` reaches the office's threshold, else the likeliest of the others wins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.model import Thresholds
from intents.meaning import Action


class Verdict(StrEnum):
    """RIGHT: the first topic answers it. UNSURE: another topic does. OTHER: it is no question at all."""

    RIGHT = "right"
    UNSURE = "unsure"
    STAFF = "staff"
    VAGUE = "vague"
    PERSONAL = "personal"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The fitted model: for each kind of evidence its mean and spread, and its weight for each verdict."""

    mean: Mapping[str, float]
    spread: Mapping[str, float]
    weights: Mapping[Verdict, Mapping[str, float]]
    bias: Mapping[Verdict, float]

    def chances(self, evidence: Mapping[str, float]) -> dict[Verdict, float]:
        """A probability for each verdict, summing to 1."""
        scaled = {name: (evidence[name] - mean) / self.spread[name] for name, mean in self.mean.items()}
        scores = {
            verdict: self.bias[verdict] + sum(weights[name] * value for name, value in scaled.items())
            for verdict, weights in self.weights.items()
        }
        highest = max(scores.values())
        grown = {verdict: math.exp(score - highest) for verdict, score in scores.items()}
        total = sum(grown.values())
        return {verdict: value / total for verdict, value in grown.items()}


def decide(chances: Mapping[Verdict, float], thresholds: Thresholds) -> Action | None:
    """What to do with a question; None when it is none (the intents decide then)."""
    if chances[Verdict.OTHER] >= max(chances.values()):
        return None
    if chances[Verdict.RIGHT] >= thresholds.answer:
        return Action.ANSWER
    held = chances[Verdict.RIGHT] + chances[Verdict.UNSURE]
    rivals = {Action.CLARIFY: chances[Verdict.VAGUE], Action.REFUSE: chances[Verdict.PERSONAL]}
    rivals[Action.ESCALATE] = chances[Verdict.STAFF]
    best = max(rivals, key=lambda action: rivals[action])
    return Action.CLARIFY if held >= max(thresholds.clarify, rivals[best]) else best
