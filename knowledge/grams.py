"""Character n-grams of many texts at once, as numbers; numpy does the work.

A text is taken as bytes (UTF-8) between two spaces; every run of 3 and of 4 bytes is one number. Indonesian is ASCII
but for loan words, so bytes are letters. Strings would do for hundreds of texts, not for a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint32]
Owners = npt.NDArray[np.int32]
SIZES = (3, 4)


def codes_of(text: str) -> Codes:
    """The n-grams of one text, repeated as often as they occur."""
    letters = np.frombuffer(_padded(text), np.uint8)
    return np.concatenate([_runs(letters, size) for size in SIZES])


def codes_of_all(texts: Sequence[str]) -> tuple[Codes, Owners]:
    """The n-grams of all texts in one array, and beside it the number of the text that each comes from."""
    padded = [_padded(text) for text in texts]
    letters = np.frombuffer(b"".join(padded), np.uint8)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), np.array([len(p) for p in padded], np.int64))
    codes, owners = [], []
    for size in SIZES:
        runs = _runs(letters, size)
        inside = owner[: len(runs)] == owner[size - 1 : size - 1 + len(runs)]
        codes.append(runs[inside])
        owners.append(owner[: len(runs)][inside])
    return np.concatenate(codes), np.concatenate(owners)


def _runs(letters: npt.NDArray[np.uint8], size: int) -> Codes:
    """Each run of `size` bytes as one number. Sizes never meet: before three bytes stands a 3, a control character."""
    last = max(len(letters) - size + 1, 0)
    code = np.full(last, size if size < 4 else 0, np.uint32)
    for offset in range(size):
        code = (code << np.uint32(8)) | letters[offset : offset + last]
    return code


def _padded(text: str) -> bytes:
    return b" " + text.encode() + b" "
