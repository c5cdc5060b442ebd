"""An index that was kept in the brain's file ranks as the one that was built."""

from __future__ import annotations

import io

import numpy as np

from bot.brain_file import _hybrid, _read_hybrid
from knowledge.hybrid import Document, build_hybrid


def test_a_kept_index_ranks_as_the_built_one() -> None:
    documents = [
        Document("biaya", "Berapa biaya konsultasi?", "Konsultasi gratis.", ("bayar ga",)),
        Document("jam", "Kapan buka?", "Senin sampai Jumat."),
    ]
    built, file = build_hybrid(documents), io.BytesIO()
    np.savez(file, **_hybrid(built))
    file.seek(0)
    kept = _read_hybrid(np.load(file, allow_pickle=False))
    for text in ("brp ongkos konsultsi", "buka hari senin", "zzz"):
        assert kept.rank(text, 5) == built.rank(text, 5)
