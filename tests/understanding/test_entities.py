"""What a message mentions. Nothing is guessed."""

from __future__ import annotations

from datetime import date, time

import pytest

from intents.entities import find
from intents.meaning import Cue, Kind, Sex
from tests.conftest import wib

FRIDAY = wib("2026-11-20 10:00")


def test_a_form_in_one_line() -> None:
    found = find("Rina, perempuan, rina@contoh.id, 0812-3000-0001, konsultasi data", FRIDAY)
    assert (found.sex, found.email, found.kind) == (Sex.FEMALE, "rina@contoh.id", Kind.DATA)
    assert found.phone is not None
    assert found.phone.endswith("81230000001")


@pytest.mark.parametrize(
    ("text", "name"), [("nama saya Budi Santoso", "Budi Santoso"), ("my name is Ann", "Ann"), ("nama hp saya", None)]
)
def test_a_name_only_where_it_is_called_one(text: str, name: str | None) -> None:
    assert find(text, FRIDAY).name == name


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("besok jam 9 pagi", date(2026, 11, 21), time(9)),
        ("senin pukul 13.30", date(2026, 11, 23), time(13, 30)),
        ("lusa jam 1 siang", date(2026, 11, 22), time(13)),
        ("25/11 jam 10", date(2026, 11, 25), time(10)),
        ("kapan-kapan", None, None),
        ("besok senin jam 9", date(2026, 11, 23), time(9)),
    ],
)
def test_day_and_hour_count_from_now(text: str, day: date | None, clock: time | None) -> None:
    found = find(text, FRIDAY)
    assert (found.day, found.clock) == (day, clock)


@pytest.mark.parametrize(
    ("text", "rating"),
    [("bagus sekali", 5), ("3", 3), ("4/5", 4), ("nilai 5", 5), ("⭐⭐⭐", 3), ("terima kasih", None)],
)
def test_grades_in_digits_words_and_stars(text: str, rating: int | None) -> None:
    assert find(text, FRIDAY).rating == rating


@pytest.mark.parametrize(
    ("text", "cue", "not_cue"),
    [
        ("belum sesuai", Cue.DISSATISFIED, Cue.SATISFIED),
        ("sudah sesuai", Cue.SATISFIED, Cue.DISSATISFIED),
    ],
)
def test_negation_is_heard(text: str, cue: Cue, not_cue: Cue) -> None:
    cues = find(text, FRIDAY).cues
    assert cue in cues
    assert not_cue not in cues


def test_years_and_consultation_number() -> None:
    found = find("data 2019 sampai 2023 untuk konsultasi 3574-2026-000012", FRIDAY)
    assert found.years[:2] == (2019, 2023)
    assert found.number == "3574-2026-000012"
