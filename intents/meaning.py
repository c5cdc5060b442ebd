"""The vocabulary of understanding: what a message wants (Intent) and what it mentions (Entities)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class Intent(StrEnum):
    """What the citizen wants; one a concern. The names are fixed by the contract of `pst ask`."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    FAQ = "faq"
    DATA_REQUEST = "data_request"
    HUMAN = "human"
    COMPLAINT = "complaint"
    STATUS = "status"
    APPOINTMENT = "appointment"
    RATING = "rating"
    AFFIRM = "affirm"
    DENY = "deny"
    MENU = "menu"
    OPT_OUT = "opt_out"
    DELETE_MY_DATA = "delete_my_data"
    OUT_OF_SCOPE = "out_of_scope"
    ABUSE = "abuse"
    CHIT_CHAT = "chit_chat"
    CORRECTION = "correction"
    ATTACHMENT_ONLY = "attachment_only"


class Action(StrEnum):
    """What the service does with a concern. The names are fixed by the contract of `pst ask`."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ESCALATE = "escalate"
    REPLY = "reply"
    FORM = "form"
    CLOSE = "close"
    REFUSE = "refuse"


QUESTIONS = frozenset({Intent.FAQ, Intent.DATA_REQUEST})


class Sex(StrEnum):
    FEMALE = "perempuan"
    MALE = "laki-laki"


class Kind(StrEnum):
    """Kind of consultation, in the words of the service standards."""

    DATA = "data"
    METADATA = "metadata"
    CLASSIFICATION = "klasifikasi"
    OTHER = "lainnya"


class Cue(StrEnum):
    """Small things that a message says beside its intent; several may hold."""

    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    WANTS_STAFF = "wants_staff"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    MOVE = "move"
    SKIP = "skip"
    RESUME = "resume"
    CONTINUES = "continues"
    SEE_MY_DATA = "see_my_data"


@dataclass(frozen=True, slots=True)
class Entities:
    """What a message mentions. Absent things are None or empty; nothing is guessed."""

    name: str | None = None
    sex: Sex | None = None
    email: str | None = None
    phone: str | None = None
    kind: Kind | None = None
    rating: int | None = None
    day: date | None = None
    clock: time | None = None
    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    number: str | None = None
    cues: frozenset[Cue] = frozenset()
