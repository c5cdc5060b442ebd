"""Buttons of menus that are not the newest any more. A phone keeps them all, and they can be tapped for ever.

Some say what they mean whenever they are tapped (a topic, a slot). Some belong to a question: then it is *that*
question which is handed over, not the one that is talked about now. Some belong to a consultation, and do nothing to
another one. Whatever is left does not act; the citizen is told, and shown what he may choose from now.
"""

from __future__ import annotations

from typing import Final

from bot.core import questions
from bot.core.turn import Turn

_TIMELESS: Final = frozenset({"ask", "slot", "release"})
_OF_A_CONSULTATION: Final = frozenset({"rate", "resolved", "unresolved", "skip"})
_TO_STAFF: Final = frozenset({"staff", "unhelpful"})


def of_another_consultation(turn: Turn) -> bool:
    """Whether what was tapped belongs to a consultation that is not the present one."""
    old = turn.heard.old_menu
    return turn.heard.button is not None and old is not None and not old.same_consultation


def tapped(turn: Turn) -> bool:
    """Rule: a tap on an old menu that must not be taken for a tap on the newest one."""
    old, key = turn.heard.old_menu, turn.heard.button
    if old is None or key is None:
        return False
    verb, _, argument = key.partition(":")
    if verb in _TIMELESS or (verb in _OF_A_CONSULTATION and old.same_consultation):
        return False
    if verb == "topic" and old.question:
        questions.answer_topic(turn, argument, old.question)
    elif verb in _TO_STAFF and old.question:
        _hand_over(turn, old.question)
    else:
        turn.say("glad" if verb == "helpful" else "old_menu")
        turn.keep_waiting()
    return True


def _hand_over(turn: Turn, question: str) -> None:
    """The question of that menu; it may have been handed over by the first tap already."""
    c = turn.consultation
    if c is not None and c.live and question in c.question:
        turn.say(f"status_{c.state}")
        turn.keep_waiting()
    else:
        questions.hand_over(turn, question)
