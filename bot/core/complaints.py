"""Complaints: recorded once, passed to staff, and the office's own complaint addresses are told."""

from __future__ import annotations

from bot.core.effects import Notice, NotifyStaff, RecordComplaint
from bot.core.model import Talk, Waiting
from bot.core.reading import Concern
from bot.core.turn import Turn
from intents.meaning import Intent


def raise_one(turn: Turn, concern: Concern) -> None:
    """A concern: the complaint itself, or the bare wish to complain."""
    if concern.subject:
        record(turn, concern.text)
    else:
        turn.say("what_happened")
        turn.ask((), Talk(Waiting.COMPLAINT))


def told(turn: Turn) -> bool:
    """Rule: the complaint itself, after "what happened?"."""
    if turn.waiting is not Waiting.COMPLAINT or turn.heard.reading.main.intent in (Intent.DENY, Intent.MENU):
        return False
    record(turn, turn.heard.text)
    return True


def record(turn: Turn, text: str) -> None:
    turn.do(RecordComplaint(text))
    turn.do(NotifyStaff(Notice.COMPLAINT, text))
    turn.say("complaint_recorded")
