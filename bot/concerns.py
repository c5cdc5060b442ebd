"""Several concerns in one message: the whole is read, then its sentences; what they add is served beside it.

The whole decides what the message is about; a sentence only adds what it says clearly by itself, and a second
answer only where the whole had that topic among its candidates. A real complaint comes first, whatever else is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.model import Thresholds
from bot.core.reading import Concern
from intents.meaning import QUESTIONS, Action, Intent

MOST_CONCERNS = 3
_SERVED = (Action.ANSWER, Action.ESCALATE)
_SURE, _CLEARLY, _SHARE = 0.7, 0.85, 0.03
_BESIDE = frozenset({Intent.COMPLAINT, Intent.APPOINTMENT, Intent.DELETE_MY_DATA, Intent.HUMAN})
_MATTERS = _BESIDE | {Intent.STATUS, Intent.RATING, Intent.OPT_OUT, Intent.CORRECTION}


def together(whole: Concern, parts: Sequence[Concern], thresholds: Thresholds) -> tuple[Concern, ...]:
    """The concerns to be served, the main one first."""
    added: list[Concern] = []
    for part in parts:
        known = {c.intent for c in (whole, *added)} - QUESTIONS
        told = {topic for c in (whole, *added) for topic in c.answers}
        if _is_another(part, whole, known, told, thresholds) and len(added) < MOST_CONCERNS - 1:
            added.append(part)
    first = [c for c in added if c.intent is Intent.COMPLAINT]
    return (*first, whole, *(c for c in added if c.intent is not Intent.COMPLAINT))


def _likely(whole: Concern) -> set[str]:
    return {t.id for t in whole.topics if t.share >= _SHARE}


def _is_another(
    part: Concern, whole: Concern, known: frozenset[Intent] | set[Intent], told: set[str], thresholds: Thresholds
) -> bool:
    if part.intent in QUESTIONS:
        clear = part.action is Action.ANSWER and part.confidence >= max(thresholds.certain, _CLEARLY)
        another = part.best in _likely(whole) - {whole.place} and (whole.answers or part.best != whole.best)
        heard = whole.intent in _MATTERS or (whole.action in _SERVED and another)
        return clear and bool(heard) and not set(part.answers) & told
    beside = part.intent in _BESIDE and part.intent not in known and whole.intent in QUESTIONS
    return beside and part.confidence >= _SURE
