"""What is wrong with a mail before its words count: the sender may be forged, or the words cannot be read.

Rules of bot/core/conversation.py, asked before all others. A mail whose sender could not be authenticated is heard by
staff alone: it may open a consultation or add to one, for most such senders are real, but nothing goes back by itself,
and nothing is closed, rated, withdrawn or erased on its word.
"""

from __future__ import annotations

from dataclasses import replace

from bot.core.effects import NotifyStaff, Say
from bot.core.events import Added, Asked
from bot.core.model import State
from bot.core.turn import Turn

UNVERIFIED = "unverified"


def sender_unverified(turn: Turn) -> bool:
    """Staff hear it, the sender hears nothing."""
    heard = turn.heard
    if not heard.unverified or heard.machine:
        return False
    turn.conversation = replace(turn.before, last_heard_at=heard.at)
    words = heard.text or "-"
    if turn.consultation is not None and turn.state is State.OPEN:
        turn.tell_consultation(Added(heard.at, words))
    else:
        turn.tell_consultation(Asked(heard.at, words, turn.conversation.channel, turn.conversation.details))
    turn.effects = [
        replace(effect, doubt=UNVERIFIED) if isinstance(effect, NotifyStaff) else effect
        for effect in turn.effects
        if not isinstance(effect, Say)
    ]
    return True


def words_unreadable(turn: Turn) -> bool:
    """Encrypted: asked for in plain text. Too large, or in Outlook's wrapping: what was read is heard all the same."""
    obstacle = turn.heard.obstacle
    if not obstacle or turn.heard.machine:
        return False
    turn.say(f"mail_{obstacle}")
    if obstacle != "encrypted" and turn.heard.text:
        return False
    turn.keep_waiting()
    return True


RULES = (sender_unverified, words_unreadable)
