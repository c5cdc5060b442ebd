"""What was learnt, kept between runs, so that a fresh process answers at once.

An .npz file of arrays and string lists; nothing in it is executable. Its name is a fingerprint of everything that went
in: the base, the examples, the lexicon, the coefficients, and the code that learns.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from bot.brain import build_brain
from bot.judgement import read_judgement
from bot.reader import Brain
from intents.features import Features
from intents.linear import LinearModel
from intents.neighbours import Neighbours
from intents.text import Vocabulary
from intents.understand import IntentModel, read_examples
from knowledge.embedding import Embedder, Meanings, remember_meanings
from knowledge.entries import Entry, entry_to, read_faq
from knowledge.hybrid import Hybrid
from knowledge.postings import Postings
from knowledge.search import Index

_CODE = ("intents", "knowledge")
_HALF = np.float16


def remembered_brain(entries: Sequence[Entry], folder: Path | None = None) -> Brain:
    """The brain of a base: from its file where there is one, else learnt and put there."""
    place = folder or default_folder()
    path = place / f"brain-{fingerprint(entries)}.npz"
    if (known := _read(path, entries)) is not None:
        return known
    with _one_at_a_time(path):
        brain = _read(path, entries) or build_brain(entries)
        _keep(brain, path)
    return _read(path, entries) or brain  # as every later process has it: the file holds half-precision numbers


def packaged_brain() -> Brain:
    """The brain of the packaged base."""
    return remembered_brain(read_faq())


def with_meanings(brain: Brain, model: Path | None, folder: Path | None = None) -> Brain:
    """The brain with an embedding model as one more witness, its vectors kept in a file too.

    Raises knowledge.embedding.EmbeddingError for a model that cannot be used.
    """
    if model is None:
        return brain
    embedder, entries = Embedder(model), list(brain.entries.values())
    path = (folder or default_folder()) / f"meanings-{embedder.fingerprint}-{fingerprint(entries)}.npz"
    asked = [(question, e.id) for e in entries for question in (e.title, *e.asked)]
    try:
        with np.load(path, allow_pickle=False) as data:
            known = Meanings(embedder, tuple(_list(data["labels"])), data["owner"], data["matrix"])
    except (OSError, ValueError, KeyError):
        known = remember_meanings(embedder, [question for question, _ in asked], [topic for _, topic in asked])
        _save(path, {"labels": _strings(known.labels), "owner": known.owner, "matrix": known.matrix})
    return replace(brain, index=replace(brain.index, meanings=known))


def default_folder() -> Path:
    """In the virtual environment, where installing learns for every user of it; else the user's cache folder (XDG)."""
    own = Path(sys.prefix) / "share" / "pst-konsultasi"
    if sys.prefix != sys.base_prefix and (own.is_dir() or os.access(sys.prefix, os.W_OK)):
        return own
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "pst-konsultasi"


def fingerprint(entries: Sequence[Entry]) -> str:
    """Changes with anything that the brain was learnt from or with."""
    digest = hashlib.sha256(np.__version__.encode())
    for entry in entries:
        digest.update(json.dumps(entry_to(entry), sort_keys=True).encode())
    for path in _ingredients():
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:20]


def _ingredients() -> Iterator[Path]:
    for package in _CODE:
        root = Path(str(resources.files(package)))
        yield from sorted(p for p in root.rglob("*") if p.suffix in (".py", ".toml") and "faq" not in p.parts)
    yield Path(str(resources.files("bot") / "brain.py"))


def _read(path: Path, entries: Sequence[Entry]) -> Brain | None:
    try:
        with np.load(path, allow_pickle=False) as data:
            return _unpacked(data, entries)
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Several processes that start together learn once; where there can be no lock, each for itself."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((path.parent / "learning.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _keep(brain: Brain, path: Path) -> None:
    """Written beside and moved, so that nobody reads half a file. A full or read-only disk only costs time later."""
    if path.exists():
        return
    for old in path.parent.glob("brain-*.npz"):
        with contextlib.suppress(OSError):
            old.unlink()
    _save(path, _packed(brain))


def _save(path: Path, arrays: Mapping[str, Any]) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, **arrays)
        Path(file.name).replace(path)


def _packed(brain: Brain) -> dict[str, Any]:
    return {
        "vocabulary": _strings(sorted(brain.vocabulary.words)),
        "words": _strings(brain.features.words), "grams": _strings(brain.features.grams), "idf": brain.features.idf,
        **_linear("topic", brain.index.model), **_linear("intent", brain.intents.model),
        **_memory("topic", brain.index.neighbours), **_memory("intent", brain.intents.neighbours),
        **_hybrid(brain.index.texts),
    }  # fmt: skip


def _unpacked(data: Mapping[str, Any], entries: Sequence[Entry]) -> Brain:
    words, grams = (_numbered(_list(data[name])) for name in ("words", "grams"))
    return Brain(
        {e.id: e for e in entries}, Vocabulary(_list(data["vocabulary"])), Features(words, grams, data["idf"]),
        Index(_read_linear("topic", data), _read_memory("topic", data), _read_hybrid(data)),
        IntentModel(_read_linear("intent", data), _read_memory("intent", data)), read_examples().classes,
        read_judgement(),
    )  # fmt: skip


def _linear(name: str, model: LinearModel) -> dict[str, Any]:
    return {f"{name}_labels": _strings(model.labels), f"{name}_weights": model.weights.astype(_HALF)}


def _read_linear(name: str, data: Mapping[str, Any]) -> LinearModel:
    return LinearModel(tuple(_list(data[f"{name}_labels"])), data[f"{name}_weights"])


def _memory(name: str, memory: Neighbours) -> dict[str, Any]:
    return {
        f"{name}_kinds": _strings(memory.labels), f"{name}_owner": memory.owner, f"{name}_starts": memory.starts,
        f"{name}_examples": memory.examples, f"{name}_near": memory.weights.astype(_HALF),
    }  # fmt: skip


def _read_memory(name: str, data: Mapping[str, Any]) -> Neighbours:
    return Neighbours(
        tuple(_list(data[f"{name}_kinds"])), data[f"{name}_owner"], data[f"{name}_starts"], data[f"{name}_examples"],
        data[f"{name}_near"],
    )  # fmt: skip


def _hybrid(texts: Hybrid) -> dict[str, Any]:
    return {
        "text_ids": _strings(texts.ids), "text_vocabulary": _strings(sorted(texts.vocabulary.words)),
        "text_numbers": _strings(texts.numbers), **_postings("word", texts.words), **_postings("gram", texts.grams),
        "text_help": texts.help,
    }  # fmt: skip


def _read_hybrid(data: Mapping[str, Any]) -> Hybrid:
    return Hybrid(
        tuple(_list(data["text_ids"])), Vocabulary(_list(data["text_vocabulary"])),
        _numbered(_list(data["text_numbers"])), _read_postings("word", data), _read_postings("gram", data),
        float(data["text_help"]),
    )  # fmt: skip


def _postings(name: str, postings: Postings) -> dict[str, Any]:
    fields = ("terms", "starts", "documents", "impacts", "idf")
    return {f"{name}_{field}": getattr(postings, field) for field in fields} | {f"{name}_size": postings.size}


def _read_postings(name: str, data: Mapping[str, Any]) -> Postings:
    fields = ("terms", "starts", "documents", "impacts", "idf")
    return Postings(**{field: data[f"{name}_{field}"] for field in fields}, size=int(data[f"{name}_size"]))


def _strings(values: Sequence[str] | Mapping[str, int]) -> Any:
    """Strings in one byte array; a fixed-width string array would be ten times the size."""
    return np.frombuffer("\n".join(values).encode(), np.uint8)


def _list(data: Any) -> list[str]:
    return bytes(data).decode().split("\n")


def _numbered(values: Sequence[str]) -> dict[str, int]:
    return {value: n for n, value in enumerate(values)}
