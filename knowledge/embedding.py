"""Sentence embeddings as one more witness: an ONNX model and its tokenizer, given by path. Off unless asked for.

The folder is what sentence-transformers and optimum export: `model.onnx` (inputs input_ids, attention_mask and maybe
token_type_ids; first output batch x tokens x size) and `tokenizer.json`. Vectors are mean-pooled over the tokens and of
length 1, so that a product of two is their cosine. Needs the extra `embedding` (onnxruntime, tokenizers).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
_BATCH = 64
_MOST_TOKENS = 128


class EmbeddingError(RuntimeError):
    """The model cannot be used; the message says why in one line."""


class Embedder:
    """Texts to vectors. Raises EmbeddingError for a folder that holds no usable model."""

    def __init__(self, folder: Path) -> None:
        try:
            from onnxruntime import InferenceSession
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbeddingError(f"{error.name} is missing: install the extra 'embedding'") from error
        try:
            self._session = InferenceSession(str(folder / MODEL), providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise bare exceptions of many kinds
            raise EmbeddingError(f"{folder}: {str(error).splitlines()[0]}") from error
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}
        self.fingerprint = _digest(folder)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """(texts, size), each row of length 1; a text without tokens is all zeros."""
        parts = [self._some(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)

    def _some(self, texts: Sequence[str]) -> Floats:
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([e.attention_mask for e in encoded], np.int64)
        given: dict[str, Any] = {
            "input_ids": np.array([e.ids for e in encoded], np.int64), "attention_mask": mask,
            "token_type_ids": np.array([e.type_ids for e in encoded], np.int64),
        }  # fmt: skip
        tokens = self._session.run(None, {name: given[name] for name in given if name in self._inputs})[0]
        weights = mask[:, :, None].astype(np.float32)
        pooled = (np.asarray(tokens, np.float32) * weights).sum(1) / np.maximum(weights.sum(1), 1)
        result: Floats = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
        return result


@dataclass(frozen=True)
class Meanings:
    """Every question of the base as a vector, and whose it is (a column of `labels`)."""

    embedder: Embedder
    labels: tuple[str, ...]
    owner: Ints
    matrix: npt.NDArray[np.float16]

    def nearest(self, text: str) -> Floats:
        """For each label the cosine of its nearest question."""
        products = self.matrix.astype(np.float32) @ self.embedder.vectors([text])[0]
        best = np.full(len(self.labels), -1, np.float32)
        np.maximum.at(best, self.owner, products)
        return best


def remember_meanings(embedder: Embedder, texts: Sequence[str], labels: Sequence[str]) -> Meanings:
    """Embed all questions once."""
    known = sorted(set(labels))
    column = {label: n for n, label in enumerate(known)}
    owner = np.array([column[label] for label in labels], np.int32)
    return Meanings(embedder, tuple(known), owner, embedder.vectors(texts).astype(np.float16))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (MODEL, TOKENIZER):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:20]
