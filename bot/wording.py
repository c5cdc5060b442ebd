"""From what is to be said to how it is said: the only room with text that citizens read.

`Wording` is built once from bot/wording/*.toml. It knows no answer of the base (they come in as a function) and no
channel's technique: the result is text with WhatsApp's marks (*bold*, _italic_) and a list of option titles.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from bot.core.effects import DATA_REQUEST_TERM, Part, Purpose, Say
from bot.core.model import Channel, Consultation, Conversation, Office, Option
from scheduler.deadlines import answer_deadline
from scheduler.indonesian import clock, long_moment, short_date, zone_name

LANGUAGES = ("id", "en")
_HELPFUL = "helpful"  # the option that asks for it


class WordingError(ValueError):
    """A wording file that lacks a key or names an unknown fact."""


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FaqText:
    """The text of one entry for one office, and where it comes from."""

    text: str
    sources: tuple[Source, ...] = ()


Answers = Callable[[str, Office, str, Channel], FaqText]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a sentence may mention. `now`: the moment of the event, aware."""

    office: Office
    conversation: Conversation
    now: datetime

    @property
    def consultation(self) -> Consultation | None:
        return self.conversation.consultation


@dataclass(frozen=True, slots=True)
class Worded:
    """One message: its text and the options that it ends with (same keys, titles in the reader's language)."""

    text: str
    options: tuple[Option, ...]


class Wording:
    """Texts of all languages; `say` words one message."""

    def __init__(self, texts: Mapping[str, Mapping[str, Any]], answers: Answers) -> None:
        missing = [f"{lang}: {key}" for lang in LANGUAGES for key in texts["id"] if key not in texts[lang]]
        if missing:
            raise WordingError("wording is missing " + ", ".join(missing))
        self._texts = texts
        self._answers = answers

    def say(self, say: Say, scene: Scene) -> Worded:
        """One bubble: its parts in order, then sources, then what is asked."""
        language = scene.conversation.language
        paragraphs = [self._part(part, scene, language) for part in say.parts]
        paragraphs.extend(self._sources(say, scene, language))
        if any(option.key == _HELPFUL for option in say.options):
            paragraphs.append(str(self._texts[language]["is_this_helpful"]))
        if say.purpose is Purpose.STAFF_ANSWER:
            paragraphs.insert(0, self._text("answer_of", scene, language, {}))
        return Worded("\n\n".join(p for p in paragraphs if p), self.options(say.options, scene))

    def options(self, options: tuple[Option, ...], scene: Scene) -> tuple[Option, ...]:
        return tuple(Option(o.key, self._title(o, scene)) for o in options)

    def text(self, key: str, scene: Scene, **params: str) -> str:
        """A single text, for places that are no conversation (a template's variables, a page)."""
        return self._text(key, scene, scene.conversation.language, params)

    def table(self, name: str, language: str) -> Mapping[str, Any]:
        """A whole table of texts, for a document."""
        found: Mapping[str, Any] = self._texts[language][name]
        return found

    def _part(self, part: Part, scene: Scene, language: str) -> str:
        if part.key == "faq":
            return self._answer(part.params["topic"], scene, language).text
        return self._text(part.key, scene, language, part.params)

    def _answer(self, topic: str, scene: Scene, language: str) -> FaqText:
        return self._answers(topic, scene.office, language, scene.conversation.channel)

    def _sources(self, say: Say, scene: Scene, language: str) -> list[str]:
        topics = [p.params["topic"] for p in say.parts if p.key == "faq"]
        found = [s for t in topics for s in self._answer(t, scene, language).sources[:1]]
        words = dict.fromkeys(f"{s.title} ({s.url})" if s.url else s.title for s in found)
        return [self._texts[language]["source"].format(source="; ".join(words))] if words else []

    def _text(self, key: str, scene: Scene, language: str, params: Mapping[str, str]) -> str:
        template = self._texts[language].get(key)
        if not isinstance(template, str):
            raise WordingError(f"no text for {key!r}")
        return template.format_map(_Words(self._facts(scene, language, params), key))

    def _facts(self, scene: Scene, language: str, params: Mapping[str, str]) -> dict[str, Callable[[], str]]:
        c, office = scene.consultation, scene.office
        facts = {name: _constant(_fact(office, name, language)) for name in office.facts}
        facts.update(_moments(scene, language))
        facts["number"] = lambda: (c and c.number) or ""
        facts["linked_to"] = lambda: (c and c.linked_to) or ""
        facts["name_comma"] = lambda: f", {n}" if (n := scene.conversation.details.name) else ""
        facts["salutation"] = lambda: self._salutation(scene, language)
        facts.update({name: _constant(value) for name, value in params.items()})
        if "topic" in params:
            facts["faq"] = lambda: self._answer(params["topic"], scene, language).text
        if "fields" in params:
            facts["fields"] = lambda: self._listed("fields", params["fields"], language)
            facts["example"] = lambda: self._listed("examples", params["fields"], language)
        if "at" in params:
            moment = office.calendar.local(datetime.fromisoformat(params["at"]))
            facts["at"] = lambda: moment_words(moment, language)
        return facts

    def _listed(self, table: str, names: str, language: str) -> str:
        return ", ".join(self._texts[language][table][name] for name in names.split(","))

    def _salutation(self, scene: Scene, language: str) -> str:
        hour = scene.office.calendar.local(scene.now).hour
        part = "evening" if hour >= 18 or hour < 4 else "morning" if hour < 11 else "noon" if hour < 15 else "afternoon"
        return str(self._texts[language]["salutations"][part])

    def _title(self, option: Option, scene: Scene) -> str:
        if option.key.startswith("slot:"):
            moment = scene.office.calendar.local(datetime.fromisoformat(option.key.partition(":")[2]))
            return f"{short_date(moment, year=False)} {clock(moment)}"
        titles = self._texts[scene.conversation.language].get("titles", {})
        return str(titles.get(option.key, option.title))


def load_texts() -> dict[str, dict[str, Any]]:
    """The packaged texts by language."""
    folder = resources.files("bot") / "wording"
    return {lang: tomllib.loads((folder / f"{lang}.toml").read_text(encoding="utf-8")) for lang in LANGUAGES}


def moment_words(moment: datetime, language: str) -> str:
    """ "Rabu 25 November 2026 pukul 15.30 WIB" / "Wednesday 25 November 2026 at 15:30 WIB"."""
    if language == "en":
        return f"{moment:%A} {moment.day} {moment:%B %Y} at {moment:%H:%M} {zone_name(moment)}"
    return long_moment(moment)


def _moments(scene: Scene, language: str) -> dict[str, Callable[[], str]]:
    c, office = scene.consultation, scene.office

    def words(moment: datetime | None) -> str:
        return moment_words(office.calendar.local(moment), language) if moment else ""

    def if_asked() -> str:
        policy = office.policy(scene.conversation.channel)
        return words(answer_deadline(office.calendar, policy, scene.now).due_at)

    return {
        "due": lambda: words(c.due_at if c else None),
        "closes": lambda: words(c.closes_at if c else None),
        "answered": lambda: words(c.answered_at if c else None),
        "closed": lambda: words(c.closed_at if c else None),
        "reopen_until": lambda: words(c.closed_at + timedelta(days=office.reopen_days) if c and c.closed_at else None),
        "due_if_asked": if_asked,
        "data_due": lambda: words(scene.now + DATA_REQUEST_TERM),
    }


def _fact(office: Office, name: str, language: str) -> str:
    translated = office.facts.get(f"{name}_{language}")
    return str(translated if translated is not None else office.facts[name])


def _constant(value: str) -> Callable[[], str]:
    return lambda: value


class _Words(dict[str, Any]):
    """Facts that are computed only when a text mentions them."""

    def __init__(self, facts: Mapping[str, Callable[[], str]], key: str) -> None:
        super().__init__(facts)
        self._key = key

    def __getitem__(self, name: str) -> str:
        return str(super().__getitem__(name)())

    def __missing__(self, name: str) -> Any:
        raise WordingError(f"text {self._key!r} names an unknown fact {name!r}")
