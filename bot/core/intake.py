"""The intake form: who asks, and what kind of consultation. Asked for once or twice, missing things only.

The form never stands in the way: the consultation is open and its clock runs before the first field is asked for
(service standard 3514: "input data nama, jenis kelamin, email, nomor HP, dan jenis konsultasi"; 3574: an active e-mail
address). Everything can be given later, in free text, or corrected.
"""

from __future__ import annotations

from bot.core.events import DetailsGiven
from bot.core.model import Details, Field, Option, State, Talk, Waiting
from bot.core.turn import Turn
from intents.meaning import Cue, Intent, Kind, Sex

MOST_TURNS = 2
SURE = 0.6  # a name is in no dictionary: what it is taken for instead is hardly ever taken for sure
SKIP = Option("skip", "Lewati")
_FORM_WORDS = frozenset((*(sex.value for sex in Sex), *(kind.value for kind in Kind)))
_CONTACT_WORDS = frozenset(
    [
        "e-mail", "email", "surel", "alamat", "nama", "nomor", "no", "hp", "wa", "whatsapp", "telepon", "telp", "saya",
        "sy", "aku", "ini", "adalah", "yaitu", "dan", "ya", "min", "kak", "pak", "bu", "is", "my", "name", "phone",
        "number", "address", "and", "jenis", "konsultasi", "kelamin",
    ]
)  # fmt: skip
_NO_NAMES = frozenset(
    {
        Intent.AFFIRM, Intent.DENY, Intent.THANKS, Intent.GREETING, Intent.GOODBYE, Intent.ABUSE, Intent.STATUS,
        Intent.MENU, Intent.HUMAN, Intent.OPT_OUT, Intent.DELETE_MY_DATA, Intent.COMPLAINT, Intent.APPOINTMENT,
        Intent.RATING,
    }
)  # fmt: skip
_NO_NAME_WORDS = frozenset(
    [
        "oh", "ya", "iya", "yah", "ok", "oke", "sip", "halo", "hai", "min", "admin", "kak", "maaf", "tolong", "mohon",
        "minta", "apa", "apakah", "ada", "bisa", "boleh", "mau", "ingin", "kapan", "berapa", "bagaimana", "gimana",
        "dimana", "mana", "kenapa", "siapa", "data", "tahun", "dong", "deh", "nih", "sih", "juga", "sekalian", "saya",
        "aku", "terima", "kasih", "makasih", "selamat", "pagi", "siang", "sore", "malam", "nanti", "dulu", "belum",
        "sudah", "tidak", "gak", "status", "menu", "petugas", "untuk", "yang", "please", "yes", "no", "the", "what",
    ]
)  # fmt: skip


def request(turn: Turn) -> None:
    """Ask for what the office's standard wants to know and is missing."""
    missing = _missing(turn)
    if not missing:
        return
    count = turn.before.talk.turn + 1 if turn.waiting is Waiting.DETAILS else 1
    if count > MOST_TURNS:
        return
    turn.say("ask_details", fields=",".join(missing))
    turn.ask([SKIP], Talk(Waiting.DETAILS, turn.conversation.question, turn=count))


def take(turn: Turn) -> Details:
    """Note whatever the message tells about the citizen; returns what was new."""
    entities = turn.heard.reading.entities
    news = Details(entities.name, entities.sex, entities.email, entities.phone, entities.kind)
    if news == Details():
        return news
    known = {f.value: getattr(news, f.value) for f in Field}
    turn.change(details=turn.conversation.details.updated(**known))
    if turn.consultation is not None:
        turn.tell_consultation(DetailsGiven(turn.heard.at, turn.conversation.details))
    return news


def tells_who(turn: Turn) -> bool:
    """Whether the message says who its writer is and how to reach him."""
    entities = turn.heard.reading.entities
    return entities.name is not None and (entities.phone or entities.email) is not None


def answer(turn: Turn) -> bool:
    """Rule: the citizen answers the form (or skips it); anything else is left to other rules."""
    if turn.waiting is not Waiting.DETAILS:
        return _volunteered(turn)
    if turn.cue(Cue.SKIP) or turn.heard.reading.main.intent is Intent.DENY:
        turn.say("details_skipped")
        return True
    news = take(turn)
    named = news.name is None and _bare_name(turn)
    if news == Details() and not named:
        return False
    if _missing(turn) and turn.before.talk.turn < MOST_TURNS:
        turn.say("details_noted")
        request(turn)
    else:
        turn.say("details_complete")
    return True


def _volunteered(turn: Turn) -> bool:
    """ "Email saya rina@contoh.id" or "Rina, 0812..., data", out of the blue: noted, and nothing else is made of it."""
    entities = turn.heard.reading.entities
    given = [found for found in (entities.email, entities.phone, entities.name) if found]
    words = [word.strip(".,:;!()").casefold() for word in turn.heard.text.split()]
    known = {part.casefold() for found in (*given, *_name_before_comma(turn)) for part in found.split()}
    rest = [w for w in words if w not in known and w not in _FORM_WORDS | _CONTACT_WORDS and not _digits(w)]
    if not given or rest or turn.consultation is None or not turn.consultation.live:
        return False
    take(turn)
    _bare_name(turn)
    turn.say("details_complete" if turn.state is State.OPEN else "details_noted")
    return True


def _name_before_comma(turn: Turn) -> tuple[str, ...]:
    first, comma, _ = turn.heard.text.strip().partition(",")
    return (first,) if comma and _looks_like_a_name(first.strip()) else ()


def _digits(word: str) -> bool:
    return word.strip("+-").replace("-", "").isdigit()


def _missing(turn: Turn) -> tuple[Field, ...]:
    return turn.conversation.details.missing(turn.office.intake)


def _bare_name(turn: Turn) -> bool:
    """ "Rina Wulandari", or what stands before the first comma of a filled-in form, when the name is missing."""
    first = turn.heard.text.strip().split("\n")[0].split(",")[0].strip(" .,!")
    main = turn.heard.reading.main
    whole = first == turn.heard.text.strip(" .,!")
    other = whole and main.intent in _NO_NAMES and main.confidence >= SURE
    if Field.NAME not in _missing(turn) or not _looks_like_a_name(first) or other:
        return False
    name = first.title() if first.islower() else first
    turn.change(details=turn.conversation.details.updated(name=name))
    if turn.consultation is not None:
        turn.tell_consultation(DetailsGiven(turn.heard.at, turn.conversation.details))
    return True


def _looks_like_a_name(text: str) -> bool:
    words = text.split()
    plain = all(word.replace("'", "").replace(".", "").isalpha() for word in words)
    known = any(word.casefold() in _NO_NAME_WORDS for word in words) or text.casefold() in _FORM_WORDS
    return plain and 1 <= len(words) <= 4 and len(text) >= 3 and not known
