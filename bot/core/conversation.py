"""The talk around the consultation: small rules, asked in order; the first that knows the situation handles it.

    a machine wrote - a forged or unreadable mail - an answer was held - stop or start sending - an officer has the
    talk - an old menu was tapped - a survey's score - an option was tapped or typed - what was asked for: a rating,
    satisfaction, a form, a slot, a subject, a purpose - else every concern of the message in turn

`hear` is for what citizens write. `happen` is for everything else: staff, the clock, the provider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.core import (
    appointment,
    complaints,
    consultation,
    ending,
    intake,
    mail_doubts,
    old_menus,
    questions,
    survey,
    wordless,
)
from bot.core import events as ev
from bot.core.effects import DATA_REQUEST_TERM, Effect, Notice, NotifyStaff, RecordDataRequest, ReleaseHeld, Say
from bot.core.model import Channel, Conversation, Facts, Office, Option, State, Talk, Waiting
from bot.core.reading import Concern
from bot.core.turn import Outcome, Turn
from intents.meaning import QUESTIONS, Action, Cue, Intent

FEW_WORDS, SOME_WORDS = 3, 8  # up to here a message to a knock only fetches what is held; up to here if it is unclear
UNSURE = 0.5
MENU = (
    Option("topic:jam-layanan", "Jam layanan & lokasi"),
    Option("topic:cara-minta-data", "Cara mendapat data"),
    Option("ask", "Tanya petugas"),
)
_CUT = 10  # characters that a shortened title has at least
Rule = Callable[[Turn], bool]
_NO_FACTS = Facts()


def hear(conversation: Conversation, heard: ev.Heard, office: Office, facts: Facts = _NO_FACTS) -> Outcome:
    """What a citizen's message changes, and what is said to it."""
    turn = Turn(conversation, heard, office, facts)
    for rule in RULES:
        if rule(turn):
            break
    return turn.outcome()


def happen(conversation: Conversation, event: ev.Event, office: Office) -> Outcome:
    """What staff, the clock or the provider change."""
    if isinstance(event, ev.AppointmentEve):
        return appointment.eve(conversation, event)
    step = consultation.step(conversation.consultation, event, office)
    talk = _talk_after(step.effects) or conversation.talk
    after = replace(conversation, consultation=step.consultation, talk=talk)
    if isinstance(event, ev.CalendarChanged):
        met = appointment.recount(after, event, office)
        return Outcome(met.conversation, (*step.effects, *met.effects))
    return Outcome(after, step.effects)


def _talk_after(effects: tuple[Effect, ...]) -> Talk | None:
    says = [e for e in effects if isinstance(e, Say)]
    return replace(says[-1].talk or Talk(), options=says[-1].options) if says else None


# --- rules --------------------------------------------------------------------------------------------------------


def machine_wrote(turn: Turn) -> bool:
    """Kept and shown, never answered, never a reply in the sense of the standard."""
    if not turn.heard.machine:
        return False
    turn.conversation = turn.before
    turn.tell_consultation(ev.Chattered(turn.heard.at))
    return True


def answer_was_held(turn: Turn) -> bool:
    """An officer's answer waited for WhatsApp's window. A tap or a few polite words only fetch it."""
    if not turn.facts.held:
        return False
    turn.do(ReleaseHeld())
    main = turn.heard.reading.main
    words = len(turn.heard.text.split())
    few = words <= FEW_WORDS and main.intent not in _MEANT
    unclear = words <= SOME_WORDS and (main.intent in _FETCHES or main.action is Action.CLARIFY)
    polite = main.intent in _NO_REPLIES or unclear
    if turn.heard.button == "release" or few or (polite and not turn.asks_staff):
        turn.tell_consultation(ev.Chattered(turn.heard.at))
        return True
    return False


def stop_sending(turn: Turn) -> bool:
    """ "BERHENTI": nothing proactive any more; the question at hand is still answered. "MULAI" undoes it."""
    if turn.before.opted_out and turn.cue(Cue.RESUME):
        turn.change(opted_out=False)
        turn.say("opted_in")
        return True
    if turn.heard.reading.main.intent is not Intent.OPT_OUT:
        return False
    turn.change(opted_out=True)
    turn.say("opted_out")
    return True


def officer_has_the_talk(turn: Turn) -> bool:
    """After "take over" the bot is silent until "release"; only an explicit "sudah sesuai" still closes."""
    c = turn.consultation
    if c is None or not c.live or c.officer is None:
        return False
    intake.take(turn)
    here = not old_menus.of_another_consultation(turn)
    if c.state is State.ANSWERED and here and (turn.cue(Cue.SATISFIED) or turn.heard.button == "resolved"):
        ending.pleased(turn)
    elif turn.heard.reading.main.intent in _NO_REPLIES and not turn.asks_staff and not turn.heard.attachments:
        turn.tell_consultation(ev.Chattered(turn.heard.at))
    else:
        turn.tell_consultation(ev.Added(turn.heard.at, turn.heard.text))
    return True


def option_chosen(turn: Turn) -> bool:
    """A button was tapped, or its title or number typed."""
    key = turn.heard.button or _typed_option(turn)
    if key is None:
        return False
    verb, _, argument = key.partition(":")
    choice = CHOICES.get(verb)
    if choice is None:
        return False
    choice(turn, argument)
    return True


def bot_answer_judged(turn: Turn) -> bool:
    """After an answer from the base: it helped, or staff are wanted."""
    main = turn.heard.reading.main
    if turn.waiting is not Waiting.HELPFUL:
        return False
    if turn.cue(Cue.DISSATISFIED) or main.intent is Intent.DENY:
        questions.hand_over(turn, turn.before.talk.question)
    elif turn.cue(Cue.SATISFIED) or (main.intent is Intent.AFFIRM and not turn.asks_staff):
        turn.say("glad")
    else:
        return False
    return True


def staff_offer_answered(turn: Turn) -> bool:
    """Yes or no to "shall an officer answer this?"."""
    main = turn.heard.reading.main
    if turn.waiting is not Waiting.STAFF_OFFER:
        return False
    if main.intent in (Intent.AFFIRM, Intent.HUMAN) or turn.cue(Cue.WANTS_STAFF):
        questions.hand_over(turn, turn.before.talk.question)
    elif main.intent is Intent.DENY:
        turn.say("staff_declined")
    else:
        return False
    return True


def choice_rejected(turn: Turn) -> bool:
    """None of the offered topics: staff."""
    if turn.waiting is not Waiting.CHOICE or turn.heard.reading.main.intent is not Intent.DENY:
        return False
    questions.hand_over(turn, turn.before.talk.question)
    return True


def withdrawn(turn: Turn) -> bool:
    """ "Tidak jadi": while staff owe an answer, this takes the question back."""
    if turn.state is not State.OPEN or not turn.cue(Cue.WITHDRAW):
        return False
    turn.tell_consultation(ev.Withdrawn(turn.heard.at))
    turn.say("withdrawn")
    return True


def details_told(turn: Turn) -> bool:
    return intake.answer(turn)


def concerns(turn: Turn) -> bool:
    """Everything else: each concern of the message is served, all in one reply."""
    intake.take(turn)
    for concern in _in_order(turn):
        if _hardly_a_courtesy(turn, concern):
            questions.escalate(turn, concern)
        else:
            CONCERNS[concern.intent](turn, concern)
    if all(c.intent in _NO_REPLIES for c in turn.heard.reading.concerns):
        turn.tell_consultation(ev.Chattered(turn.heard.at))
    return True


RULES: tuple[Rule, ...] = (
    machine_wrote,
    *mail_doubts.RULES,
    answer_was_held,
    stop_sending,
    officer_has_the_talk,
    old_menus.tapped,
    survey.answered,
    option_chosen,
    ending.rating_given,
    ending.satisfaction_told,
    bot_answer_judged,
    staff_offer_answered,
    choice_rejected,
    complaints.told,
    appointment.chosen,
    wordless.purpose_told,
    withdrawn,
    details_told,
    questions.subject_given,
    concerns,
)

# --- options ------------------------------------------------------------------------------------------------------


def _typed_option(turn: Turn) -> str | None:
    """The option whose title was typed, or whose number: "1", "satu", "sudah jelas"."""
    options = turn.before.talk.options
    digit = turn.heard.reading.digit
    if turn.waiting is Waiting.RATING:
        return None
    if digit is not None and 1 <= digit <= len(options):
        return options[digit - 1].key
    typed = turn.heard.text.strip(" .!").casefold()
    return next((o.key for o in options if o.title and _is_title(typed, o.title.casefold())), None)


def _is_title(typed: str, title: str) -> bool:
    """A list shows the beginning of a long title, and so does a tap that arrives without its key."""
    return typed == title or (typed.endswith("…") and title.startswith(typed[:-1].rstrip()) and len(typed) > _CUT)


def _ask_for_question(turn: Turn, _: str) -> None:
    turn.say("ask_question")
    turn.ask((), Talk(Waiting.QUESTION))


def _to_staff(turn: Turn, _: str) -> None:
    question = turn.before.talk.question or turn.conversation.question
    if question:
        questions.hand_over(turn, question)
    else:
        _ask_for_question(turn, "")


def _skip(turn: Turn, _: str) -> None:
    turn.say("details_skipped")


CHOICES: Mapping[str, Callable[[Turn, str], None]] = {
    "topic": lambda turn, topic: questions.answer_topic(turn, topic, turn.before.talk.question),
    "staff": _to_staff,
    "no_staff": lambda turn, _: turn.say("staff_declined"),
    "helpful": lambda turn, _: turn.say("glad"),
    "unhelpful": _to_staff,
    "resolved": lambda turn, _: ending.pleased(turn),
    "unresolved": lambda turn, _: ending.displeased(turn),
    "rate": lambda turn, score: ending.rate(turn, int(score)),
    "skip": _skip,
    "ask": _ask_for_question,
    "slot": appointment.take_slot,
    "survey": survey.tapped,
}

# --- concerns -----------------------------------------------------------------------------------------------------

_FETCHES = frozenset(
    {Intent.AFFIRM, Intent.GREETING, Intent.STATUS, Intent.THANKS, Intent.CHIT_CHAT, Intent.MENU, Intent.HUMAN}
)
_MEANT = frozenset({Intent.OPT_OUT, Intent.DELETE_MY_DATA, Intent.COMPLAINT, Intent.APPOINTMENT, Intent.ABUSE})
_NO_REPLIES = frozenset({Intent.GREETING, Intent.THANKS, Intent.GOODBYE, Intent.CHIT_CHAT, Intent.AFFIRM})
_ALONE = frozenset({Intent.GREETING, Intent.THANKS, Intent.GOODBYE, Intent.CHIT_CHAT, Intent.AFFIRM, Intent.DENY})


def _in_order(turn: Turn) -> list[Concern]:
    """Courtesies are not answered beside something that matters; what goes to staff, and may ask on, comes last."""
    found = list(turn.heard.reading.concerns)
    matter = [c for c in found if c.intent not in _ALONE]
    return sorted(matter, key=lambda c: c.intent in QUESTIONS and c.action is Action.ESCALATE) or found[:1]


def _hardly_a_courtesy(turn: Turn, concern: Concern) -> bool:
    """A first letter of some length that was only guessed to be a greeting has a matter: staff read it."""
    letter = turn.conversation.channel is Channel.EMAIL and turn.state is None
    guessed = concern.intent in _ALONE and concern.confidence < UNSURE
    return letter and guessed and len(concern.text.split()) > SOME_WORDS


def _question(turn: Turn, concern: Concern) -> None:
    if concern.action is Action.ANSWER and concern.answers:
        questions.answer(turn, concern)
    elif concern.action is Action.CLARIFY and turn.cue(Cue.WANTS_STAFF) and concern.topics:
        questions.hand_over(turn, concern.text)
    elif concern.action is Action.CLARIFY:
        questions.clarify(turn, concern)
    elif concern.action is Action.REFUSE and turn.asks_staff and intake.tells_who(turn):
        questions.hand_over(turn, concern.text)  # the name in it is his own
    elif concern.action is Action.REFUSE:
        turn.say("refuse_personal_data")
    else:
        questions.escalate(turn, concern)


def _data_request(turn: Turn, concern: Concern) -> None:
    kind = "see" if turn.cue(Cue.SEE_MY_DATA) else "erase"
    turn.do(RecordDataRequest(kind, turn.heard.at + DATA_REQUEST_TERM))
    turn.do(NotifyStaff(Notice.DATA_REQUEST, concern.text))
    turn.say(f"data_request_{kind}")


def _status(turn: Turn, concern: Concern) -> None:
    c = turn.consultation
    turn.say("no_consultation" if c is None else f"status_{c.state}")


def _menu(turn: Turn, concern: Concern) -> None:
    turn.say("menu")
    turn.ask(MENU, Talk(Waiting.NOTHING))


def _greet(turn: Turn, concern: Concern) -> None:
    turn.say("greeting")
    turn.ask(MENU, Talk(Waiting.NOTHING))


def _thank(turn: Turn, concern: Concern) -> None:
    turn.say("thanks_open" if turn.state is State.OPEN else "thanks")
    if turn.state is State.ANSWERED:
        turn.say("is_it_right")
        turn.ask(consultation.SATISFIED, Talk())


def _goodbye(turn: Turn, concern: Concern) -> None:
    turn.say("goodbye_open" if turn.state is State.OPEN else "goodbye")


def _correct(turn: Turn, concern: Concern) -> None:
    """He corrects himself: staff get it where they owe an answer, else he is asked for the whole question."""
    if turn.state in (State.OPEN, State.ANSWERED):
        questions.hand_over(turn, concern.text)
        return
    turn.say("correction_noted")
    turn.ask((), Talk(Waiting.CHOICE, turn.conversation.question))


def _agree(turn: Turn, concern: Concern) -> None:
    """ "Iya, tolong teruskan ke petugas: ..." out of the blue is a question for staff."""
    if turn.asks_staff:
        questions.want_person(turn, concern)
    elif turn.state is State.ANSWERED:
        _thank(turn, concern)
    else:
        turn.say("fine")


def _deny(turn: Turn, concern: Concern) -> None:
    if concern.action is Action.CLARIFY:
        turn.say("what_was_wrong")
        turn.ask((questions.ASK_STAFF,), Talk(Waiting.CHOICE, turn.conversation.question))
    else:
        turn.say("fine")


def _says(key: str) -> Callable[[Turn, Concern], None]:
    return lambda turn, _: turn.say(key)


CONCERNS: Mapping[Intent, Callable[[Turn, Concern], None]] = {
    Intent.GREETING: _greet,
    Intent.THANKS: _thank,
    Intent.GOODBYE: _goodbye,
    Intent.FAQ: _question,
    Intent.DATA_REQUEST: _question,
    Intent.HUMAN: questions.want_person,
    Intent.COMPLAINT: complaints.raise_one,
    Intent.STATUS: _status,
    Intent.APPOINTMENT: lambda turn, concern: appointment.want(turn, concern.text),
    Intent.RATING: _says("rating_too_early"),
    Intent.AFFIRM: _agree,
    Intent.DENY: _deny,
    Intent.MENU: _menu,
    Intent.OPT_OUT: _says("opted_out"),
    Intent.DELETE_MY_DATA: _data_request,
    Intent.OUT_OF_SCOPE: _says("out_of_scope"),
    Intent.ABUSE: _says("abuse"),
    Intent.CHIT_CHAT: _says("chit_chat"),
    Intent.CORRECTION: _correct,
    Intent.ATTACHMENT_ONLY: wordless.came,
}
