"""The public satisfaction survey (SKM): nine elements on a scale of 1 to 4, asked after a grade, never insisted on.

Source: PermenPANRB 14/2017. Each element is a question, the index is the mean of the elements' means times 25, and
the index has four classes. It is offered at most every 30 days to the same citizen, on the phone question by question
(or all nine digits at once), by mail as one list; an office that has its own form gives its link instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.core.effects import RecordSurvey
from bot.core.model import Channel, Option, Talk, Waiting
from bot.core.turn import Turn
from intents.meaning import Cue, Intent

ELEMENTS = 9
BEST = 4
REST = timedelta(days=30)
OFFER = (Option("survey:yes", "Boleh"), Option("survey:no", "Lain kali"))
SCALE = tuple(Option(f"score:{n}", str(n)) for n in range(1, BEST + 1))
_DIGITS = re.compile(r"(?<!\d)[1-4](?!\d)")
_CLASSES = ((88.31, "A"), (76.61, "B"), (65.0, "C"), (0.0, "D"))


@dataclass(frozen=True, slots=True)
class Index:
    """Of one period. `elements`: the nine means (1-4); `value`: 25 to 100; `grade`: A (very good) to D (not good)."""

    respondents: int
    elements: tuple[float, ...]
    value: float
    grade: str


def index(answers: Sequence[Sequence[int]]) -> Index | None:
    """The index over complete answers; None where nobody has answered."""
    if not answers:
        return None
    elements = tuple(sum(scores[n] for scores in answers) / len(answers) for n in range(ELEMENTS))
    value = round(sum(elements) / ELEMENTS * 25, 2)
    grade = next(name for least, name in _CLASSES if value >= least)
    return Index(len(answers), elements, value, grade)


def offer(turn: Turn) -> None:
    """After a grade, in the same message: the second step, unless it was offered within the last 30 days."""
    before = turn.before.survey_at
    if before is not None and turn.heard.at - before < REST:
        return
    turn.change(survey_at=turn.heard.at)
    if "survey_link" in turn.office.facts:
        turn.say("survey_by_link")
    elif turn.conversation.channel is Channel.EMAIL:
        turn.say("survey_by_mail")
        turn.ask((), Talk(Waiting.SURVEY))
    else:
        turn.say("survey_offer")
        turn.ask(OFFER, Talk(Waiting.SURVEY))


def answered(turn: Turn) -> bool:
    """Rule: yes or no to the offer, a score, or all nine at once; whatever else is said ends the survey."""
    if turn.waiting is not Waiting.SURVEY:
        return False
    whole = _nine(turn.heard.text)
    if whole:
        _finish(turn, whole)
    elif _declined(turn):
        turn.say("survey_declined")
    elif turn.before.talk.turn == 0:
        return _begin(turn)
    else:
        return _score(turn)
    return True


def tapped(turn: Turn, answer: str) -> None:
    """The offer's button, tapped when the talk had gone on."""
    if answer == "yes":
        _question(turn, ())
    else:
        turn.say("survey_declined")


def _begin(turn: Turn) -> bool:
    if turn.heard.button != "survey:yes" and turn.heard.reading.main.intent is not Intent.AFFIRM:
        return False
    _question(turn, ())
    return True


def _score(turn: Turn) -> bool:
    """An answer to one question; a number beyond the scale is asked again."""
    scores = tuple(int(score) for score in turn.before.talk.topics)
    given = _given(turn)
    if given is None:
        return False
    if not 1 <= given <= BEST:
        turn.say("survey_scale")
        turn.keep_waiting()
    elif len(scores) + 1 < ELEMENTS:
        _question(turn, (*scores, given))
    else:
        _finish(turn, (*scores, given))
    return True


def _given(turn: Turn) -> int | None:
    verb, _, number = (turn.heard.button or "").partition(":")
    return int(number) if verb == "score" and number.isdigit() else turn.heard.reading.digit


def _question(turn: Turn, scores: tuple[int, ...]) -> None:
    number = len(scores) + 1
    turn.say(f"survey_{number}", position=f"{number}/{ELEMENTS}")
    turn.ask(SCALE, Talk(Waiting.SURVEY, topics=tuple(str(score) for score in scores), turn=number))


def _finish(turn: Turn, scores: tuple[int, ...]) -> None:
    turn.do(RecordSurvey(scores))
    turn.say("survey_thanks")


def _declined(turn: Turn) -> bool:
    refused = turn.heard.reading.main.intent is Intent.DENY or turn.cue(Cue.SKIP)
    return turn.heard.button == "survey:no" or (turn.heard.button is None and refused)


def _nine(text: str) -> tuple[int, ...]:
    """Nine scores in one message: "4 4 3 4 4 4 4 3 4", "444344434", or a line a question ("1. 4"); else nothing."""
    lines = [re.sub(r"^\s*\d\s*[.):]\s*", "", line) for line in text.splitlines() if line.strip()]
    found = [int(digit) for line in lines for digit in _DIGITS.findall(line)]
    run = re.fullmatch(r"[1-4]{9}", text.strip())
    if run:
        return tuple(int(digit) for digit in run[0])
    others = re.sub(r"[1-4\s,;.\-/]", "", "".join(lines))
    return tuple(found) if len(found) == ELEMENTS and not others else ()
