"""The base, validated: what must not be published, and what has grown old. docs/knowledge.md states the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from intents.text import tokens
from knowledge.entries import STAFF, Entry, EntryError, Facts, Variant

LONGEST_ANSWER, LONGEST_LETTER = 700, 2_000
FEWEST_QUESTIONS = 5
UNREVIEWED = timedelta(days=400)
_RELEASES = {"monthly": 45, "quarterly": 120, "yearly": 400, "decennial": 3_900}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with an entry. Not fatal: it is told, and the base still serves."""

    entry: str
    words: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.entry}: {self.words}"


def check_entries(entries: Sequence[Entry], offices: Mapping[str, Facts], today: date) -> list[Fault]:
    """Every fault of a base, for the offices that it serves."""
    known = {e.id for e in entries}
    return [
        *_twins(entries),
        *_shared_questions(entries),
        *(fault for entry in entries for fault in _entry(entry, known, offices, today)),
    ]


def _twins(entries: Sequence[Entry]) -> Iterator[Fault]:
    for name, count in Counter(e.id for e in entries).items():
        if count > 1:
            yield Fault(name, f"the id is used {count} times")


def _shared_questions(entries: Sequence[Entry]) -> Iterator[Fault]:
    """A question that belongs to two entries teaches the search nothing but doubt."""
    owner: dict[str, str] = {}
    for entry in entries:
        for question in (*entry.asked, *entry.for_staff):
            key = " ".join(tokens(question))
            first = owner.setdefault(key, entry.id)
            if first != entry.id:
                yield Fault(entry.id, f"question {question[:60]!r} belongs to {first} too")


def _entry(entry: Entry, known: set[str], offices: Mapping[str, Facts], today: date) -> Iterator[Fault]:
    for name in (*entry.related, *([entry.otherwise] if entry.otherwise else [])):
        if name not in known:
            yield Fault(entry.id, f"names an entry that does not exist: {name}")
    if not entry.sources or not all(s.title.strip() for s in entry.sources):
        yield Fault(entry.id, "has no source")
    if len(entry.asked) < FEWEST_QUESTIONS:
        yield Fault(entry.id, f"has only {len(entry.asked)} questions", fatal=False)
    unknown = set(entry.questions) - {"formal", "chat", "jv", "mad", "en", STAFF}
    if unknown:
        yield Fault(entry.id, f"unknown kinds of questions: {', '.join(sorted(unknown))}")
    yield from _served(entry, offices)
    yield from _aged(entry, today)


def _served(entry: Entry, offices: Mapping[str, Facts]) -> Iterator[Fault]:
    """Each office has an answer, filled, of a fitting length, in both languages."""
    if not any(entry.exists_for(facts) for facts in offices.values()):
        yield Fault(entry.id, "no office has what it needs", fatal=False)
    for code, facts in offices.items():
        if entry.exists_for(facts):
            yield from _answers(entry, code, facts)


def _answers(entry: Entry, code: str, facts: Facts) -> Iterator[Fault]:
    chosen: Entry | Variant = next((v for v in entry.variants if v.holds(facts)), entry)
    if not chosen.answer_en:
        yield Fault(entry.id, f"no English answer for {code}", fatal=False)
    for language, letter, most in (
        ("id", False, LONGEST_ANSWER),
        ("en", False, LONGEST_ANSWER),
        ("id", True, LONGEST_LETTER),
    ):
        try:
            answer = entry.answer_for(facts, language, letter=letter)
        except EntryError as error:
            yield Fault(entry.id, f"{code}: {error}")
            continue
        if not answer:
            yield Fault(entry.id, f"the answer for {code} is empty")
        if len(answer) > most:
            yield Fault(entry.id, f"the answer for {code} ({language}) has {len(answer)} characters, at most {most}")


def _aged(entry: Entry, today: date) -> Iterator[Fault]:
    if entry.valid_until is not None and entry.valid_until < today:
        yield Fault(entry.id, f"was valid until {entry.valid_until}", fatal=False)
    if entry.release is not None and entry.release not in _RELEASES:
        yield Fault(entry.id, f"unknown release rhythm {entry.release!r}")
    elif entry.reviewed is None:
        yield Fault(entry.id, "was never reviewed", fatal=False)
    elif today - entry.reviewed > timedelta(days=_RELEASES.get(entry.release or "", UNREVIEWED.days)):
        yield Fault(entry.id, f"was last reviewed on {entry.reviewed}", fatal=False)
