"""Messages without words: files, voice notes, stickers, places, and kinds that nobody here knows.

The channel has put something in brackets for what came ("[pesan suara]"). A file without words is asked about, and goes
along with what is written next. A sticker asks for nothing.
"""

from __future__ import annotations

from typing import Final

from bot.core import events as ev
from bot.core import questions
from bot.core.model import State, Talk, Waiting
from bot.core.reading import Concern
from bot.core.turn import Turn
from intents.meaning import Action, Cue, Intent

STICKER: Final = "[stiker]"
VOICE: Final = "[pesan suara]"
UNKNOWN: Final = "[pesan jenis lain]"
_SHORT: Final = 40  # characters
_NO_PURPOSE: Final = frozenset({
    Intent.DENY, Intent.GOODBYE, Intent.MENU, Intent.OPT_OUT, Intent.COMPLAINT, Intent.STATUS, Intent.APPOINTMENT,
    Intent.DELETE_MY_DATA, Intent.RATING, Intent.ABUSE, Intent.ATTACHMENT_ONLY,
})  # fmt: skip
_COURTESIES: Final = frozenset({Intent.GREETING, Intent.AFFIRM, Intent.THANKS, Intent.CHIT_CHAT})


def came(turn: Turn, concern: Concern) -> None:
    """Something came without a word."""
    kinds = set(turn.heard.text.splitlines())
    if kinds == {STICKER}:
        turn.tell_consultation(ev.Chattered(turn.heard.at))
        turn.say("sticker")
        turn.keep_waiting()
    elif kinds == {UNKNOWN}:
        turn.say("unknown_kind")
        turn.keep_waiting()
    elif turn.state is State.OPEN:
        turn.tell_consultation(ev.Added(turn.heard.at, turn.heard.text))
        turn.say("added")
    elif kinds == {VOICE}:
        turn.say("voice_note")
        turn.ask((questions.ASK_STAFF,), Talk(Waiting.PURPOSE, turn.heard.text))
    else:
        turn.say("what_is_it_for")
        turn.ask((), Talk(Waiting.PURPOSE, _all_that_came(turn)))


def purpose_told(turn: Turn) -> bool:
    """Rule: after "what is it for?" nearly anything says it; a question that the base surely answers is a new one."""
    if turn.waiting is not Waiting.PURPOSE:
        return False
    main = turn.heard.reading.main
    certain = main.action is Action.ANSWER and main.confidence >= turn.office.thresholds.certain
    if certain or main.intent in _NO_PURPOSE or turn.cue(Cue.WITHDRAW):
        return False
    if main.intent in _COURTESIES and len(turn.heard.text) < _SHORT:
        turn.say("what_is_it_for")
        turn.keep_waiting()
        return True
    what = turn.before.talk.question
    wish = main.intent is Intent.HUMAN and not main.subject
    questions.hand_over(turn, what if wish else f"{turn.heard.text}\n{what}".strip())
    return True


def _all_that_came(turn: Turn) -> str:
    """Several files, one after the other, are one matter."""
    before = turn.before.talk.question if turn.waiting is Waiting.PURPOSE else ""
    return f"{before}\n{turn.heard.text}".strip()
