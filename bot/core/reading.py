"""What a message was found to say: its concerns, each with an intent, an action and ranked topics."""

from __future__ import annotations

from dataclasses import dataclass

from intents.meaning import Action, Entities, Intent


@dataclass(frozen=True, slots=True)
class Topic:
    """A candidate of the base. `share`: of the candidates' likelihood; `score`: probability that it was asked for."""

    id: str
    title: str
    share: float
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that the citizen wants. `text` is his wording, masked; `answers`: the topics that answer it, if any.

    `topics`: candidates, best first, whatever was decided. `place`: the topic that tells where the asked figure is
    published. `subject`: it names what it is about, beyond the bare wish for a person or a form.
    """

    text: str
    intent: Intent
    action: Action
    confidence: float
    topics: tuple[Topic, ...] = ()
    answers: tuple[str, ...] = ()
    place: str | None = None
    subject: bool = True
    why: str = ""

    @property
    def best(self) -> str | None:
        return self.topics[0].id if self.topics else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole message: at least one concern, what it mentions, and the language to answer in ("id" or "en")."""

    concerns: tuple[Concern, ...]
    entities: Entities = Entities()
    language: str = "id"
    digit: int | None = None

    @property
    def main(self) -> Concern:
        return self.concerns[0]
