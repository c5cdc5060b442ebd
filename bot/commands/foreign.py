"""`pst kb search`: any FAQ, ranked by the service's own normal form and search; nothing of our base is involved."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.commands.output import DONE, WRONG_USAGE, batch_lines, fail, parsed, say_json, warn
from knowledge.hybrid import Document, Hybrid, build_hybrid


def search(entries: str, queries: str, top: int) -> int:
    """One line out for each query, in order."""
    if top < 1:
        fail(WRONG_USAGE, "--top must be at least 1")
    index = build_hybrid(_documents(entries))
    for line in batch_lines(queries):
        query, fault = parsed(line)
        text = _text(query or {})
        if query is None or text is None:
            say_json({"id": query.get("id") if query else None, "error": fault or "the query has no text"})
            continue
        say_json({"id": query.get("id"), **_ranked(index, text, top)})
    return DONE


def _ranked(index: Hybrid, text: str, top: int) -> dict[str, Any]:
    started = time.perf_counter()
    hits = index.rank(text, top)
    elapsed = (time.perf_counter() - started) * 1000
    return {"hits": [{"id": name, "score": round(score, 5)} for name, score in hits], "elapsed_ms": round(elapsed, 3)}


def _text(query: Mapping[str, Any]) -> str | None:
    """The query's words, under any of the names that question files use."""
    found = (query.get(name) for name in ("text", "query", "question", "q"))
    return next((value for value in found if isinstance(value, str)), None)


def _documents(path: str) -> list[Document]:
    documents, seen = [], set()
    for number, line in enumerate(batch_lines(path), start=1):
        data, fault = parsed(line)
        if data is None or data.get("id") is None:
            warn(f"{path}:{number}: left out: {fault or 'no id'}")
            continue
        name = str(data["id"])
        if name in seen:
            warn(f"{path}:{number}: left out: the id {name!r} is there already")
            continue
        seen.add(name)
        questions = tuple(q for q in data.get("questions") or () if isinstance(q, str))
        documents.append(Document(name, str(data.get("title") or ""), str(data.get("answer") or ""), questions))
    if not documents:
        fail(WRONG_USAGE, f"{path}: no entries")
    return documents
