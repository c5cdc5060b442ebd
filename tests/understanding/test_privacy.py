"""Personal numbers are masked on arrival and nothing personal is fit for a log."""

from __future__ import annotations

import pytest

from intents.privacy import mask, redact


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("NIK saya 3514081203600007 ya", "NIK saya ••••0007 ya"),
        ("3574 0267 0865 0004", "••••0004"),
        ("KK 3574050102030007, tolong", "KK ••••0007, tolong"),
        ("kartu 4111-1111-1111-1111", "kartu ••••1111"),
    ],
)
def test_identity_and_card_numbers_are_masked(written: str, kept: str) -> None:
    assert mask(written) == kept


@pytest.mark.parametrize("written", ["0812-3456-7890", "+62 812 3456 7890", "tahun 2023 dan 2024", "K-2311-0042"])
def test_other_numbers_stay(written: str) -> None:
    assert mask(written) == written


def test_a_log_line_names_nobody() -> None:
    line = redact("Rina, rina@contoh.id, 0812 3456 7890, NIK 3514081203600007")
    assert "contoh.id" not in line
    assert "7890" not in line
    assert "3514" not in line
