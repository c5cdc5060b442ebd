"""Character n-grams of many texts at once, as numbers; numpy does the work.

A text is taken as bytes (UTF-8) between two spaces; every run of 3 and of 4 bytes is one number. Indonesian is ASCII
but for loan words, so bytes are letters. Strings would do for hundreds of texts, not for a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint64]
SIZES = (3, 4)


def codes_of(text: str) -> Codes:
    """The n-grams of one text, repeated as often as they occur."""
    return _codes(np.frombuffer(_padded(text), np.uint8).astype(np.uint64))


def codes_of_all(texts: Sequence[str]) -> tuple[Codes, npt.NDArray[np.int32]]:
    """The n-grams of all texts in one array, and beside it the number of the text that each comes from."""
    padded = [_padded(text) for text in texts]
    letters = np.frombuffer(b"".join(padded), np.uint8).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), [len(p) for p in padded])
    codes, owners = [], []
    for size in SIZES:
        last = len(letters) - size + 1
        if last <= 0:
            continue
        inside = owner[:last] == owner[size - 1 :]
        codes.append(_joined(letters, size)[inside])
        owners.append(owner[:last][inside])
    if not codes:
        return np.zeros(0, np.uint64), np.zeros(0, np.int32)
    return np.concatenate(codes), np.concatenate(owners)


def _codes(letters: Codes) -> Codes:
    return np.concatenate([_joined(letters, size) for size in SIZES if len(letters) >= size] or [letters[:0]])


def _joined(letters: Codes, size: int) -> Codes:
    """Each run of `size` bytes as one number; the length is part of it, so that sizes never meet."""
    last = len(letters) - size + 1
    code = np.full(last, size, np.uint64)
    for offset in range(size):
        code = (code << np.uint64(8)) | letters[offset : offset + last]
    return code


def _padded(text: str) -> bytes:
    return b" " + text.encode() + b" "
