"""The public satisfaction survey: offered after a grade, answered step by step or at once, never insisted on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.effects import RecordSurvey
from bot.core.model import Channel, Conversation, Office, Waiting
from bot.core.survey import ELEMENTS, REST, index
from bot.core.turn import Outcome
from intents.meaning import Action, Intent
from tests.core.test_conversation import ANSWERABLE, ANSWERED, DELIVERED, NO, UNKNOWN, YES, fresh, keys, says, talk

GRADE = says(Intent.RATING, Action.REPLY, text="5", rating=5)


def digit(number: int) -> object:
    heard = says(Intent.RATING, Action.REPLY, text=str(number), rating=number if number <= 5 else None)
    return replace(heard, reading=replace(heard.reading, digit=number))


def words(text: str) -> object:
    return says(Intent.CHIT_CHAT, Action.REPLY, text=text)


def rated(office: Office, channel: Channel = Channel.WHATSAPP) -> Conversation:
    return talk(office, UNKNOWN, ANSWERED, DELIVERED, YES, GRADE, start=fresh(office.code, channel)).conversation


def recorded(outcome: Outcome) -> list[tuple[int, ...]]:
    return [e.scores for e in outcome.effects if isinstance(e, RecordSurvey)]


def test_nine_questions_one_after_the_other(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    outcome = talk(office, YES, start=rated(office))
    for number in range(1, ELEMENTS + 1):
        assert keys(outcome) == [f"survey_{number}"]
        assert [o.key for o in outcome.conversation.talk.options] == ["score:1", "score:2", "score:3", "score:4"]
        outcome = talk(office, digit(1 + number % 4), start=outcome.conversation)  # type: ignore[arg-type]
    assert keys(outcome) == ["survey_thanks"]
    assert recorded(outcome) == [(2, 3, 4, 1, 2, 3, 4, 1, 2)]
    assert outcome.conversation.talk.waiting is Waiting.NOTHING


@pytest.mark.parametrize("beyond", [0, 5, 9])
def test_a_number_beyond_the_scale_is_asked_again_and_is_no_grade(offices: dict[str, Office], beyond: int) -> None:
    office = offices["3574"]
    first = talk(office, YES, start=rated(office))
    again = talk(office, digit(beyond), start=first.conversation)  # type: ignore[arg-type]
    assert keys(again) == ["survey_scale"]
    assert again.conversation.talk == first.conversation.talk
    assert again.conversation.consultation == first.conversation.consultation


LIST = "\n".join(f"{n}. {score}" for n, score in enumerate("443444434", 1))


@pytest.mark.parametrize("text", ["4 4 3 4 4 4 4 3 4", "443444434", "4,4,3,4,4,4,4,3,4", LIST])
def test_all_nine_at_once(offices: dict[str, Office], text: str) -> None:
    for channel in Channel:
        outcome = talk(offices["3574"], words(text), start=rated(offices["3574"], channel))  # type: ignore[arg-type]
        assert recorded(outcome) == [(4, 4, 3, 4, 4, 4, 4, 3, 4)]


@pytest.mark.parametrize(
    "text", ["4 4 3 4 4 4 4 3", "4 4 3 4 4 4 4 3 4 1", "4 4 3 4 4 4 4 3 5", "no 4 4 3 4 4 4 4 3 4 x"]
)
def test_nine_scores_or_nothing(offices: dict[str, Office], text: str) -> None:
    outcome = talk(offices["3574"], words(text), start=rated(offices["3574"]))  # type: ignore[arg-type]
    assert not recorded(outcome)


@pytest.mark.parametrize("when", ["at the offer", "half way"])
def test_a_refusal_ends_it(offices: dict[str, Office], when: str) -> None:
    office = offices["3574"]
    start = rated(office)
    if when == "half way":
        start = talk(office, YES, digit(4), start=start).conversation  # type: ignore[arg-type]
    outcome = talk(office, NO, start=start)
    assert keys(outcome) == ["survey_declined"]
    assert not recorded(outcome)


def test_a_question_is_answered_and_the_survey_is_over(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    outcome = talk(office, YES, ANSWERABLE, start=rated(office))
    assert keys(outcome) == ["faq"]
    assert outcome.conversation.talk.waiting is Waiting.HELPFUL


def test_it_is_offered_at_most_every_thirty_days(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    once = rated(office)
    for later, offered in ((REST - timedelta(days=1), False), (REST + timedelta(days=1), True)):
        steps = [replace(e, at=e.at + later) for e in (UNKNOWN, ANSWERED, DELIVERED, YES, GRADE)]
        start = replace(once, consultation=None)
        assert ("survey_offer" in keys(talk(office, *steps, start=start))) is offered


def test_a_mail_carries_the_whole_list_and_a_link_replaces_it(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    closed = talk(office, UNKNOWN, ANSWERED, DELIVERED, YES, start=fresh("3574", Channel.EMAIL)).conversation
    assert keys(talk(office, GRADE, start=closed)) == ["rated", "survey_by_mail"]
    linked = replace(office, facts={**office.facts, "survey_link": "https://contoh.id/skm"})
    outcome = talk(linked, GRADE, start=closed)
    assert keys(outcome) == ["rated", "survey_by_link"]
    assert outcome.conversation.talk.waiting is Waiting.NOTHING


SCORES = st.lists(st.lists(st.integers(1, 4), min_size=9, max_size=9), min_size=1, max_size=30)


@given(SCORES)
def test_the_index_lies_between_25_and_100_and_its_class_fits(answers: list[list[int]]) -> None:
    found = index(answers)
    assert found is not None
    assert 25 <= found.value <= 100
    assert found.respondents == len(answers)
    least = {"A": 88.31, "B": 76.61, "C": 65.0, "D": 25.0}
    assert found.value >= least[found.grade]
    assert all(found.value < floor for grade, floor in least.items() if grade < found.grade)


@pytest.mark.parametrize(
    ("scores", "value", "grade"),
    [([4] * 9, 100.0, "A"), ([3] * 9, 75.0, "C"), ([1] * 9, 25.0, "D"), ([4, 4, 3, 4, 4, 4, 4, 3, 4], 94.44, "A")],
)
def test_the_index_is_the_mean_of_the_elements_times_25(scores: list[int], value: float, grade: str) -> None:
    found = index([scores])
    assert found is not None
    assert (found.value, found.grade) == (value, grade)
    assert index([]) is None
