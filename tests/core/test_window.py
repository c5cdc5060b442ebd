"""The one way out for each message, and what is not sent at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.effects import Purpose, Template
from bot.core.window import MARGIN, Situation, WayOut, is_open, stopped, way_out
from tests.conftest import wib

NOW = wib("2026-11-20 10:00")
OPEN, SHUT = NOW + timedelta(hours=5), NOW - timedelta(hours=5)
ALL = frozenset(Template)


@pytest.mark.parametrize(
    ("purpose", "template", "situation", "expected"),
    [
        (Purpose.REPLY, None, Situation(OPEN, NOW, ALL), WayOut.FREE),
        (Purpose.STAFF_ANSWER, Template.ANSWER_READY, Situation(OPEN, NOW, ALL), WayOut.FREE),
        (Purpose.STAFF_ANSWER, Template.ANSWER_READY, Situation(SHUT, NOW, ALL), WayOut.HOLD),
        (Purpose.REMINDER, Template.REMINDER, Situation(SHUT, NOW, ALL), WayOut.TEMPLATE),
        (Purpose.STAFF_ANSWER, Template.ANSWER_READY, Situation(SHUT, NOW, frozenset()), WayOut.NOWHERE),
        (Purpose.STAFF_ANSWER, Template.ANSWER_READY, Situation(SHUT, NOW, frozenset(), "a@contoh.id"), WayOut.EMAIL),
        (Purpose.REPLY, None, Situation(None, NOW, ALL), WayOut.NOWHERE),
    ],
)
def test_the_way_out(purpose: Purpose, template: Template | None, situation: Situation, expected: WayOut) -> None:
    assert way_out(purpose, template, situation) is expected


@pytest.mark.parametrize("window", [OPEN, SHUT])
@pytest.mark.parametrize("purpose", [Purpose.REMINDER, Purpose.CLOSING, Purpose.NOTICE])
def test_who_does_not_want_to_be_written_to_is_not_even_while_the_window_is_open(
    window: object, purpose: Purpose
) -> None:
    situation = Situation(window, NOW, ALL, "a@contoh.id", opted_out=True)  # type: ignore[arg-type]
    assert way_out(purpose, Template.REMINDER, situation) is WayOut.DROP


def test_what_he_asked_for_is_still_his() -> None:
    """The answer to his question, and what answers his own message ("sudah sesuai" closes)."""
    refused = Situation(OPEN, NOW, ALL, opted_out=True)
    assert way_out(Purpose.REPLY, None, refused) is WayOut.FREE
    assert way_out(Purpose.STAFF_ANSWER, Template.ANSWER_READY, refused) is WayOut.FREE
    answering = Situation(OPEN, NOW, ALL, opted_out=True, unasked=False)
    assert way_out(Purpose.CLOSING, Template.CLOSED, answering) is WayOut.FREE
    assert not stopped(Purpose.CLOSING, opted_out=True, unasked=False)


def test_no_template_knocks_at_the_door_of_who_refused() -> None:
    shut = Situation(SHUT, NOW, ALL, "a@contoh.id", opted_out=True)
    assert way_out(Purpose.STAFF_ANSWER, Template.ANSWER_READY, shut) is WayOut.EMAIL


def test_the_window_shuts_a_little_early() -> None:
    assert is_open(NOW + MARGIN + timedelta(seconds=1), NOW)
    assert not is_open(NOW + MARGIN, NOW)
    assert not is_open(None, NOW)
