"""Taps on buttons of earlier messages: nothing is done to what they were not about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import events as ev
from bot.core.model import Office, State
from intents.meaning import Action, Cue, Intent
from tests.core.test_conversation import ANSWERABLE, T0, UNKNOWN, VALUE, keys, says, talk

ANSWERED = ev.Answered(T0, "petugas", "Silakan kirim surat resmi.")
CLOSED = ev.ClosedByStaff(T0, "petugas")


def tap(key: str, title: str, old: ev.OldMenu | None, *cues: Cue) -> ev.Heard:
    heard = says(Intent.CHIT_CHAT, Action.REPLY, text=title, cues=frozenset(cues))
    return replace(heard, button=key, old_menu=old)


@pytest.mark.parametrize("key", ["staff", "unhelpful"])
def test_an_old_button_for_staff_hands_over_its_own_question(offices: dict[str, Office], key: str) -> None:
    old = ev.OldMenu("jam buka?", same_consultation=True)
    outcome = talk(offices["3574"], ANSWERABLE, VALUE, tap(key, "Tanya petugas", old))
    c = outcome.conversation.consultation
    assert c is not None
    assert c.question == "jam buka?"
    assert keys(outcome)[0] == "opened"


def test_the_newest_button_hands_over_the_newest_question(offices: dict[str, Office]) -> None:
    c = talk(offices["3574"], ANSWERABLE, VALUE, tap("staff", "Tanya petugas", None)).conversation.consultation
    assert c is not None
    assert c.question == VALUE.text


def test_a_second_tap_on_the_same_button_opens_and_adds_nothing(offices: dict[str, Office]) -> None:
    old = ev.OldMenu(VALUE.text)
    events = (VALUE, tap("staff", "Ya, tanya petugas", None), tap("staff", "Ya, tanya petugas", old))
    outcome = talk(offices["3574"], *events)
    c = outcome.conversation.consultation
    assert c is not None
    assert c.question == VALUE.text
    assert keys(outcome) == ["status_open"]


def test_an_old_topic_is_answered_and_keeps_its_question(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], VALUE, tap("topic:jam-layanan", "Jam layanan", ev.OldMenu("kapan buka?")))
    assert keys(outcome)[0] == "faq"
    assert outcome.conversation.talk.question == "kapan buka?"


@pytest.mark.parametrize(
    ("key", "title", "cue"),
    [
        ("resolved", "Sudah sesuai", Cue.SATISFIED),
        ("unresolved", "Belum sesuai", Cue.DISSATISFIED),
        ("rate:1", "1", None),
    ],
)
@pytest.mark.parametrize("taken", [False, True])
def test_a_button_of_an_earlier_consultation_does_nothing_to_this_one(
    offices: dict[str, Office], key: str, title: str, cue: Cue | None, taken: bool
) -> None:
    before = talk(offices["3574"], UNKNOWN, *([ev.TakenOver(T0, "petugas")] if taken else []), ANSWERED)
    heard = tap(key, title, ev.OldMenu("dulu", same_consultation=False), *([cue] if cue else []))
    outcome = talk(offices["3574"], heard, start=before.conversation)
    c = outcome.conversation.consultation
    assert c is not None
    assert (c.state, c.rating) == (State.ANSWERED, None)
    assert keys(outcome) == ([] if taken else ["old_menu"])


def test_a_rating_counts_though_something_was_said_since(offices: dict[str, Office]) -> None:
    old = ev.OldMenu(same_consultation=True)
    c = talk(offices["3574"], UNKNOWN, ANSWERED, CLOSED, tap("rate:4", "4", old)).conversation.consultation
    assert c is not None
    assert c.rating == 4


def test_what_an_old_button_cannot_say_leaves_the_menu_as_it_is(offices: dict[str, Office]) -> None:
    before = talk(offices["3574"], VALUE)
    outcome = talk(offices["3574"], tap("no_staff", "Tidak usah", ev.OldMenu("x")), start=before.conversation)
    assert keys(outcome) == ["old_menu"]
    assert outcome.conversation.talk == before.conversation.talk


def test_an_old_sign_of_satisfaction_is_thanked_for_and_ends_nothing(offices: dict[str, Office]) -> None:
    before = talk(offices["3574"], ANSWERABLE, VALUE)
    outcome = talk(offices["3574"], tap("helpful", "Sudah jelas", ev.OldMenu("jam buka?")), start=before.conversation)
    assert keys(outcome) == ["glad"]
    assert outcome.conversation.talk == before.conversation.talk


def test_a_shortened_title_without_its_key_is_still_that_option(offices: dict[str, Office]) -> None:
    """As the provider's list has a tap on a long title."""
    talked = talk(offices["3574"], VALUE).conversation
    options = talked.talk.options
    long = replace(options[0], title="Ya, tolong teruskan kepada petugas")
    start = replace(talked, talk=replace(talked.talk, options=(long, *options[1:])))
    heard = says(Intent.CHIT_CHAT, Action.REPLY, text="Ya, tolong teruskan kep…")
    assert keys(talk(offices["3574"], heard, start=start))[0] == "opened"
