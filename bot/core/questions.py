"""Questions: answer from the base, ask back, or hand over to staff. Nothing that was asked stays without a reply."""

from __future__ import annotations

from bot.core import intake
from bot.core.events import Added, Asked, Served
from bot.core.model import Channel, Option, State, Talk, Waiting
from bot.core.reading import Concern
from bot.core.turn import Turn
from intents.meaning import Action, Cue, Intent

HELPFUL = (Option("helpful", "Sudah jelas"), Option("unhelpful", "Tanya petugas"))
STAFF_OFFER = (Option("staff", "Ya, tanya petugas"), Option("no_staff", "Tidak usah"))
ASK_STAFF = Option("staff", "Tanya petugas")
MOST_CHOICES = 3
_WHOSE = "wilayah-kerja-kantor"  # the answer that says whose region it is


def answer(turn: Turn, concern: Concern) -> None:
    """Answer from the base; a live consultation goes on beside it."""
    if _belongs_to_closed(turn, concern):
        hand_over(turn, concern.text)
        return
    for topic in concern.answers:
        turn.say("faq", topic=topic)
    _tell_whose_region(turn, concern)
    _talked_about(turn, concern)
    if turn.state in (State.OPEN, State.ANSWERED):
        turn.tell_consultation(Served(turn.heard.at))
    turn.ask(HELPFUL, Talk(Waiting.HELPFUL, concern.text, concern.answers))


def answer_topic(turn: Turn, topic: str, question: str) -> None:
    """The citizen chose a topic from the list."""
    turn.say("faq", topic=topic)
    turn.change(topic=topic, question=question)
    if turn.consultation is not None:
        turn.tell_consultation(Served(turn.heard.at))
    turn.ask(HELPFUL, Talk(Waiting.HELPFUL, question, (topic,)))


def clarify(turn: Turn, concern: Concern) -> None:
    """Ask back: with the likeliest topics to choose from, or for the question itself."""
    if turn.state is State.OPEN or _belongs_to_closed(turn, concern) or _asks_for_more(turn):
        hand_over(turn, concern.text)
        return
    _talked_about(turn, concern)
    topics = concern.topics[:MOST_CHOICES]
    if not topics:
        turn.say("what_exactly")
        turn.ask((), Talk(Waiting.CHOICE, concern.text))
        return
    turn.say("which_topic")
    options = (*(Option(f"topic:{t.id}", t.title) for t in topics), ASK_STAFF)
    turn.ask(options, Talk(Waiting.CHOICE, concern.text, tuple(t.id for t in topics)))


def escalate(turn: Turn, concern: Concern) -> None:
    """Only an officer can answer this. Where the figure is published is said; the wish for staff opens a consultation.

    On the phone a value that is published somewhere is first offered (one tap); a letter to the office, a question
    without any topic, and whatever belongs to a consultation already, go to staff at once.
    """
    _talked_about(turn, concern)
    if concern.place is not None:
        turn.say("where_published", topic=concern.place)
    _tell_whose_region(turn, concern)
    wish = turn.cue(Cue.WANTS_STAFF) or turn.conversation.channel is Channel.EMAIL or concern.place is None
    if wish or turn.state in (State.OPEN, State.ANSWERED) or turn.reopenable:
        hand_over(turn, concern.text)
        return
    turn.say("offer_staff")
    turn.ask(STAFF_OFFER, Talk(Waiting.STAFF_OFFER, concern.text, tuple(t.id for t in concern.topics)))


def hand_over(turn: Turn, question: str) -> None:
    """The question goes to staff: a new consultation, or the one that there is."""
    intake.take(turn)
    before = turn.consultation
    reopenable = turn.reopenable
    if turn.state is State.OPEN:
        turn.tell_consultation(Added(turn.heard.at, question))
        turn.say("added")
        return
    turn.change(question=question)
    turn.tell_consultation(Asked(turn.heard.at, question, turn.conversation.channel, turn.conversation.details))
    if before is not None and before.live:
        turn.say("asked_again")
    elif reopenable:
        turn.say("reopened")
    else:
        turn.say("opened_linked" if before else "opened")
        intake.request(turn)


def want_person(turn: Turn, concern: Concern) -> None:
    """He wants an officer: with the question that is known, or after asking for it."""
    question = turn.before.talk.question or turn.conversation.question
    if turn.state in (State.OPEN, State.ANSWERED) or turn.reopenable or concern.subject:
        hand_over(turn, concern.text)
    elif question:
        hand_over(turn, question)
    else:
        intake.take(turn)
        turn.say("ask_question")
        turn.ask((), Talk(Waiting.QUESTION))


def subject_given(turn: Turn) -> bool:
    """Rule: after "please write your question" nearly anything is the question."""
    if turn.waiting is not Waiting.QUESTION:
        return False
    main = turn.heard.reading.main
    if main.intent in (Intent.DENY, Intent.GOODBYE, Intent.MENU, Intent.OPT_OUT) or turn.cue(Cue.WITHDRAW):
        return False
    if main.intent in (Intent.GREETING, Intent.AFFIRM, Intent.THANKS, Intent.HUMAN) and len(turn.heard.text) < 40:
        turn.say("ask_question")
        turn.keep_waiting()
        return True
    hand_over(turn, turn.heard.text)
    return True


def _tell_whose_region(turn: Turn, concern: Concern) -> None:
    """Who asks figures of a neighbour's district learns whose it is: that office publishes them."""
    own, owners = turn.office.facts["region"], turn.office.regions
    foreign = [name for name in turn.heard.reading.entities.regions if owners[name] != own]
    only = foreign and len(foreign) == len(turn.heard.reading.entities.regions)
    about_data = concern.intent is Intent.DATA_REQUEST or concern.action is Action.ESCALATE
    if only and about_data and _WHOSE not in concern.answers:
        turn.say("region_of_another", place=foreign[0].title(), owner=owners[foreign[0]])


def _talked_about(turn: Turn, concern: Concern) -> None:
    turn.change(topic=concern.best or turn.conversation.topic, question=concern.text)


def _belongs_to_closed(turn: Turn, concern: Concern) -> bool:
    """Within the days of reopening, a message that goes on with the matter reopens it, certain answer or not."""
    certain = concern.confidence >= turn.office.thresholds.certain
    return turn.reopenable and (turn.cue(Cue.CONTINUES) or not certain)


def _asks_for_more(turn: Turn) -> bool:
    """ "Kalau tahun 2019 ada?": too little to stand alone, but it goes on with what an officer has just answered."""
    found = turn.heard.reading.entities
    named = bool(found.years or found.regions or found.indicators)
    asked = "?" in turn.heard.text and not turn.cue(Cue.CONTINUES)
    return named if turn.reopenable else turn.state is State.ANSWERED and (named or asked)
