"""From verdicts to an action: what is done with a question.

Answering something else than what was asked costs more than asking back, and a question for staff that never reaches
them costs more than an officer's minute: so the base answers only where `right` reaches the office's threshold, staff
count threefold, and otherwise the likeliest wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.core.model import Thresholds
from intents.meaning import Action

STAFF_WEIGHT = 3.0


class Verdict(StrEnum):
    """RIGHT: the first topic answers it. UNSURE: another topic does. OTHER: it is no question at all."""

    RIGHT = "right"
    UNSURE = "unsure"
    STAFF = "staff"
    VAGUE = "vague"
    PERSONAL = "personal"
    OTHER = "other"


def decide(chances: Mapping[Verdict, float], thresholds: Thresholds) -> Action | None:
    """What to do with a question; None when it is none (the intents decide then)."""
    right, staff = chances[Verdict.RIGHT], chances[Verdict.STAFF] * STAFF_WEIGHT
    if chances[Verdict.OTHER] >= max(staff, *(c for v, c in chances.items() if v is not Verdict.STAFF)):
        return None
    if right >= thresholds.answer and right > staff:
        return Action.ANSWER
    held = right + chances[Verdict.UNSURE]
    rivals = {Action.CLARIFY: chances[Verdict.VAGUE], Action.REFUSE: chances[Verdict.PERSONAL], Action.ESCALATE: staff}
    best = max(rivals, key=lambda action: rivals[action])
    return Action.CLARIFY if held >= max(thresholds.clarify, rivals[best]) else best
