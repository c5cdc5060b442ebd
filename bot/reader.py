"""Understanding, put together: normal form, intents, the base's index, and the judgement over their evidence.

Everything is learnt once (bot/brain.py builds and keeps it); `read` takes a millisecond or two and is pure.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.concerns import together
from bot.core.model import Channel, Conversation, Office, Waiting
from bot.core.reading import Concern, Reading, Topic
from bot.core.triage import Verdict, decide
from bot.judgement import Judgement
from bot.wording import FaqText
from bot.wording import Source as Shown
from intents import entities, privacy
from intents.courtesies import asks
from intents.features import Features
from intents.letters import question_of, sentences_of
from intents.lexicon import load
from intents.marks import MARKS, marks, named
from intents.meaning import QUESTIONS, Action, Cue, Entities, Intent
from intents.shortcuts import shortcut
from intents.text import Normal, Vocabulary, normalise, tokens
from intents.understand import QUESTION, VALUE, Class, IntentModel, Signs
from knowledge.entries import Entry
from knowledge.search import Hit, Index

_GROUPS = {
    QUESTION: "question", VALUE: "value", "unlisted": "unlisted", "unlisted-data": "unlisted", "vague": "vague",
    "vague-data": "vague", "personal-data": "personal",
}  # fmt: skip
_GROUP_NAMES = ("question", "value", "unlisted", "vague", "personal", "other")
_CLEAR = 0.5
_UNLISTED = "unlisted-data"
_HURT, _FOLLOW_UP = "displeased", "follow_up"
_SECRET = "kerahasiaan-data"
_DATA = "data-location"
_LONGEST = 8_000  # characters that are read; nobody asks later than that, and all of it is stored and shown
_FEW_WORDS = 5
_MEANT = 0.25
_CONSEQUENTIAL = frozenset({Intent.DELETE_MY_DATA, Intent.OPT_OUT})  # hard to take back
_DOUBTFUL = 0.5
_ABOUT_AN_ANSWER = (Waiting.NOTHING, Waiting.HELPFUL, Waiting.CHOICE)
MOST_TOPICS = 5
MOST_ANSWERS = 2
SECOND_SHARE = 0.25


@dataclass(frozen=True)
class Brain:
    """Reads messages and gives the base's answers. Immutable."""

    entries: Mapping[str, Entry]
    vocabulary: Vocabulary
    features: Features
    index: Index
    intents: IntentModel
    classes: Mapping[str, Class]
    judgement: Judgement

    def mask(self, text: str) -> str:
        return privacy.mask(text)

    def read(self, text: str, office: Office, conversation: Conversation | None, now: datetime) -> Reading:
        """What a message says, for one office, in its conversation."""
        body = question_of(text[:_LONGEST])
        normal = normalise(body, self.vocabulary)
        found = replace(
            entities.find(body, now), indicators=named(normal.words, load().indicators),
            regions=named(tokens(body), {tuple(name.split()) for name in office.regions}),
        )  # fmt: skip
        language = "en" if normal.language == "en" else "id"
        known = shortcut(text)
        if known is not None or not normal.words:
            intent, action = known or (Intent.FAQ, Action.CLARIFY)
            concern = Concern(text, intent, action, 1.0, subject=False, why="shortcut")
            return Reading((concern,), found, language, _digit(body))
        concern = self._concern(body, normal, office)
        parts = [p for p in (self._sentence(s, office) for s in sentences_of(body)) if p is not None]
        if conversation is not None and not parts:
            concern = self._in_context(concern, body, normal.words, office, conversation, found)
        if concern.action is Action.REFUSE and found.name and not asks(body):
            concern = Concern(body, Intent.GREETING, Action.REPLY, 1.0, subject=False, why="tells his own name")
        return Reading(together(concern, parts, office.thresholds), found, language, _digit(body))

    def answer(self, topic: str, office: Office, language: str, channel: Channel) -> FaqText:
        """An entry's text for an office (see bot.wording.Answers)."""
        own = office.answers.get(topic)
        entry = self.entries[topic]
        text = own["answer"] if own else entry.answer_for(office.facts, language, letter=channel is Channel.EMAIL)
        return FaqText(text, tuple(Shown(s.title, s.url) for s in entry.sources_for(office.facts)))

    # --- one concern -----------------------------------------------------------------------------------------------

    def _concern(self, text: str, normal: Normal, office: Office) -> Concern:
        vector = self.features.vector(normal)
        signs, hits = self.intents.signs(vector), self.index.search(normal, vector, text)
        evidence = gather(text, normal, signs, hits, self.entries[hits[0].id], office.regions)
        chances = self.judgement.chances(evidence)
        topics = self._topics(hits, office)
        action = decide(chances, office.thresholds)
        if action is None:
            return self._no_question(text, signs)
        if action is not Action.REFUSE and self._offered(hits[0].id, office) is None:
            # Promised by another office's standard only: never told here, and the next candidate is not what was asked.
            return Concern(text, Intent.FAQ, Action.ESCALATE, hits[0].share, why=f"{hits[0].id} is not promised here")
        if action is Action.ESCALATE and topics:
            first = self.entries[topics[0].id]
            if first.elsewhere and topics[0].share >= _CLEAR and signs.chances[VALUE] >= signs.chances[_UNLISTED]:
                action = Action.ANSWER  # another institution has the figure: its name is the answer, whatever is asked
        place = self._place(topics, signs, office) if action is Action.ESCALATE else None
        return _question(text, action, chances, topics, signs, place)

    def _place(self, topics: tuple[Topic, ...], signs: Signs, office: Office) -> str | None:
        """Where the figure is published may be told when a message asks a value of a known topic."""
        unlisted = max(signs.chances.get("unlisted", 0), signs.chances.get(_UNLISTED, 0))
        if not topics or topics[0].share < _CLEAR or signs.chances[VALUE] < unlisted:
            return None
        first = self.entries[topics[0].id]
        if first.group == _DATA:
            return first.id
        near = (r for r in first.related if self.entries[r].group == _DATA and not self.entries[r].elsewhere)
        return next((r for r in near if self._offered(r, office) == r), None)

    def _sentence(self, text: str, office: Office) -> Concern | None:
        """What one sentence of several says. A mere statement resembles a complaint; without a hurt word it is none."""
        normal = normalise(text, self.vocabulary)
        found = self._concern(text, normal, office)
        hurt = found.intent is not Intent.COMPLAINT or named(normal.words, load().cues[_HURT])
        return found if hurt else None

    def _no_question(self, text: str, signs: Signs) -> Concern:
        """Something else than a question: the likeliest of the other classes."""
        others = {label: p for label, p in signs.chances.items() if _GROUPS.get(label) is None}
        label = max(others, key=lambda name: others[name])
        known = self.classes[label]
        if known.intent in _CONSEQUENTIAL and others[label] < _MEANT:
            return Concern(text, Intent.FAQ, Action.CLARIFY, others[label], why=f"too doubtful for {label}")
        return Concern(text, known.intent, known.action, others[label], subject=_has_subject(text), why=label)

    def _topics(self, hits: Sequence[Hit], office: Office) -> tuple[Topic, ...]:
        """Candidates as this office has them: an entry that it lacks stands for the one named instead."""
        merged: dict[str, float] = {}
        for hit in hits:
            topic = self._offered(hit.id, office)
            if topic is not None:
                merged[topic] = merged.get(topic, 0.0) + hit.share
        ranked = sorted(merged.items(), key=lambda pair: -pair[1])[:MOST_TOPICS]
        return tuple(Topic(topic, self.entries[topic].title, share) for topic, share in ranked)

    def _offered(self, topic: str, office: Office) -> str | None:
        entry = self.entries.get(topic)
        if entry is None or entry.exists_for(office.facts):
            return topic if entry else None
        return entry.otherwise

    # --- context ---------------------------------------------------------------------------------------------------

    def _in_context(
        self, concern: Concern, text: str, words: tuple[str, ...], office: Office, conversation: Conversation,
        found: Entities,
    ) -> Concern:  # fmt: skip
        """ "kalo senin?" after opening hours: a few words that say nothing alone are read with the question before."""
        asked_back = concern.action is Action.CLARIFY and concern.intent in QUESTIONS
        leans = bool(named(words[:1], load().cues[_FOLLOW_UP])) and concern.confidence < _DOUBTFUL
        unclear = (asked_back and any(word in self.vocabulary for word in words)) or leans
        talking = conversation.topic in self.entries and conversation.talk.waiting in _ABOUT_AN_ANSWER
        form = found.name or found.email or found.phone or Cue.SKIP in found.cues
        if not unclear or not talking or len(text.split()) > _FEW_WORDS or form:
            return concern
        joined = f"{conversation.question}\n{text}"
        again = self._concern(joined, normalise(joined, self.vocabulary), office)
        near = (conversation.topic, *self.entries[conversation.topic or ""].related)
        keeps = again.action is Action.ANSWER and again.best in near
        return replace(again, text=text, why=f"follow-up of {conversation.topic}") if keeps else concern


def gather(
    text: str, normal: Normal, signs: Signs, hits: Sequence[Hit], entry: Entry, regions: Collection[str]
) -> dict[str, float]:
    """The evidence for the judgement. `entry`: of the first hit."""
    groups = dict.fromkeys(_GROUP_NAMES, 0.0)
    near = dict.fromkeys(("unlisted", "other"), 0.0)
    for label, chance in signs.chances.items():
        groups[_GROUPS.get(label, "other")] += chance
    each = {f"margin_{label}": margin for label, margin in signs.margins.items()}
    for label, nearness in signs.nearness.items():
        each[f"near_{label}"] = nearness
        group = _GROUPS.get(label, "other")
        if group in near:
            near[group] = max(near[group], nearness)
    first, second = hits[0], hits[1]
    held = marks(normal.words, load(), regions)
    return {
        **each, **groups,
        "first": first.share, "second": second.share, "margin": first.margin, "gap": first.margin - second.margin,
        "near_first": first.near, "nearest_unlisted": near["unlisted"], "nearest_other": near["other"],
        "first_is_elsewhere": float(entry.elsewhere), "first_is_data": float(entry.group == _DATA),
        "read_first": first.read, "read_best": max(hit.read for hit in hits), "length": math.log(len(normal.words) + 1),
        "letter": float("\n" in text.strip()), **{f"mark_{name}": float(name in held) for name in MARKS},
    }  # fmt: skip


def _question(
    text: str, action: Action, chances: Mapping[Verdict, float], topics: tuple[Topic, ...], signs: Signs,
    place: str | None,
) -> Concern:  # fmt: skip
    if action is Action.REFUSE:
        secret = Topic(_SECRET, "", chances[Verdict.PERSONAL])
        rest = tuple(t for t in topics if t.id != _SECRET)
        return Concern(text, Intent.DATA_REQUEST, action, chances[Verdict.PERSONAL], (secret, *rest), why="personal")
    scored = _scored(topics, chances[Verdict.RIGHT])
    intent = Intent.DATA_REQUEST if _about_data(action, topics, signs) else Intent.FAQ
    if action is Action.ANSWER:
        answers = tuple(t.id for t in topics[:MOST_ANSWERS] if t is topics[0] or t.share >= SECOND_SHARE)
        return Concern(text, intent, action, chances[Verdict.RIGHT], scored, answers, why="answer")
    confidence = chances[Verdict.STAFF] if action is Action.ESCALATE else chances[Verdict.VAGUE]
    if action is Action.CLARIFY and chances[Verdict.VAGUE] > chances[Verdict.RIGHT] + chances[Verdict.UNSURE]:
        return Concern(text, intent, action, confidence, (), why="vague")
    return Concern(text, intent, action, confidence, scored, place=place, why=action)


def _scored(topics: tuple[Topic, ...], right: float) -> tuple[Topic, ...]:
    """Candidates with the probability that each is what was asked: the first one's is the judgement's."""
    rest = sum(t.share for t in topics[1:]) or 1.0
    shares = [right, *((1 - right) * t.share / rest for t in topics[1:])]
    return tuple(replace(t, score=score) for t, score in zip(topics, shares, strict=True))


def _about_data(action: Action, topics: tuple[Topic, ...], signs: Signs) -> bool:
    if topics and topics[0].id.startswith("data-"):
        return True
    wanting = signs.chances[VALUE] + signs.chances.get("unlisted-data", 0) + signs.chances.get("vague-data", 0)
    asking = signs.chances[QUESTION] + signs.chances.get("unlisted", 0) + signs.chances.get("vague", 0)
    return action is not Action.ANSWER and wanting > asking


def _has_subject(text: str) -> bool:
    return len(text.split()) > 4


def _digit(text: str) -> int | None:
    """A digit (or its word) that stands alone."""
    words = tokens(text)
    if len(words) != 1:
        return None
    if words[0].isdigit() and len(words[0]) == 1:
        return int(words[0])
    return load().numbers.get(words[0])
