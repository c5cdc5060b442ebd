"""`pst ask`: how the service would answer a message; a fresh conversation each time, nothing stored."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.clock import system_clock
from bot.commands.output import DONE, batch_lines, parsed, say, say_json
from bot.core.conversation import hear
from bot.core.effects import Say
from bot.core.events import Heard
from bot.core.model import Channel, Conversation, Office
from bot.core.reading import Reading
from bot.reader import Brain
from bot.wording import Scene, Worded, Wording, load_texts

_NOBODY = "+620000000000"
MOST_TOPICS = 5


class Asker:
    """Answers single messages as the running service would."""

    def __init__(self, offices: Mapping[str, Office], brain: Brain) -> None:
        self._offices = offices
        self._brain = brain
        self._wording = Wording(load_texts(), brain.answer)

    def ask(self, office_code: str, channel: Channel, text: str) -> dict[str, Any]:
        """The contract's fields, without the id."""
        started = time.perf_counter()
        office = self._offices[office_code]
        now = office.calendar.local(system_clock())
        masked = self._brain.mask(text)
        conversation = Conversation(office_code, channel, _NOBODY, introduced=True)
        reading = self._brain.read(masked, office, conversation, now)
        worded = self._worded(conversation, masked, reading, office, now)
        main = reading.main
        return {
            "office": office_code, "channel": channel, "intent": main.intent, "action": main.action,
            "confidence": round(main.confidence, 4),
            "topics": [{"id": t.id, "score": round(t.score, 4)} for t in main.topics[:MOST_TOPICS]],
            "reply": worded.text, "buttons": [o.title for o in worded.options],
            "sources": self._sources(reading, office, channel),
            "elapsed_ms": round((time.perf_counter() - started) * 1000, 2),
        }  # fmt: skip

    def _worded(self, conversation: Conversation, text: str, reading: Reading, office: Office, now: datetime) -> Worded:
        outcome = hear(conversation, Heard(now, text, reading), office)
        says = [e for e in outcome.effects if isinstance(e, Say)]
        if not says:
            return Worded("", ())
        return self._wording.say(says[-1], Scene(office, _numbered(outcome.conversation, office, now), now))

    def _sources(self, reading: Reading, office: Office, channel: Channel) -> list[dict[str, str]]:
        topics = [t for c in reading.concerns for t in c.answers]
        found = [s for t in topics for s in self._brain.answer(t, office, reading.language, channel).sources]
        return [{"title": title, "url": url} for title, url in dict.fromkeys((s.title, s.url) for s in found)]


def _numbered(conversation: Conversation, office: Office, now: datetime) -> Conversation:
    """Numbers are given when a consultation is stored; here nothing is, so the reply shows a new office's first."""
    if (consultation := conversation.consultation) is None or consultation.number:
        return conversation
    number = f"{office.code}-{now.year}-000001"
    return replace(conversation, consultation=replace(consultation, number=number))


def ask_one(asker: Asker, office: str, channel: Channel, text: str, *, as_json: bool) -> int:
    answer = asker.ask(office, channel, text)
    if as_json:
        say_json({"id": None, **answer})
    else:
        say(answer["reply"])
        if answer["buttons"]:
            say("\n" + "  ".join(f"[{title}]" for title in answer["buttons"]))
    return DONE


def ask_batch(asker: Asker, offices: Mapping[str, Office], source: str) -> int:
    """One line out for each line in, in order; a bad line gives an error and the run goes on."""
    for line in batch_lines(source):
        question, fault = parsed(line)
        fault = fault or _fault(question or {}, offices)
        if question is None or fault:
            say_json({"id": question.get("id") if question else None, "error": fault})
            continue
        try:
            answer = asker.ask(question["office"], Channel(question["channel"]), question["text"])
        except Exception as error:  # a single message must not end the batch
            say_json({"id": question.get("id"), "error": f"{type(error).__name__}: {error}"})
            continue
        say_json({"id": question.get("id"), **answer})
    return DONE


def _fault(question: Mapping[str, Any], offices: Mapping[str, Office]) -> str:
    if question.get("office") not in offices:
        return f"unknown office {question.get('office')!r}"
    if question.get("channel") not in [c.value for c in Channel]:
        return f"unknown channel {question.get('channel')!r}"
    return "" if isinstance(question.get("text"), str) else "text is missing"
