"""`pst kb`: check, measure, search, export and import the base."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bot.base import served_entries
from bot.clock import system_clock
from bot.commands.brain import brain_for
from bot.commands.database import with_database
from bot.commands.output import BAD, DONE, WRONG_USAGE, batch_lines, fail, parsed, say, say_json, warn
from bot.core.model import Office
from bot.reader import Brain
from bot.settings import Settings
from bot.store import base_edits
from bot.store.database import Database, sqlite_file
from bot.store.schema import upgrade
from knowledge.check import check_entries
from knowledge.entries import Entry, EntryError, entry_from, entry_to, overlaid, read_faq
from knowledge.evaluate import Case, Figures, Judged, Outcome, Report, case_from, evaluate

_TITLES = ("acc@1", "acc@3", "wrong", "escal.", "intent", "merged", "action")
_SHOWN = ("accuracy_1", "accuracy_3", "wrong_answers", "escalation_recall", "intent", "intent_merged", "action")


def check(offices: Mapping[str, Office]) -> int:
    """Every fault, one line each; status 1 when one is fatal."""
    entries = _entries()
    found = check_entries(entries, {c: o.facts for c, o in offices.items()}, system_clock().date())
    for fault in found:
        say(f"{'FAULT' if fault.fatal else 'warning'}  {fault}")
    fatal = sum(fault.fatal for fault in found)
    say(f"{len(entries)} entries, {sum(len(e.asked) for e in entries)} questions, {fatal} faults")
    return BAD if fatal else DONE


def measure(settings: Settings, path: str, *, as_json: bool) -> int:
    """Figures of the understanding on labelled messages."""
    cases = _cases(settings.offices, path)
    brain = brain_for(settings)
    groups = {entry.id: entry.group for entry in _entries()}
    report = evaluate(judge_all(brain, settings.offices, cases), groups)
    if as_json:
        say_json(_as_json(report))
    else:
        _tell(report)
    return DONE


def judge_all(brain: Brain, offices: Mapping[str, Office], cases: Sequence[Case]) -> list[Judged]:
    """Every case as the service understands it, each in a fresh conversation."""
    return [Judged(case, _outcome(brain, offices[case.office], case)) for case in cases]


def _outcome(brain: Brain, office: Office, case: Case) -> Outcome:
    main = brain.read(brain.mask(case.text), office, None, office.calendar.local(system_clock())).main
    return Outcome(main.intent, main.action, tuple(t.id for t in main.topics), main.answers)


def export(settings: Settings, path: str) -> int:
    """The whole base as it is served, a JSON line an entry."""
    entries = _served(settings)
    lines = (json.dumps(entry_to(entry), ensure_ascii=False) + "\n" for entry in entries)
    try:
        Path(path).write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        fail(WRONG_USAGE, f"{path}: {error.strerror}")
    say(f"{len(entries)} entries written to {path}")
    return DONE


def lay_over(settings: Settings, path: str) -> int:
    """Edits from a file over the base that is served; nothing is written when that would make it faulty."""
    edits = read_edits(path)
    merged = overlaid(_served(settings), edits)
    found = check_entries(merged, {c: o.facts for c, o in settings.offices.items()}, system_clock().date())
    if fatal := [str(fault) for fault in found if fault.fatal]:
        fail(BAD, *fatal)
    changed = [entry_to(edit) for edit in edits]

    async def work(database: Database) -> None:
        await upgrade(database)
        async with database.write() as tx:
            await base_edits.lay_over(tx, changed, "pst kb import", system_clock())

    with_database(settings, work)
    say(f"{len(edits)} of {len(merged)} entries laid over the base; the service uses them from its next start on")
    return DONE


def _served(settings: Settings) -> tuple[Entry, ...]:
    """With the edits of the database, where there is one yet."""
    place = sqlite_file(settings.database_url)
    if place is not None and not place.exists():
        return _entries()

    async def work(database: Database) -> tuple[Entry, ...]:
        await upgrade(database)
        return await served_entries(database)

    try:
        return with_database(settings, work)
    except EntryError as error:
        fail(BAD, str(error))


def read_edits(path: str) -> tuple[Entry, ...]:
    """Entries from an exported file; raises CommandFailed for what is none."""
    edits = []
    for number, line in enumerate(batch_lines(path), start=1):
        data, fault = parsed(line)
        if data is None:
            fail(WRONG_USAGE, f"{path}:{number}: {fault}")
        try:
            edits.append(entry_from(data, data.get("group", "")))
        except EntryError as error:
            fail(WRONG_USAGE, f"{path}:{number}: {error}")
    return tuple(edits)


def _entries() -> tuple[Entry, ...]:
    try:
        return read_faq()
    except EntryError as error:
        fail(BAD, str(error))


def _cases(offices: Mapping[str, Office], path: str) -> list[Case]:
    cases = []
    for number, line in enumerate(batch_lines(path), start=1):
        data, fault = parsed(line)
        try:
            case = case_from(data or {})
        except (KeyError, TypeError) as error:
            warn(f"{path}:{number}: left out: {fault or f'no labelled message: {error}'}")
            continue
        if case.office not in offices:
            warn(f"{path}:{number}: left out: unknown office {case.office!r}")
            continue
        cases.append(case)
    if not cases:
        fail(WRONG_USAGE, f"{path}: no labelled message")
    return cases


def _as_json(report: Report) -> dict[str, object]:
    by = {name: {key: _rounded(f) for key, f in parts.items()} for name, parts in report.by.items()}
    confusions = [{"expected": a, "got": b, "count": n} for a, b, n in report.confusions]
    return {"total": _rounded(report.total), "by": by, "confusions": confusions}


def _rounded(figures: Figures) -> dict[str, float | int | None]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(figures).items()}


def _tell(report: Report) -> None:
    """A table for a person."""
    say(f"{'':34}{'n':>5} " + " ".join(f"{title:>7}" for title in _TITLES))
    _row("all messages", report.total)
    for name, parts in report.by.items():
        say(f"\n{name}")
        for key, figures in parts.items():
            _row(f"  {key}", figures)
    say("\nworst confusions (expected -> got)")
    for expected, got, count in report.confusions:
        say(f"  {count:3}  {expected} -> {got}")


def _row(label: str, figures: Figures) -> None:
    values = (getattr(figures, name) for name in _SHOWN)
    cells = " ".join(f"{100 * v:6.1f}%" if v is not None else "      -" for v in values)
    say(f"{label[:33]:34}{figures.messages:5} {cells}")
