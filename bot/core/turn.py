"""One turn of the talk under construction: what will be said, what changes, what is waited for.

A turn is built by the rules of bot/core/conversation.py, lives for one event and never leaves `hear`: outside there
are only values. Whatever several rules say becomes one message: every bubble costs, and four are a nuisance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.core import consultation as transaction
from bot.core.effects import Effect, Part, Purpose, Say
from bot.core.events import Event, Heard
from bot.core.model import Appointment, Consultation, Conversation, Facts, Office, Option, State, Talk, Waiting
from intents.meaning import Cue


@dataclass(frozen=True, slots=True)
class Outcome:
    """The conversation after an event, and what to do about it."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()


class Turn:
    """Collects parts, options and effects; `outcome` merges them into values."""

    def __init__(self, conversation: Conversation, heard: Heard, office: Office, facts: Facts) -> None:
        self.before = conversation
        self.conversation = replace(conversation, last_heard_at=heard.at, language=heard.reading.language)
        self.heard = heard
        self.office = office
        self.facts = facts
        self.parts: list[Part] = []
        self.options: tuple[Option, ...] = ()
        self.talk = Talk()
        self.effects: list[Effect] = []
        self.purpose = Purpose.REPLY
        self.calendar_file: Appointment | None = None

    # what the rules look at

    @property
    def consultation(self) -> Consultation | None:
        return self.conversation.consultation

    @property
    def state(self) -> State | None:
        return self.consultation.state if self.consultation else None

    @property
    def waiting(self) -> Waiting:
        return self.before.talk.waiting

    @property
    def reopenable(self) -> bool:
        """A closed consultation that the citizen would reopen by asking on."""
        c = self.consultation
        return c is not None and not c.live and transaction.may_reopen(c, self.heard.at, self.office)

    def cue(self, cue: Cue) -> bool:
        return cue in self.heard.reading.entities.cues

    @property
    def asks_staff(self) -> bool:
        """It names a matter for an officer: no mere "yes" or "thanks", whatever it was taken for."""
        return self.cue(Cue.WANTS_STAFF) and self.heard.reading.main.subject

    # what the rules do

    def say(self, key: str, **params: str) -> None:
        self.parts.append(Part(key, params))

    def ask(self, options: Iterable[Option], talk: Talk) -> None:
        """What the message ends with: options to choose from, and what is waited for."""
        self.options, self.talk = tuple(options), talk

    def keep_waiting(self) -> None:
        """The bot's last question still stands."""
        self.talk, self.options = self.before.talk, self.before.talk.options

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def change(self, **changes: object) -> None:
        self.conversation = replace(self.conversation, **changes)  # type: ignore[arg-type]

    def tell_consultation(self, event: Event) -> transaction.Step:
        """Let the consultation take its step."""
        step = transaction.step(self.consultation, event, self.office)
        self.change(consultation=step.consultation)
        self.effects.extend(step.effects)
        return step

    # what comes out

    def outcome(self) -> Outcome:
        if not self.parts:
            talk = self.conversation.talk if self.talk == Talk() else self.talk
            return Outcome(replace(self.conversation, talk=talk), tuple(self.effects))
        conversation = replace(self.conversation, talk=replace(self.talk, options=self.options))
        if not conversation.introduced:
            self.say("privacy_notice")
            conversation = replace(conversation, introduced=True)
        say = Say(self.purpose, tuple(self.parts), self.options, conversation.talk, calendar_file=self.calendar_file)
        return Outcome(conversation, (*self.effects, say))
