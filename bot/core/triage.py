"""From probabilities to a concern: what the message wants and what is done about it.

Answering something else than what was asked costs more than asking back, and asking back costs more than an officer's
minute: so the base answers only from `thresholds.answer` on, asks back from `thresholds.clarify` on, else staff do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.model import Thresholds
from bot.core.reading import Concern, Topic
from intents.meaning import QUESTIONS, Action, Intent
from intents.understand import QUESTION, VALUE, Class

_FURTHER = 0.3  # a second topic is answered too when it is nearly as likely as the first
MOST_ANSWERS = 2


def judge(
    text: str, chances: Mapping[str, float], classes: Mapping[str, Class], topics: Sequence[Topic],
    thresholds: Thresholds,
) -> Concern:  # fmt: skip
    """One concern. `chances`: probability of each class; `topics`: candidates of the base, best first."""
    label = max(chances, key=lambda name: chances[name])
    if label in (QUESTION, VALUE):
        return _question(text, label, chances, topics, thresholds)
    known = classes[label]
    listed = tuple(Topic(t, t, chances[label]) for t in known.topics)
    if known.intent in QUESTIONS and known.action is Action.ESCALATE:
        return Concern(text, known.intent, Action.ESCALATE, chances[label], (), why=label)
    return Concern(text, known.intent, known.action, chances[label], listed, subject=len(text.split()) > 4, why=label)


def _question(
    text: str, label: str, chances: Mapping[str, float], topics: Sequence[Topic], thresholds: Thresholds
) -> Concern:
    sure = topics[0].score if topics else 0.0
    intent = Intent.DATA_REQUEST if (topics and topics[0].id.startswith("data-")) or label == VALUE else Intent.FAQ
    if label == VALUE:
        kept = tuple(topics) if sure >= thresholds.clarify else ()
        return Concern(text, Intent.DATA_REQUEST, Action.ESCALATE, chances[VALUE], kept, why=label)
    if sure >= thresholds.answer:
        answers = [t.id for t in topics[:MOST_ANSWERS] if t.score >= max(_FURTHER, topics[0].score * 0.6)]
        return Concern(text, intent, Action.ANSWER, sure, tuple(topics), tuple(answers) or (topics[0].id,), why=label)
    if sure >= thresholds.clarify:
        return Concern(text, intent, Action.CLARIFY, sure, tuple(topics), why=label)
    return Concern(text, intent, Action.ESCALATE, sure, (), why=label)
