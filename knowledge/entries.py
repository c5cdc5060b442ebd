"""Entries of the base: read from knowledge/faq/*.toml, edits laid over them by id. See docs/knowledge.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

STYLES = ("formal", "chat", "jv", "mad", "en")
STAFF = "staff"
Facts = Mapping[str, str | bool]


class EntryError(ValueError):
    """A file or entry that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another answer, for offices where the fact `when` holds ("!fact": does not hold)."""

    when: str
    answer: str
    answer_en: str = ""
    answer_email: str = ""

    def holds(self, facts: Facts) -> bool:
        return has(facts, self.when)


@dataclass(frozen=True)
class Entry:
    """One topic. Answers hold {placeholders} of office facts; `questions` by style, `staff` ones need an officer.

    `elsewhere`: another institution has the figures; the answer names it, whatever value is asked.
    """

    id: str
    group: str
    title: str
    answer: str
    sources: tuple[Source, ...]
    answer_en: str = ""
    answer_email: str = ""
    needs: tuple[str, ...] = ()
    otherwise: str | None = None
    related: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reviewed: date | None = None
    valid_until: date | None = None
    release: str | None = None
    elsewhere: bool = False

    def exists_for(self, facts: Facts) -> bool:
        return all(has(facts, need) for need in self.needs)

    def answer_for(self, facts: Facts, language: str = "id", *, letter: bool = False) -> str:
        """The answer of an office in a language, filled with its facts; the long form for a letter, if any."""
        chosen: Entry | Variant = next((v for v in self.variants if v.holds(facts)), self)
        text = chosen.answer
        if language == "en" and chosen.answer_en:
            text = chosen.answer_en
        elif letter and language == "id" and chosen.answer_email:
            text = chosen.answer_email
        return filled(text, facts, language)

    def sources_for(self, facts: Facts) -> tuple[Source, ...]:
        return tuple(Source(filled(s.title, facts), filled(s.url, facts)) for s in self.sources)

    @property
    def asked(self) -> tuple[str, ...]:
        """Every question that the answer is right for."""
        return tuple(q for style in STYLES for q in self.questions.get(style, ()))

    @property
    def for_staff(self) -> tuple[str, ...]:
        return self.questions.get(STAFF, ())


def has(facts: Facts, need: str) -> bool:
    """Whether an office has a fact ("!fact": has not)."""
    return not facts.get(need[1:]) if need.startswith("!") else bool(facts.get(need))


def filled(text: str, facts: Facts, language: str = "id") -> str:
    """Placeholders replaced; in another language a fact's translation where there is one."""
    translated = {k.removesuffix(f"_{language}"): v for k, v in facts.items() if k.endswith(f"_{language}")}
    try:
        return text.format_map({**facts, **translated}).strip()
    except (KeyError, ValueError, IndexError) as error:
        raise EntryError(f"unknown placeholder {error} in {text[:60]!r}") from error


def read_faq(folder: Path | None = None) -> tuple[Entry, ...]:
    """All packaged entries, in the order of their files."""
    place = folder or Path(str(resources.files("knowledge") / "faq"))
    entries = [entry for path in sorted(place.glob("*.toml")) for entry in _read_file(path)]
    if not entries:
        raise EntryError(f"no entries in {place}")
    return tuple(entries)


def overlaid(ground: Iterable[Entry], edits: Iterable[Entry]) -> tuple[Entry, ...]:
    """Edits replace the packaged entry of the same id, new ones follow."""
    merged = {e.id: e for e in ground} | {e.id: e for e in edits}
    return tuple(merged.values())


def entry_from(data: Mapping[str, Any], group: str) -> Entry:
    """One entry from its TOML (or JSON) table; raises EntryError that names what is wrong."""
    known = dict(data)
    try:
        return Entry(
            id=known.pop("id"), group=known.pop("group", group), title=known.pop("title"),
            answer=known.pop("answer").strip(), sources=tuple(Source(**s) for s in known.pop("source", ())),
            needs=tuple(known.pop("needs", ())), related=tuple(known.pop("related", ())),
            variants=tuple(Variant(**v) for v in known.pop("variant", ())),
            questions=MappingProxyType({k: tuple(v) for k, v in known.pop("questions", {}).items()}),
            reviewed=_date(known.pop("reviewed", None)), valid_until=_date(known.pop("valid_until", None)), **known,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise EntryError(f"entry {data.get('id', '?')!r}: {error}") from error


def entry_to(entry: Entry) -> dict[str, Any]:
    """The JSON form; `entry_from` reads it back."""
    data: dict[str, Any] = {
        "id": entry.id, "group": entry.group, "title": entry.title, "answer": entry.answer,
        "answer_en": entry.answer_en, "answer_email": entry.answer_email, "needs": list(entry.needs),
        "otherwise": entry.otherwise, "elsewhere": entry.elsewhere, "related": list(entry.related),
        "release": entry.release, "reviewed": entry.reviewed and entry.reviewed.isoformat(),
        "valid_until": entry.valid_until and entry.valid_until.isoformat(),
        "source": [{"title": s.title, "url": s.url} for s in entry.sources],
        "variant": [
            {"when": v.when, "answer": v.answer, "answer_en": v.answer_en, "answer_email": v.answer_email}
            for v in entry.variants
        ],
        "questions": {k: list(v) for k, v in entry.questions.items()},
    }  # fmt: skip
    return {k: v for k, v in data.items() if v not in (None, "", [], {}, False)}


def _read_file(path: Path) -> list[Entry]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return [entry_from(table, data["group"]) for table in data["entry"]]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, EntryError) as error:
        raise EntryError(f"{path.name}: {error}") from error


def _date(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))
