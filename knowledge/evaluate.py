"""How well messages are understood: accuracy, wrong answers, escalation, confusions, on labelled messages.

The same figures gate every edit of the base. Definitions, over all messages unless said otherwise:

    accuracy@1, @3     of the answerable ones (an answer from the base is expected): an expected topic comes first,
                       or among the first three
    wrong answers      the service answers from the base although something else was asked, or staff were due
    escalation recall  of those that staff must get: they get them
    intent, action     the label is met; `intent_merged` takes faq and data_request as one
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANSWER, ESCALATE = "answer", "escalate"
_MERGED = {"data_request": "faq"}


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled message. `hard` is the labeller's reason, empty for an ordinary one."""

    id: str
    office: str
    channel: str
    text: str
    language: str
    intent: str
    topics: tuple[str, ...]
    action: str
    hard: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the service made of it; topics best first."""

    intent: str
    action: str
    topics: tuple[str, ...]
    answered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    case: Case
    outcome: Outcome

    @property
    def answerable(self) -> bool:
        return self.case.action == ANSWER and bool(self.case.topics)

    def right_within(self, count: int) -> bool:
        return any(topic in self.case.topics for topic in self.outcome.topics[:count])

    @property
    def wrongly_answered(self) -> bool:
        if self.outcome.action != ANSWER:
            return False
        return self.case.action != ANSWER or not self.right_within(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1; None where there was nothing to measure."""

    messages: int
    accuracy_1: float | None
    accuracy_3: float | None
    wrong_answers: float | None
    escalation_recall: float | None
    intent: float | None
    intent_merged: float | None
    action: float | None


@dataclass(frozen=True, slots=True)
class Report:
    total: Figures
    by: Mapping[str, Mapping[str, Figures]]
    confusions: tuple[tuple[str, str, int], ...]
    judged: tuple[Judged, ...] = field(repr=False, default=())


def case_from(data: Mapping[str, Any]) -> Case:
    """A line of a question file; raises KeyError or TypeError for what is none."""
    expect = data["expect"]
    return Case(
        str(data["id"]), data["office"], data["channel"], data["text"], data.get("lang", ""), expect["intent"],
        tuple(expect["topics"]), expect["action"], data.get("hard", ""),
    )  # fmt: skip


def evaluate(judged: Sequence[Judged], group_of: Mapping[str, str]) -> Report:
    """All figures. `group_of`: the group of each topic."""
    splits: Mapping[str, Callable[[Judged], str]] = {
        "language": lambda j: j.case.language,
        "channel": lambda j: j.case.channel,
        "group": lambda j: group_of.get(j.case.topics[0], "?") if j.case.topics else j.case.intent,
        "difficulty": lambda j: "hard" if j.case.hard else "ordinary",
        "office": lambda j: j.case.office,
    }
    by = {name: {key: figures(part) for key, part in _split(judged, key_of)} for name, key_of in splits.items()}
    return Report(figures(judged), by, _confusions(judged), tuple(judged))


def figures(judged: Sequence[Judged]) -> Figures:
    answerable = [j for j in judged if j.answerable]
    due = [j for j in judged if j.case.action == ESCALATE]
    return Figures(
        messages=len(judged),
        accuracy_1=_share(j.right_within(1) for j in answerable),
        accuracy_3=_share(j.right_within(3) for j in answerable),
        wrong_answers=_share(j.wrongly_answered for j in judged),
        escalation_recall=_share(j.outcome.action == ESCALATE for j in due),
        intent=_share(j.outcome.intent == j.case.intent for j in judged),
        intent_merged=_share(_merged(j.outcome.intent) == _merged(j.case.intent) for j in judged),
        action=_share(j.outcome.action == j.case.action for j in judged),
    )


def _merged(intent: str) -> str:
    return _MERGED.get(intent, intent)


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return sum(values) / len(values) if values else None


def _split(judged: Sequence[Judged], key_of: Callable[[Judged], str]) -> list[tuple[str, list[Judged]]]:
    parts: dict[str, list[Judged]] = {}
    for item in judged:
        parts.setdefault(key_of(item), []).append(item)
    return sorted(parts.items())


def _confusions(judged: Sequence[Judged], most: int = 20) -> tuple[tuple[str, str, int], ...]:
    """Pairs (expected, got) that occur most; a topic where one was expected, else intent and action."""
    pairs: Counter[tuple[str, str]] = Counter()
    for item in judged:
        expected, got = item.case, item.outcome
        if item.answerable and not item.right_within(1):
            pairs[expected.topics[0], got.topics[0] if got.topics else f"({got.action})"] += 1
        elif got.action != expected.action:
            pairs[f"{expected.intent}/{expected.action}", f"{got.intent}/{got.action}"] += 1
    return tuple((a, b, count) for (a, b), count in pairs.most_common(most))
