"""The pace: five at once to one person, then one in six seconds; eighty a second altogether."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.whatsapp_pace import Bucket, Pace
from tests.channels.whatsapp_scene import RINA, START


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_five_leave_at_once_and_the_sixth_waits_six_seconds() -> None:
    pace = Pace()
    assert [pace.take(RINA, 1, START) for _ in range(5)] == [0.0] * 5
    assert pace.take(RINA, 1, START) == pytest.approx(6.0)
    assert pace.take(RINA, 1, START + after(5)) == pytest.approx(1.0)
    assert pace.take(RINA, 1, START + after(6)) == 0.0
    assert pace.take(RINA, 1, START + after(6)) == pytest.approx(6.0)


def test_one_person_does_not_slow_another() -> None:
    pace = Pace()
    assert all(pace.take(RINA, 1, START) == 0.0 for _ in range(5))
    assert pace.take("+6281230000002", 1, START) == 0.0


def test_a_long_texts_parts_leave_together_or_not_at_all() -> None:
    pace = Pace()
    pace.take(RINA, 3, START)
    assert pace.take(RINA, 3, START) == pytest.approx(6.0)
    assert pace.take(RINA, 2, START) == 0.0


def test_the_account_sends_eighty_a_second() -> None:
    pace = Pace()
    waits = [pace.take(f"+62{n}", 1, START) for n in range(81)]
    assert waits[:80] == [0.0] * 80
    assert waits[80] == pytest.approx(1 / 80)
    assert pace.take("+6299", 1, START + after(0.013)) == 0.0


def test_a_clock_that_goes_back_adds_nothing() -> None:
    pace = Pace()
    for _ in range(5):
        pace.take(RINA, 1, START)
    assert pace.take(RINA, 1, START - after(3600)) == pytest.approx(6.0)


def test_people_with_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.whatsapp_pace._MOST_REMEMBERED", 10)
    pace = Pace(account_rate=1e9)
    for n in range(11):
        pace.take(f"+62{n}", 1, START + after(n * 60))
    assert len(pace._people) == 1


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 3)), max_size=40))
def test_never_more_than_the_limit_in_any_span(steps: list[tuple[float, int]]) -> None:
    pace, now, sent = Pace(), START, []
    for wait, count in steps:
        now += after(wait)
        if pace.take(RINA, count, now) == 0.0:
            sent += [now] * count
    for i, first in enumerate(sent):
        for j in range(i, len(sent)):
            allowed = 5 + (sent[j] - first).total_seconds() / 6 + 1e-6
            assert j - i + 1 <= allowed


@given(st.floats(0, 100), st.integers(1, 5))
def test_after_the_wait_it_may_leave(spent: float, count: int) -> None:
    bucket = Bucket.full(5, 1 / 6, START).taken(min(5, int(spent)), START)
    wait = bucket.wait(count, START)
    assert bucket.wait(count, START + after(wait + 1e-5)) == 0.0
