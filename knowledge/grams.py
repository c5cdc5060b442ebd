"""Character n-grams of many texts at once, as numbers; numpy does the work.

A text is its words between spaces, as bytes (UTF-8); every run of 3 and of 4 bytes is one number. Indonesian is ASCII
but for loan words, so bytes are letters. Strings would do for hundreds of texts, not for a hundred thousand. A word may
weigh less than 1; a run weighs what its letters weigh on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Owners = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
SIZES = (3, 4)


def codes_of(words: Sequence[str], weights: Sequence[float]) -> tuple[Codes, Weights]:
    """The n-grams of one text, repeated as often as they occur, and the weight of each occurrence."""
    codes, _, each = codes_of_all([words], [weights])
    return codes, each


def codes_of_all(
    texts: Sequence[Sequence[str]], weights: Sequence[Sequence[float]]
) -> tuple[Codes, Owners, Weights]:
    """The n-grams of all texts in one array; beside it the number of the text that each comes from, and its weight."""
    padded = [_padded(words) for words in texts]
    letters = np.frombuffer(b"".join(padded), np.uint8)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), [len(p) for p in padded])
    summed = np.concatenate([np.zeros(1), np.cumsum(_of_letters(texts, weights))])
    found = [_runs(letters, owner, summed, size) for size in SIZES]
    codes, owners, each = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return codes, owners, each.astype(np.float32)


def _runs(letters: npt.NDArray[np.uint8], owner: Owners, summed: npt.NDArray[np.float64], size: int) -> tuple[
    Codes, Owners, npt.NDArray[np.float64]
]:  # fmt: skip
    """The runs of one size that lie within one text."""
    last = max(len(letters) - size + 1, 0)
    code = np.full(last, size if size < 4 else 0, np.uint32)  # sizes never meet: byte 3 is a control character
    for offset in range(size):
        code = (code << np.uint32(8)) | letters[offset : offset + last]
    inside = owner[:last] == owner[size - 1 : size - 1 + last]
    weight = (summed[size : size + last] - summed[:last]) / size
    return code[inside], owner[:last][inside], weight[inside]


def _of_letters(texts: Sequence[Sequence[str]], weights: Sequence[Sequence[float]]) -> npt.NDArray[np.float64]:
    """The weight of each letter of all padded texts; the space after a word weighs what the word does."""
    lengths = chain.from_iterable((1, *(len(w.encode()) + 1 for w in words)) if words else (2,) for words in texts)
    each = chain.from_iterable((1.0, *own) for own in weights)
    return np.repeat(np.fromiter(each, np.float64), np.fromiter(lengths, np.int64))


def _padded(words: Sequence[str]) -> bytes:
    return b" " + " ".join(words).encode() + b" "
