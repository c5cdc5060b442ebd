"""The end of a consultation: is the answer right, the grade, and what comes after it."""

from __future__ import annotations

from bot.core import complaints, consultation, questions, survey
from bot.core import events as ev
from bot.core.model import State, Talk, Waiting
from bot.core.turn import Turn
from intents.meaning import Cue, Intent

_COURTESIES = frozenset({Intent.THANKS, Intent.AFFIRM, Intent.GOODBYE, Intent.CHIT_CHAT})
CONTENT = 4  # a grade from here on says that the answer was right

def rating_given(turn: Turn) -> bool:
    """Rule: a grade, when one was asked for or may still be given; a refusal is respected."""
    main, c = turn.heard.reading.main, turn.consultation
    score = turn.heard.reading.entities.rating
    asked = turn.waiting is Waiting.RATING or (main.intent in _COURTESIES and _may_still_rate(turn))
    if not asked and turn.state is State.ANSWERED and turn.cue(Cue.DISSATISFIED):
        return False  # "kurang puas dengan jawabannya" is first of all no answer yet
    if score is not None and (asked or main.intent is Intent.RATING) and c is not None:
        rate(turn, score)
        return True
    if turn.waiting is Waiting.RATING and main.intent is Intent.DENY and not turn.cue(Cue.DISSATISFIED):
        turn.tell_consultation(ev.RatingRefused(turn.heard.at))
        turn.say("rating_refused")
        return True
    return False


def satisfaction_told(turn: Turn) -> bool:
    """Rule: after an officer's answer: it is right, or it is not. Soon after closing, that it is not reopens."""
    main = turn.heard.reading.main
    if turn.state is State.CLOSED and turn.reopenable and turn.cue(Cue.DISSATISFIED):
        if main.intent is Intent.COMPLAINT:
            return False
        displeased(turn)
        return True
    if turn.state is not State.ANSWERED:
        return False
    if turn.cue(Cue.DISSATISFIED) or main.intent is Intent.DENY:
        displeased(turn)
        if main.intent is Intent.COMPLAINT:
            complaints.record(turn, main.text)
    elif turn.asks_staff or _wordless(turn):
        return False
    elif turn.cue(Cue.SATISFIED) or main.intent is Intent.AFFIRM or main.intent is Intent.GOODBYE:
        pleased(turn)
    else:
        return False
    return True


def _may_still_rate(turn: Turn) -> bool:
    """Closed a few days ago, and neither rated nor refused: "makasih, bagus sekali" is the grade that was asked for."""
    c = turn.consultation
    return c is not None and turn.reopenable and c.rating is None and not c.rating_refused


def _wordless(turn: Turn) -> bool:
    """A thumb or a heart is a reaction, no reply: whether the answer is right is still to be said."""
    return turn.heard.button is None and not any(sign.isalnum() for sign in turn.heard.text)


def rate(turn: Turn, score: int) -> None:
    """A grade of 1 to 5 for the newest consultation; counted once. With words like "sudah sesuai" it also closes."""
    answered = turn.state is State.ANSWERED
    step = turn.tell_consultation(ev.Rated(turn.heard.at, score))
    if answered and turn.state is State.ANSWERED and (turn.cue(Cue.SATISFIED) or score >= CONTENT):
        turn.tell_consultation(ev.Pleased(turn.heard.at))
    closed = answered and turn.state is State.CLOSED
    if step.ignored is None:
        turn.say("rated", score=str(score))
    elif not closed:
        turn.say("rating_too_early" if turn.state is State.OPEN else "rating_not_counted")
    if closed:
        turn.say("closed_resolved")
    if step.ignored is None and turn.state is State.CLOSED:
        survey.offer(turn)


def pleased(turn: Turn) -> None:
    """The answer was right: closing notice and rating request in one."""
    step = turn.tell_consultation(ev.Pleased(turn.heard.at))
    if step.ignored is not None or turn.consultation is None:
        turn.say("glad")
        return
    goodbye = consultation.farewell(turn.consultation, "closed_resolved")
    turn.parts.extend(goodbye.parts)
    turn.purpose = goodbye.purpose
    turn.ask(goodbye.options, goodbye.talk or Talk())


def displeased(turn: Turn) -> None:
    """The answer was not right: staff owe another one."""
    if turn.consultation is None:
        questions.hand_over(turn, turn.before.talk.question or turn.heard.text)
        return
    live = turn.consultation.live
    turn.tell_consultation(ev.Displeased(turn.heard.at, turn.heard.text))
    turn.say("asked_again" if live else "reopened")
