"""The talk around the consultation: rules by example, and random conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import events as ev
from bot.core.conversation import CONCERNS, happen, hear
from bot.core.effects import (
    Notice,
    NotifyStaff,
    Purpose,
    RecordAppointment,
    RecordComplaint,
    RecordDataRequest,
    ReleaseHeld,
    Say,
)
from bot.core.model import Channel, Conversation, Facts, Office, State, Waiting
from bot.core.reading import Concern, Reading, Topic
from bot.core.turn import Outcome
from intents.meaning import QUESTIONS, Action, Cue, Entities, Intent
from tests.conftest import wib

T0 = wib("2026-11-20 10:00")
HOURS = Topic("jam-layanan", "Jam layanan", 0.95, 0.95)
PEOPLE = Topic("data-penduduk", "Data penduduk", 0.8, 0.8)


def says(intent: Intent, action: Action, *topics: Topic, text: str = "halo", **entities: object) -> ev.Heard:
    answers = tuple(t.id for t in topics) if action is Action.ANSWER else ()
    place = topics[0].id if topics and action is Action.ESCALATE else None
    concern = Concern(text, intent, action, topics[0].score if topics else 0.9, topics, answers, place)
    return ev.Heard(T0, text, Reading((concern,), Entities(**entities)))  # type: ignore[arg-type]


ANSWERABLE = says(Intent.FAQ, Action.ANSWER, HOURS, text="jam buka?")
VALUE = says(Intent.DATA_REQUEST, Action.ESCALATE, PEOPLE, text="berapa penduduk gempol 2023")
UNKNOWN = says(Intent.FAQ, Action.ESCALATE, text="bagaimana kerja sama riset dengan BPS?")
YES, NO = says(Intent.AFFIRM, Action.REPLY, text="iya"), says(Intent.DENY, Action.REPLY, text="tidak")
THANKS = says(Intent.THANKS, Action.REPLY, text="makasih")
PERSON = replace(
    says(Intent.HUMAN, Action.ESCALATE, text="mau bicara dengan petugas"),
    reading=Reading((Concern("mau bicara dengan petugas", Intent.HUMAN, Action.ESCALATE, 0.9, subject=False),)),
)


def fresh(office: str = "3574", channel: Channel = Channel.WHATSAPP) -> Conversation:
    return Conversation(office, channel, "+6281230000001")


def talk(office: Office, *events: ev.Event, start: Conversation | None = None) -> Outcome:
    """Play events one after the other; what comes out of the last, with every consultation numbered."""
    conversation = start or fresh(office.code)
    outcome = Outcome(conversation)
    for minute, event in enumerate(events):
        event = replace(event, at=event.at + timedelta(minutes=minute))
        if isinstance(event, ev.Heard):
            outcome = hear(outcome.conversation, event, office)
        else:
            outcome = happen(outcome.conversation, event, office)
        outcome = _numbered(outcome)
    return outcome


def _numbered(outcome: Outcome) -> Outcome:
    c = outcome.conversation.consultation
    if c is None or c.number is not None:
        return outcome
    return replace(
        outcome, conversation=replace(outcome.conversation, consultation=replace(c, number="3574-2026-000001"))
    )


def keys(outcome: Outcome) -> list[str]:
    return [p.key for e in outcome.effects if isinstance(e, Say) for p in e.parts if p.key != "privacy_notice"]


def state(outcome: Outcome) -> State | None:
    c = outcome.conversation.consultation
    return c.state if c else None


ANSWERED = ev.Answered(T0, "Dewi", "Ini jawabannya.")
DELIVERED = ev.Delivered(T0)


@pytest.mark.parametrize(
    ("name", "events", "said", "then"),
    [
        ("the base answers", [ANSWERABLE], ["faq"], None),
        ("it helped", [ANSWERABLE, YES], ["glad"], None),
        ("it did not help: staff", [ANSWERABLE, NO], ["opened", "ask_details"], State.OPEN),
        ("a value is offered to staff on the phone", [VALUE], ["where_published", "offer_staff"], None),
        ("the offer is taken", [VALUE, YES], ["opened", "ask_details"], State.OPEN),
        ("the offer is declined", [VALUE, NO], ["staff_declined"], None),
        ("no answer in the base: staff", [UNKNOWN], ["opened", "ask_details"], State.OPEN),
        ("a person is wanted, then the question", [PERSON], ["ask_question"], None),
        ("a person and a question", [PERSON, UNKNOWN], ["opened", "ask_details"], State.OPEN),
        ("more is added to an open one", [UNKNOWN, UNKNOWN], ["added"], State.OPEN),
        ("the base goes on answering beside it", [UNKNOWN, ANSWERABLE], ["faq"], State.OPEN),
        ("thanks are no reply", [UNKNOWN, ANSWERED, DELIVERED, THANKS], ["thanks", "is_it_right"], State.ANSWERED),
        ("the answer is right", [UNKNOWN, ANSWERED, DELIVERED, YES], ["closed_resolved", "ask_rating"], State.CLOSED),
        ("the answer is not right", [UNKNOWN, ANSWERED, DELIVERED, NO], ["asked_again"], State.OPEN),
        ("thanks do not reopen", [UNKNOWN, ANSWERED, DELIVERED, YES, THANKS], ["thanks"], State.CLOSED),
        ("a question reopens", [UNKNOWN, ANSWERED, DELIVERED, YES, UNKNOWN], ["reopened"], State.OPEN),
    ],
)  # fmt: skip
def test_what_is_said_and_what_becomes_of_the_consultation(
    offices: dict[str, Office], name: str, events: list[ev.Event], said: list[str], then: State | None
) -> None:
    outcome = talk(offices["3574"], *events)
    assert keys(outcome) == said, name
    assert state(outcome) is then, name


def test_a_letter_with_a_question_for_staff_opens_at_once(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], VALUE, start=fresh("3574", Channel.EMAIL))
    assert state(outcome) is State.OPEN
    assert keys(outcome)[:2] == ["where_published", "opened"]


def test_the_clock_starts_at_the_question_not_at_the_end_of_the_form(offices: dict[str, Office]) -> None:
    form = says(Intent.CHIT_CHAT, Action.REPLY, text="Rina, rina@contoh.id, data", email="rina@contoh.id")
    outcome = talk(offices["3574"], UNKNOWN, form)
    c = outcome.conversation.consultation
    assert c is not None
    assert c.asked_at == T0
    assert c.details.name == "Rina"
    assert c.details.email == "rina@contoh.id"


def test_the_form_asks_only_for_what_is_missing_and_at_most_twice(offices: dict[str, Office]) -> None:
    form = says(Intent.CHIT_CHAT, Action.REPLY, text="perempuan", sex="perempuan")
    first = talk(offices["3514"], UNKNOWN)
    assert first.conversation.talk.waiting is Waiting.DETAILS
    second = talk(offices["3514"], UNKNOWN, form)
    assert keys(second) == ["details_noted", "ask_details"]
    third = talk(offices["3514"], UNKNOWN, form, form)
    assert keys(third) == ["details_complete"]


def test_after_take_over_the_bot_is_silent_until_release(offices: dict[str, Office]) -> None:
    taken = talk(offices["3574"], UNKNOWN, ev.TakenOver(T0, "Dewi"), ANSWERABLE)
    assert keys(taken) == []
    assert [e.kind for e in taken.effects if isinstance(e, NotifyStaff)] == [Notice.MESSAGE]
    released = talk(offices["3574"], UNKNOWN, ev.TakenOver(T0, "Dewi"), ev.Released(T0, "Dewi"), ANSWERABLE)
    assert keys(released) == ["faq"]


def test_a_machine_is_never_answered_and_changes_nothing(offices: dict[str, Office]) -> None:
    before = talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED).conversation
    outcome = hear(before, replace(UNKNOWN, machine=True), offices["3574"])
    assert outcome.effects == ()
    assert outcome.conversation == before


def test_a_complaint_with_a_question_gets_both(offices: dict[str, Office]) -> None:
    both = (
        Concern("petugasnya kasar", Intent.COMPLAINT, Action.ESCALATE, 0.9),
        Concern("jam buka?", Intent.FAQ, Action.ANSWER, 0.95, (HOURS,), ("jam-layanan",)),
    )
    outcome = talk(offices["3574"], ev.Heard(T0, "petugasnya kasar. jam buka?", Reading(both)))
    assert keys(outcome) == ["complaint_recorded", "faq"]
    assert [e for e in outcome.effects if isinstance(e, RecordComplaint)]
    assert len([e for e in outcome.effects if isinstance(e, Say)]) == 1, "one bubble"


def test_the_wish_to_stop_is_kept_and_undone(offices: dict[str, Office]) -> None:
    stop = says(Intent.OPT_OUT, Action.CLOSE, text="BERHENTI")
    start = says(Intent.CHIT_CHAT, Action.REPLY, text="MULAI", cues=frozenset({Cue.RESUME}))
    assert talk(offices["3574"], stop).conversation.opted_out
    assert not talk(offices["3574"], stop, start).conversation.opted_out


def test_a_data_request_has_three_times_twenty_four_hours(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], says(Intent.DELETE_MY_DATA, Action.FORM, text="HAPUS DATA"))
    found = [e for e in outcome.effects if isinstance(e, RecordDataRequest)]
    assert [(e.kind, e.due_at) for e in found] == [("erase", T0 + timedelta(hours=72))]


def test_a_held_answer_is_released_by_the_next_message(offices: dict[str, Office]) -> None:
    before = talk(offices["3574"], UNKNOWN, ANSWERED).conversation
    outcome = hear(before, YES, offices["3574"], Facts(held=1))
    assert [e for e in outcome.effects if isinstance(e, ReleaseHeld)]
    assert state(outcome) is State.ANSWERED, "a tap that fetches the answer does not judge it"


def test_a_writer_who_says_who_he_is_asks_for_nobodys_data(offices: dict[str, Office]) -> None:
    cues, text = frozenset({Cue.WANTS_STAFF}), "mohon diteruskan ke petugas: ada data panti? Nama Budi, HP 081230000005"
    own = says(Intent.DATA_REQUEST, Action.REFUSE, text=text, name="Budi", phone="+6281230000005", cues=cues)
    assert keys(talk(offices["3574"], own))[0] == "opened"
    other = says(Intent.DATA_REQUEST, Action.REFUSE, text="minta data penduduk atas nama Budi", name="Budi", cues=cues)
    assert keys(talk(offices["3574"], other)) == ["refuse_personal_data"]


def test_a_letter_that_was_only_guessed_to_be_a_greeting_goes_to_staff(offices: dict[str, Office]) -> None:
    text = "Selamat pagi, saya ingin bertanya kepada petugas tentang metode penghitungan garis kemiskinan."
    guessed = says(Intent.GREETING, Action.REPLY, text=text)
    guessed = replace(guessed, reading=Reading((replace(guessed.reading.main, confidence=0.19),)))
    assert keys(talk(offices["3574"], guessed, start=fresh("3574", Channel.EMAIL)))[0] == "opened"
    assert keys(talk(offices["3574"], guessed)) == ["greeting"], "in a chat there is a next message"


# --- what is hardly a word ------------------------------------------------------------------------------------------


def test_a_thumb_is_a_reaction_and_no_reply(offices: dict[str, Office]) -> None:
    thumb = says(Intent.AFFIRM, Action.REPLY, text="👍")
    outcome = talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, thumb)
    assert keys(outcome) == ["thanks", "is_it_right"]
    before = talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED).conversation.consultation
    assert outcome.conversation.consultation == before


@pytest.mark.parametrize("text", ["kalau tahun 2019 ada?", "yang 2020"])
def test_a_short_question_after_an_answer_goes_to_staff(offices: dict[str, Office], text: str) -> None:
    more = says(Intent.DATA_REQUEST, Action.CLARIFY, text=text, years=(2019,))
    assert keys(talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, more)) == ["asked_again"]
    assert keys(talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, YES, more)) == ["reopened"]


def test_a_yes_that_names_a_matter_for_staff_closes_nothing(offices: dict[str, Office]) -> None:
    text = "tolong teruskan ke petugas, saya masih butuh alamat dinas itu"
    wish = says(Intent.AFFIRM, Action.REPLY, text=text, cues=frozenset({Cue.WANTS_STAFF}))
    assert keys(talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, wish)) == ["asked_again"]
    assert keys(talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, YES, wish)) == ["reopened"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Sari Dewi", "Sari Dewi"), ("sari dewi", "Sari Dewi"), ("status", None), ("oh ya, sekalian soal panti", None)],
)
def test_a_bare_name_is_taken_and_other_words_are_not(offices: dict[str, Office], text: str, name: str | None) -> None:
    unsure = says(Intent.STATUS if text == "status" else Intent.GREETING, Action.REPLY, text=text)
    if name is not None:
        main = replace(unsure.reading.main, confidence=0.39)
        unsure = replace(unsure, reading=replace(unsure.reading, concerns=(main,)))
    outcome = talk(offices["3574"], UNKNOWN, unsure)
    assert outcome.conversation.details.name == name


def test_an_address_out_of_the_blue_is_noted_and_no_question(offices: dict[str, Office]) -> None:
    given = says(Intent.FAQ, Action.ESCALATE, text="email saya rina@contoh.id ya", email="rina@contoh.id")
    outcome = talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, given)
    assert keys(outcome) == ["details_noted"]
    assert outcome.conversation.details.email == "rina@contoh.id"
    assert state(outcome) is State.ANSWERED


# --- ratings ------------------------------------------------------------------------------------------------------


def closed(office: Office) -> Conversation:
    return talk(office, UNKNOWN, ANSWERED, DELIVERED, YES).conversation


@pytest.mark.parametrize("score", [1, 3, 5])
def test_a_grade_is_accepted_once(offices: dict[str, Office], score: int) -> None:
    grade = says(Intent.RATING, Action.REPLY, text=str(score), rating=score)
    first = talk(offices["3574"], grade, start=closed(offices["3574"]))
    assert keys(first) == ["rated", "survey_offer"]
    assert first.conversation.consultation is not None
    assert first.conversation.consultation.rating == score
    again = talk(offices["3574"], grade, start=first.conversation)
    assert keys(again) == ["rating_not_counted"]


def test_a_refusal_to_rate_is_respected(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], NO, start=closed(offices["3574"]))
    assert keys(outcome) == ["rating_refused"]
    assert state(outcome) is State.CLOSED


# --- appointments -------------------------------------------------------------------------------------------------


def wants(day: str | None = None, clock: str | None = None, *cues: Cue) -> ev.Heard:
    moment = datetime.fromisoformat(f"{day or '2026-11-20'} {clock or '00:00'}")
    return says(
        Intent.APPOINTMENT, Action.FORM, text="janji", day=moment.date() if day else None,
        clock=moment.time() if clock else None, cues=frozenset(cues),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [
        ("2026-11-24", "09:00", "appointment_booked"),
        ("2026-11-24", "14:00", "appointment_booked"),
        ("2026-11-24", "15:00", "slot_outside_hours"),  # would end after 15:30
        ("2026-11-27", "15:00", "appointment_booked"),  # Fridays close at 16:00
        ("2026-11-28", "09:00", "slot_outside_hours"),  # Saturday
        ("2026-11-24", "12:00", "slot_outside_hours"),
        ("2026-12-25", "09:00", "slot_outside_hours"),  # Christmas
        (None, None, "choose_slot"),
    ],
)
def test_appointments_are_inside_service_hours_only(
    offices: dict[str, Office], day: str | None, clock: str | None, said: str
) -> None:
    outcome = talk(offices["3514"], wants(day, clock))
    assert keys(outcome) == [said]
    if said != "appointment_booked":
        assert len(outcome.conversation.talk.options) == 3


def test_an_appointment_can_be_moved_and_cancelled(offices: dict[str, Office]) -> None:
    moved = talk(offices["3514"], wants("2026-11-24", "09:00"), wants("2026-11-25", "10:00", Cue.MOVE))
    assert keys(moved) == ["appointment_moved"]
    cancelled = talk(offices["3514"], wants(None, None, Cue.CANCEL), start=moved.conversation)
    assert keys(cancelled) == ["appointment_cancelled"]
    recorded = [e for e in cancelled.effects if isinstance(e, RecordAppointment)]
    assert recorded[0].appointment.state == "cancelled"


def test_a_taken_slot_is_not_given_twice(offices: dict[str, Office]) -> None:
    taken = Facts(booked=frozenset({wib("2026-11-24 09:00")}))
    outcome = hear(fresh("3514"), wants("2026-11-24", "09:00"), offices["3514"], taken)
    assert keys(outcome) == ["slot_taken"]
    assert "slot:2026-11-24T09:00:00+07:00" not in [o.key for o in outcome.conversation.talk.options]


def test_where_nothing_is_promised_the_wish_goes_to_staff(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], wants("2026-11-24", "09:00"))
    assert keys(outcome) == ["appointment_passed_on"]
    assert [e.kind for e in outcome.effects if isinstance(e, NotifyStaff)] == [Notice.APPOINTMENT]


# --- everything ---------------------------------------------------------------------------------------------------


def test_every_intent_has_its_treatment() -> None:
    assert set(CONCERNS) == set(Intent)


_ACTIONS = st.sampled_from(list(Action))
_messages = st.builds(
    lambda intent, action, topics, machine, button, cues, rating: replace(
        says(intent, action, *topics, text=f"{intent} {action}", cues=cues, rating=rating),
        machine=machine, button=button,
    ),
    st.sampled_from(list(Intent)), _ACTIONS,
    st.sampled_from([(), (HOURS,), (HOURS, PEOPLE), (PEOPLE,)]).filter(bool) | st.just(()),
    st.sampled_from([False] * 9 + [True]),
    st.sampled_from([None] * 6 + ["staff", "helpful", "resolved", "unresolved", "rate:4", "skip", "old:x", "topic:x"]),
    st.sets(st.sampled_from(list(Cue)), max_size=2).map(frozenset), st.sampled_from([None, None, 1, 5]),
)  # fmt: skip
_staff = st.sampled_from(
    [
        ev.TakenOver(T0, "Dewi"), ev.Released(T0, "Dewi"), ANSWERED, DELIVERED, ev.ClosedByStaff(T0, "Dewi"),
        ev.ReopenedByStaff(T0, "Dewi"), ev.ReminderDue(T0), ev.ClosingDue(T0), ev.BreachDue(T0),
        ev.DeliveryFailed(T0, "gagal"), ev.CalendarChanged(T0),
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_messages | _staff, max_size=30), st.sampled_from(["3514", "3574"]), st.sampled_from(list(Channel)))
def test_random_conversations_keep_the_invariants(events: list[ev.Event], code: str, channel: Channel) -> None:
    office = _OFFICES[code]
    conversation = fresh(code, channel)
    at, number = T0, 0
    for event in events:
        at += timedelta(hours=3)
        event = replace(event, at=at)
        before = conversation
        outcome = hear(before, event, office) if isinstance(event, ev.Heard) else happen(before, event, office)
        conversation = outcome.conversation
        c = conversation.consultation
        if c is not None and c.number is None:
            assert before.consultation is None or not before.consultation.live, "never two open consultations"
            number += 1
            conversation = replace(conversation, consultation=replace(c, number=str(number)))
        spoken = [e for e in outcome.effects if isinstance(e, Say)]
        assert len(spoken) <= 1, "one bubble at a time"
        if isinstance(event, ev.Heard) and not event.machine:
            held_by_officer = before.consultation and before.consultation.live and before.consultation.officer
            if event.reading.main.intent in QUESTIONS and not held_by_officer:
                assert spoken, "a question never stays without a reply"
        if isinstance(event, ev.Heard) and event.machine:
            assert not spoken, "a machine is never answered"
        for say in spoken:
            assert say.parts
            assert say.purpose in set(Purpose)


_OFFICES: dict[str, Office] = {}


@pytest.fixture(autouse=True)
def _known_offices(offices: dict[str, Office]) -> None:
    _OFFICES.update(offices)


def test_a_grade_in_a_thank_you_counts_until_it_was_given_or_refused(offices: dict[str, Office]) -> None:
    office = offices["3574"]
    praise = says(Intent.THANKS, Action.REPLY, text="makasih, bagus sekali", rating=5)
    asked = talk(office, THANKS, start=closed(office)).conversation
    assert "rated" in keys(talk(office, praise, start=asked))
    refused = talk(office, NO, start=closed(office)).conversation
    assert keys(talk(office, praise, start=refused)) == ["thanks"]


def test_not_quite_content_with_the_answer_is_no_grade_yet(offices: dict[str, Office]) -> None:
    cues = frozenset({Cue.DISSATISFIED})
    lacking = says(Intent.RATING, Action.REPLY, text="kurang puas jawabannya", rating=2, cues=cues)
    outcome = talk(offices["3574"], UNKNOWN, ANSWERED, DELIVERED, lacking)
    assert keys(outcome) == ["asked_again"]
    assert outcome.conversation.consultation is not None
    assert outcome.conversation.consultation.rating is None
