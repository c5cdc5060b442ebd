"""What a message mentions: name, sex, e-mail, phone, kind of consultation, rating, day and hour, years, numbers, cues.

Nothing is guessed: a bare word is no name here (the intake form decides that, where a name was asked for).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import phonenumbers

from intents.lexicon import Lexicon, load
from intents.meaning import Cue, Entities, Kind, Sex
from intents.text import normalise, tokens

# Starts only where a word starts: a hundred thousand letters without an @ would else take a minute.
_EMAIL = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w.•])\+?\d[\d .\-]{7,16}\d(?!\w)")
_NUMBER = re.compile(r"\b\d{4}-\d{4}-\d{6}\b")
_YEAR = re.compile(r"(?<!\d)(?:19[5-9]\d|20[0-4]\d)(?!\d)")
_NAME = re.compile(
    r"(?:\bnama(?:\s+(?:saya|sy|kulo|aku|lengkap))?\s*(?:adalah|:|=|-)?\s*|\bmy name is\s+|\batas nama\s+"
    r"|\ba\.?n\.?\s+)"
    r"((?:[A-Za-z][A-Za-z'.]{1,20})(?:\s+[A-Za-z][A-Za-z'.]{1,20}){0,3})",
    re.IGNORECASE,
)
_NOT_A_NAME = frozenset(
    [
        "saya",
        "aku",
        "sy",
        "hp",
        "nik",
        "email",
        "e-mail",
        "alamat",
        "umur",
        "jenis",
        "no",
        "nomor",
        "dari",
        "kota",
        "kabupaten",
        "perempuan",
        "laki",
        "pria",
        "wanita",
        "dan",
        "yang",
        "instansi",
        "sekolah",
        "kampus",
        "data",
        "topik",
        "konsultasi",
        "untuk",
        "kecamatan",
        "desa",
        "kelurahan",
        "orang",
    ]
)
_CLOCK = re.compile(
    r"(?:\b(?:jam|pukul|pkl|at)\s*(\d{1,2})(?:[.:](\d{2}))?|\b(\d{1,2})[.:](\d{2})\b)\s*(pagi|siang|sore|malam|wib|am|pm)?"
)
_DATE = re.compile(r"\b(\d{1,2})[/\-](\d{1,2})(?:[/\-](\d{2,4}))?\b")
_FRACTION = re.compile(r"\b(\d{1,3})\s*(?:/|dari|out of)\s*(5|10|100)\b")
_SEX = {
    "perempuan": Sex.FEMALE, "wanita": Sex.FEMALE, "cewek": Sex.FEMALE, "female": Sex.FEMALE, "woman": Sex.FEMALE,
    "pr": Sex.FEMALE, "laki": Sex.MALE, "laki2": Sex.MALE, "lakilaki": Sex.MALE, "pria": Sex.MALE,
    "cowok": Sex.MALE, "male": Sex.MALE, "lk": Sex.MALE,
}  # fmt: skip
_SEX_LETTERS = {"p": Sex.FEMALE, "l": Sex.MALE}
_KINDS = {
    "data": Kind.DATA, "metadata": Kind.METADATA, "klasifikasi": Kind.CLASSIFICATION,
    "classification": Kind.CLASSIFICATION, "kbli": Kind.CLASSIFICATION, "lainnya": Kind.OTHER, "other": Kind.OTHER,
}  # fmt: skip
_CONTRADICTIONS = (
    (Cue.DISSATISFIED, Cue.SATISFIED), (Cue.CANCEL, Cue.WITHDRAW), (Cue.CANCEL, Cue.MOVE), (Cue.MOVE, Cue.WITHDRAW),
)  # fmt: skip
_STARS = re.compile(r"[⭐🌟★]")


def find(text: str, now: datetime, *, lexicon: Lexicon | None = None) -> Entities:
    """Everything that a text mentions. `now` (aware, local) is what "besok" and "Senin" are counted from."""
    lexicon = lexicon or load()
    words = tokens(text)
    lower = text.casefold()
    return Entities(
        name=_name(text), sex=_sex(words, text), email=_first(_EMAIL, text), phone=_phone(text),
        kind=_kind(words, lower),
        rating=rating(text, words, lexicon), day=_day(words, lower, now.date(), lexicon), clock=_clock(lower),
        years=tuple(dict.fromkeys(int(y) for y in _YEAR.findall(text))), number=_first(_NUMBER, text),
        cues=cues(words, lexicon) | cues(list(normalise(text).words), lexicon),
    )  # fmt: skip


def cues(words: list[str], lexicon: Lexicon) -> frozenset[Cue]:
    """The named cues whose phrases occur in the words.

    Some phrases ("mulai", "data saya") are a sign only as the whole message. Of cues that contradict each other the
    longer phrase wins: "belum sesuai" over "sesuai", "tidak jadi datang" over "tidak jadi".
    """
    sizes = {cue: _longest(words, lexicon.cues.get(cue.value, ()), lexicon) for cue in Cue}
    found = {cue for cue, size in sizes.items() if size}
    for stronger, weaker in _CONTRADICTIONS:
        if stronger in found and weaker in found and sizes[stronger] >= sizes[weaker]:
            found.discard(weaker)
    return frozenset(found)


def _longest(words: list[str], phrases: tuple[tuple[str, ...], ...], lexicon: Lexicon) -> int:
    """Length of the longest phrase that occurs, 0 for none."""
    whole = frozenset(lexicon.cues.get("whole_message", ()))
    plain = [w for w in words if w not in lexicon.fillers]
    hits = (len(p) for p in phrases if (plain == list(p) if p in whole else _contains(words, p)))
    return max(hits, default=0)


def rating(text: str, words: list[str], lexicon: Lexicon) -> int | None:
    """A grade from 1 to 5: stars, "4/5", "8 dari 10", "nilai 4", a digit alone, or words like "sangat puas"."""
    stars = len(_STARS.findall(text))
    if 1 <= stars <= 5:
        return stars
    fraction = _FRACTION.search(text.casefold())
    if fraction:
        return _scaled(int(fraction[1]), int(fraction[2]))
    digits = [w for w in words if w.isdigit()]
    if len(digits) == 1 and (len(words) == 1 or _near_grade(words, digits[0])):
        return int(digits[0]) if 1 <= int(digits[0]) <= 5 else None
    if len(words) == 1 and words[0] in lexicon.numbers and 1 <= lexicon.numbers[words[0]] <= 5:
        return lexicon.numbers[words[0]]
    return _rated_in_words(words, lexicon)


def _rated_in_words(words: list[str], lexicon: Lexicon) -> int | None:
    """The longest phrase decides: "kurang puas" before "puas"."""
    hits = [(len(phrase), grade) for phrase, grade in lexicon.ratings.items() if _contains(words, phrase)]
    return max(hits)[1] if hits else None


def _scaled(value: int, best: int) -> int | None:
    if not 0 < value <= best:
        return None
    return max(1, round(value * 5 / best))


def _near_grade(words: list[str], digit: str) -> bool:
    at = words.index(digit)
    near = {"nilai", "nilainya", "bintang", "rating", "skor", "score", "star", "stars", "poin", "kasih", "beri", "biji"}
    return bool(near & set(words[max(0, at - 3) : at + 3]))


def _contains(words: list[str], phrase: tuple[str, ...]) -> bool:
    if not phrase or phrase[0] not in words:
        return False  # nearly always, and this is asked some hundred times a message
    size = len(phrase)
    return any(tuple(words[n : n + size]) == phrase for n in range(len(words) - size + 1))


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[0].rstrip(".") if found else None


def _name(text: str) -> str | None:
    found = _NAME.search(text)
    if not found:
        return None
    kept: list[str] = []
    for word in found[1].split():
        if word.casefold().strip(".,") in _NOT_A_NAME:
            break
        kept.append(word)
        if word.endswith(",") or (word.endswith(".") and len(word) > 3):
            break
    name = " ".join(kept).strip(" .,'")
    return (name.title() if name.islower() else name) or None


def _sex(words: list[str], text: str) -> Sex | None:
    """A word for it; a single "P" or "L" only between commas of a filled-in form."""
    found = next((_SEX[w] for w in words if w in _SEX and w not in ("pr", "lk")), None)
    if found is not None:
        return found
    parts = [p.strip().casefold() for p in re.split(r"[,;/\n]", text)]
    return (
        next((({**_SEX, **_SEX_LETTERS})[p] for p in parts if p in _SEX_LETTERS or p in _SEX), None)
        if len(parts) > 2
        else None
    )


def _kind(words: list[str], lower: str) -> Kind | None:
    """Only where it is said to be the kind, or stands alone in a form ("..., data")."""
    said = re.search(r"(?:jenis konsultasi|konsultasi|kind)\s*[:=]?\s*(metadata|data|klasifikasi|lainnya)\b", lower)
    if said:
        return _KINDS[said[1]]
    parts = [p.strip(" .") for p in re.split(r"[,;\n]", lower)]
    return next((_KINDS[p] for p in parts if p in _KINDS), None) if len(parts) > 1 or len(words) == 1 else None


def _phone(text: str) -> str | None:
    """The first Indonesian (or fully international) phone number, in E.164."""
    for match in _PHONE.finditer(_EMAIL.sub(" ", text)):
        try:
            number = phonenumbers.parse(match[0], "ID")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return None


def _clock(lower: str) -> time | None:
    found = _CLOCK.search(lower)
    if not found:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    part = found[5] or ""
    if (part in ("sore", "malam", "pm") and hour < 12) or (part == "siang" and hour < 6):
        hour += 12
    elif not part and 1 <= hour <= 5:
        hour += 12  # nobody meets an officer at two in the night
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day(words: list[str], lower: str, today: date, lexicon: Lexicon) -> date | None:
    named = _written_date(words, lower, today, lexicon) or _weekday(words, today, lexicon)
    if named is not None:
        return named  # "besok Senin" said on a Friday means Monday
    for word, days in (("lusa", 2), ("besok", 1), ("tomorrow", 1), ("sesuk", 1), ("laggu'", 1), ("today", 0)):
        if word in words:
            return today + timedelta(days=days)
    return today if "hari ini" in lower else None


def _written_date(words: list[str], lower: str, today: date, lexicon: Lexicon) -> date | None:
    for day, month in ((a, b) for a, b in pairwise(words) if a.isdigit() and b in lexicon.months):
        return _future(int(day), lexicon.months[month], today)
    found = _DATE.search(lower)
    return _future(int(found[1]), int(found[2]), today) if found else None


def _future(day: int, month: int, today: date) -> date | None:
    try:
        found = date(today.year, month, day)
        return found if found >= today - timedelta(days=30) else date(today.year + 1, month, day)
    except ValueError:
        return None


def _weekday(words: list[str], today: date, lexicon: Lexicon) -> date | None:
    """The next such weekday after today."""
    for word in words:
        if word in lexicon.weekdays:
            ahead = (lexicon.weekdays[word] - today.weekday() - 1) % 7 + 1
            return today + timedelta(days=ahead)
    return None
