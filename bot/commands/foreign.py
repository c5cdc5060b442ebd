"""`pst kb search`: any FAQ, ranked by the service's own normal form and search; nothing of our base is involved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.commands.output import BAD, DONE, WRONG_USAGE, batch_lines, fail, parsed, say_json, warn
from knowledge.hybrid import Document, Hybrid, build_hybrid


def search(entries: str, queries: str, top: int) -> int:
    """One line out for each query, in order. A line that is no entry is told on stderr and left out; status 1 when
    nothing is left to search in (every query then finds nothing).
    """
    if top < 1:
        fail(WRONG_USAGE, "--top must be at least 1")
    found = _documents(entries)
    index = build_hybrid([document for document, _ in found.values()])
    for line in batch_lines(queries):
        query, fault = parsed(line)
        text = _text(query or {})
        if query is None or text is None:
            say_json({"id": query.get("id") if query else None, "error": fault or "the query has no text"})
            continue
        hits, elapsed = _ranked(index, text, top)
        shown = [{"id": found[name][1], "score": round(score, 5)} for name, score in hits]
        say_json({"id": query.get("id"), "hits": shown, "elapsed_ms": round(elapsed, 3)})
    if not found:
        warn(f"{entries}: no entries")
    return DONE if found else BAD


def _ranked(index: Hybrid, text: str, top: int) -> tuple[list[tuple[str, float]], float]:
    """The hits and the milliseconds that they took."""
    started = time.perf_counter()
    hits = index.rank(text, top)
    return hits, (time.perf_counter() - started) * 1000


def _text(query: Mapping[str, Any]) -> str | None:
    """The query's words, under any of the names that question files use."""
    found = (query.get(name) for name in ("text", "query", "question", "q"))
    return next((value for value in found if isinstance(value, str)), None)


def _documents(path: str) -> dict[str, tuple[Document, Any]]:
    """Every entry by its id as text, with the id as it was written (it may be a number)."""
    found: dict[str, tuple[Document, Any]] = {}
    for number, line in enumerate(batch_lines(path), start=1):
        data, fault = parsed(line)
        if data is None or data.get("id") is None:
            warn(f"{path}:{number}: left out: {fault or 'no id'}")
            continue
        document = _document(data)
        if document.id in found:
            warn(f"{path}:{number}: left out: the id {document.id!r} is there already")
            continue
        found[document.id] = document, data["id"]
    return found


def _document(data: Mapping[str, Any]) -> Document:
    """Whatever is no text counts as none."""
    title, answer = (value if isinstance(value := data.get(name), str) else "" for name in ("title", "answer"))
    asked = data.get("questions")
    questions = asked if isinstance(asked, list) else [asked]
    return Document(str(data["id"]), title, answer, tuple(q for q in questions if isinstance(q, str)))
