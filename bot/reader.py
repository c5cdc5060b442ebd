"""Understanding, put together: the intents' classifier, the base's index and the office's thresholds.

Built once at start (seconds) from the packaged examples and the base; `read` takes a millisecond or two and is pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.model import Channel, Conversation, Office
from bot.core.reading import Concern, Reading, Topic
from bot.core.triage import judge
from bot.wording import FaqText
from bot.wording import Source as Shown
from intents import entities, privacy
from intents.features import learn
from intents.letters import question_of
from intents.lexicon import load
from intents.meaning import Action, Intent
from intents.text import Vocabulary, normalise, tokens
from intents.understand import QUESTION, VALUE, Examples, IntentModel, build_intents, read_examples
from knowledge.entries import Entry
from knowledge.search import Index, build_index

_RARE = 2  # a word seen once may itself be a typo


class Brain:
    """Reads messages and gives the base's answers. Immutable."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        vocabulary: Vocabulary,
        index: Index,
        intents: IntentModel,
        examples: Examples,
    ) -> None:
        self._entries = entries
        self._vocabulary = vocabulary
        self._index = index
        self._intents = intents
        self._classes = examples.classes

    def mask(self, text: str) -> str:
        return privacy.mask(text)

    def read(self, text: str, office: Office, conversation: Conversation | None, now: datetime) -> Reading:
        """What a message says, for one office."""
        body = question_of(text)
        normal = normalise(body, self._vocabulary)
        found = entities.find(body, now)
        digit = _digit(body)
        language = "en" if normal.language == "en" else "id"
        if not normal.words:
            concern = Concern(text, Intent.ATTACHMENT_ONLY if not text else Intent.CHIT_CHAT, Action.CLARIFY, 1.0)
            return Reading((concern,), found, language, digit)
        chances = self._intents.probabilities(normal)
        concern = judge(body, chances, self._classes, self._topics(normal, office), office.thresholds)
        return Reading((concern,), found, language, digit)

    def answer(self, topic: str, office: Office, language: str, channel: Channel) -> FaqText:
        """An entry's text for an office (see bot.wording.Answers)."""
        own = office.answers.get(topic)
        entry = self._entries[topic]
        text = own["answer"] if own else entry.answer_for(office.facts, language, letter=channel is Channel.EMAIL)
        return FaqText(text, tuple(Shown(s.title, s.url) for s in entry.sources_for(office.facts)))

    def title(self, topic: str) -> str:
        return self._entries[topic].title

    def _topics(self, normal: object, office: Office) -> list[Topic]:
        hits = self._index.search(normal, most=8)  # type: ignore[arg-type]
        merged: dict[str, float] = {}
        for hit in hits:
            topic = self._offered(hit.id, office)
            if topic is not None:
                merged[topic] = merged.get(topic, 0.0) + hit.score
        ranked = sorted(merged.items(), key=lambda p: -p[1])[:5]
        return [Topic(topic, self._entries[topic].title, score) for topic, score in ranked]

    def _offered(self, topic: str, office: Office) -> str | None:
        """The topic that serves this office: itself, the one named instead, or none."""
        entry = self._entries.get(topic)
        if entry is None or entry.exists_for(office.facts):
            return topic if entry else None
        return entry.otherwise


def build_brain(entries: Sequence[Entry]) -> Brain:
    """Learn from the base and the packaged examples; a few seconds."""
    examples = read_examples()
    questions = [(q, e.id, QUESTION) for e in entries for q in (e.title, *e.asked)]
    values = [(q, e.id, VALUE) for e in entries for q in e.for_staff]
    others = [(m.text, "", m.label) for m in examples.messages]
    texts = questions + values + others
    normals = [normalise(question_of(text)) for text, _, _ in texts]
    seen = Counter(word for n in normals for word in set(n.words))
    lexicon = load()
    known = {w for w, count in seen.items() if count >= _RARE} | {w for v in lexicon.words.values() for w in v.split()}
    features = learn(normals)
    topical = len(questions) + len(values)
    index = build_index(features, normals[:topical], [topic for _, topic, _ in texts[:topical]])
    intents = build_intents(features, normals, [label for _, _, label in texts])
    return Brain({e.id: e for e in entries}, Vocabulary(known), index, intents, examples)


def _digit(text: str) -> int | None:
    """A digit (or its word) that stands alone."""
    words = tokens(text)
    if len(words) != 1:
        return None
    if words[0].isdigit() and len(words[0]) == 1:
        return int(words[0])
    return load().numbers.get(words[0])
