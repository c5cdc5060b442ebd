"""What an IMAP server's answers say, pure: lines as the library hands them over -> values.

A line is bytes; the piece after a line that ends in `{n}` is a literal of n bytes. Anything else may stand in between:
a server may tell of other mails at any time, and in any order (RFC 3501 section 7), so nothing is found by position.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RESPONSE: Final = re.compile(rb"\d+ FETCH \(", re.IGNORECASE)
_LITERAL: Final = re.compile(rb"\{\d+\}$")
_UID: Final = re.compile(rb"[( ]UID (\d+)", re.IGNORECASE)
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
_FLAGS: Final = re.compile(rb"FLAGS \(([^)]*)\)", re.IGNORECASE)
_DATE: Final = re.compile(rb'INTERNALDATE "([^"]+)"', re.IGNORECASE)
_MOMENT: Final = re.compile(rb"\s*(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_FOLDER: Final = re.compile(rb'(?:LIST )?\(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)$', re.IGNORECASE)
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_FOREIGN: Final = re.compile(r"[^\x20-\x7e]+|&")
_CODE: Final = re.compile(rb"\[([A-Z][A-Z0-9-]*)[^\]]*\]")

# Names by which servers without RFC 6154 (special-use attributes) call these folders, in lower case, last part only.
_SENT: Final = frozenset({"sent", "sent items", "sent mail", "sent messages", "terkirim", "item terkirim"})
_JUNK: Final = frozenset({"junk", "spam", "junk email", "junk e-mail", "bulk mail", "email sampah", "surel sampah"})


@dataclass(frozen=True, slots=True)
class Headline:
    """A mail before it is fetched: size in bytes, the moment when the server received it, flags in lower case."""

    uid: int
    size: int
    received_at: datetime | None
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Folder:
    """`name` as the server spells it (modified UTF-7), attributes in lower case."""

    name: str
    attributes: frozenset[str]


def headlines(lines: Iterable[bytes]) -> list[Headline]:
    """All mails that a FETCH told of completely, in ascending order of UID."""
    found = {}
    for text, _ in _responses(lines):
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid and size:
            flags, at = _FLAGS.search(text), _DATE.search(text)
            names = frozenset((flags[1] if flags else b"").decode("ascii", "replace").lower().split())
            found[int(uid[1])] = Headline(int(uid[1]), int(size[1]), moment(at[1]) if at else None, names)
    return [found[uid] for uid in sorted(found)]


def section(lines: Iterable[bytes], uid: int, name: str) -> bytes | None:
    """The content of BODY[name] of one mail; None when there is none: NIL is what Dovecot gives of a deleted mail."""
    key = re.escape(f"BODY[{name}]".encode())
    value = re.compile(key + rb'(?:<\d+>)? (?:\{\d+\}\0(\d+)\0|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)
    for text, literals in _responses(lines):
        owner, match = _UID.search(text), value.search(text)
        if match and owner and int(owner[1]) == uid:
            return literals[int(match[1])] if match[1] else re.sub(rb"\\(.)", rb"\1", match[2] or b"")
    return None


def _responses(lines: Iterable[bytes]) -> list[tuple[bytes, list[bytes]]]:
    """Each FETCH response as one text, in which a literal is replaced by its number between two NULs."""
    found: list[tuple[bytes, list[bytes]]] = []
    expected = False
    for line in lines:
        if not expected and _RESPONSE.match(line):
            found.append((b"", []))
        if not found:
            continue
        text, literals = found[-1]
        if expected:
            literals.append(bytes(line))
            line = b"\0%d\0" % (len(literals) - 1)
        found[-1] = (text + line, literals)
        expected = not expected and bool(_LITERAL.search(line))
    return found


def uids(lines: Iterable[bytes]) -> list[int]:
    """The numbers of a SEARCH answer, ascending, each once."""
    words = (word for line in lines for word in bytes(line).split())
    return sorted({int(word) for word in words if word.isdigit()})


def number(lines: Iterable[bytes], name: str) -> int | None:
    """The number that follows a word, as in [UIDVALIDITY 12] or (MESSAGES 12); None when it is not told."""
    pattern = re.compile(rb"\b" + name.encode() + rb" (\d+)", re.IGNORECASE)
    return next((int(m[1]) for m in map(pattern.search, lines) if m), None)


def takes_keywords(lines: Iterable[bytes], keyword: str) -> bool:
    r"""Whether mails in the selected folder may be given this keyword: PERMANENTFLAGS has \* or the keyword itself."""
    allowed = next((line.lower() for line in lines if b"PERMANENTFLAGS" in line.upper()), b"")
    return rb"\*" in allowed or keyword.lower().encode() in allowed


def folders(lines: Sequence[bytes]) -> list[Folder]:
    found = []
    for index, line in enumerate(lines):
        match = _FOLDER.match(line)
        if match:
            follows = bool(_LITERAL.search(line)) and index + 1 < len(lines)
            name = bytes(lines[index + 1]) if follows else _unquoted(match[2])
            attributes = match[1].decode("ascii", "replace").lower().split()
            found.append(Folder(name.decode("utf-8", "replace"), frozenset(attributes)))
    return found


def sent_folder(known: Iterable[Folder]) -> Folder | None:
    return _with_role(list(known), r"\sent", _SENT)


def junk_folder(known: Iterable[Folder]) -> Folder | None:
    return _with_role(list(known), r"\junk", _JUNK)


def _with_role(known: list[Folder], attribute: str, names: frozenset[str]) -> Folder | None:
    """By its special-use attribute, else by its name."""
    usable = [f for f in known if r"\noselect" not in f.attributes and r"\nonexistent" not in f.attributes]
    marked = (f for f in usable if attribute in f.attributes)
    named = (f for f in usable if re.split(r"[/.]", f.name.casefold())[-1] in names)
    return next(marked, None) or next(named, None)


def response_code(lines: Sequence[bytes]) -> str:
    """The code of a tagged answer, as in "NO [AUTHENTICATIONFAILED] ...": the only part of it that is safe to show."""
    match = _CODE.search(bytes(lines[-1])) if lines else None
    return match[1].decode() if match else ""


def moment(text: bytes) -> datetime | None:
    """An INTERNALDATE; None when it is none."""
    match = _MOMENT.match(text)
    if match is None:
        return None
    words = (part.decode("ascii", "replace") for part in match.groups())
    day, name, year, hour, minute, second, sign, hours, minutes = words
    away = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        month = _MONTHS.index(name.title()) + 1
        zone = timezone(-away if sign == "-" else away)
        return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except ValueError:
        return None


def search_date(day: date) -> str:
    """A date as SEARCH SINCE wants it; strftime would write the month in the machine's language."""
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def wire_name(folder: str) -> str:
    """A folder's name as it is sent: other letters in modified UTF-7 (RFC 3501 5.1.3)."""
    return _FOREIGN.sub(_shifted, folder)


def _shifted(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    return "&" + b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def _unquoted(text: bytes) -> bytes:
    match = _QUOTED.fullmatch(text.strip())
    return re.sub(rb"\\(.)", rb"\1", match[1]) if match else text.strip()
