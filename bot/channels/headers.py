"""Reads header fields as they come, hostile ones included.

The standard library raises on some fields that strangers may send (`Message-ID: <[weird]@x>`, deeply
nested comments, invented character sets), so the few fields that matter are read here with patterns that
cannot recurse and cannot raise. RFC 5322, RFC 2047 (encoded words), RFC 2231 (parameters).
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from bot.channels.charsets import clean, decode, one_line

LONGEST_FIELD: Final = 20_000
MOST_ADDRESSES: Final = 500

_FIELD: Final = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:(.*)$", re.DOTALL)
_ENCODED_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS: Final = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_MESSAGE_ID: Final = re.compile(r"<\s*([^<>\s]{1,400})\s*>")
_ADDRESS: Final = re.compile(r"[^\s<>()\[\]:;,\"\\]{1,128}@(?:[\w-]+(?:\.[\w-]+)*|\[[\d.a-fA-F:]+\])")
_MAILBOX_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|<[^<>]*>|<[^<>,;]*$|[^",;<>()]+|.', re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))')
_CONTINUED: Final = re.compile(r"^(.+?)\*(\d+)(\*?)$")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox; `address` keeps its case, is "" when there is none."""

    name: str
    address: str

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0].casefold()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].casefold()


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in order of appearance: (lower-case name, unfolded raw text without encoded words decoded)."""

    fields: tuple[tuple[str, str], ...]

    def raw(self, name: str) -> str:
        """First field of that name, "" when absent."""
        return next(self.all(name), "")

    def all(self, name: str) -> Iterator[str]:
        return (value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    def text(self, name: str, limit: int = LONGEST_FIELD) -> str:
        """First field of that name as one clean line."""
        return one_line(decode_words(self.raw(name)), limit)


def parse_fields(block: bytes) -> Headers:
    """Fields of a header block; lines that are neither a field nor a continuation are passed over."""
    fields: list[tuple[str, list[bytes]]] = []
    for line in re.split(rb"\r\n|\n|\r", block):
        match = _FIELD.match(line)
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line.strip())
        elif match:
            fields.append((match[1].decode("ascii", "replace").lower(), [match[2].strip()]))
    return Headers(tuple((name, decode(b" ".join(parts)[:LONGEST_FIELD]).strip()) for name, parts in fields))


def decode_words(text: str) -> str:
    """Text with its encoded words decoded; broken ones stay as they are."""
    if "=?" not in text:
        return text
    return _ENCODED_WORD.sub(lambda m: decode(_word_bytes(m), _word_charset(m)), _joined_words(text))


def _joined_words(text: str) -> str:
    """Neighbours of one character set are put together first: some programs cut a character in two."""
    text = _BETWEEN_WORDS.sub(r"\1", text)
    pieces: list[str] = []
    last: re.Match[str] | None = None
    position = 0
    for match in _ENCODED_WORD.finditer(text):
        between = text[position : match.start()]
        if last and not between and _word_charset(last) == _word_charset(match):
            joined = _word_bytes(last) + _word_bytes(match)
            pieces[-1] = f"=?{_word_charset(match)}?B?{binascii.b2a_base64(joined, newline=False).decode()}?="
        else:
            pieces += [between, match[0]]
        last, position = _ENCODED_WORD.match(pieces[-1]), match.end()
    return "".join([*pieces, text[position:]])


def _word_charset(word: re.Match[str]) -> str:
    return word[1].split("*")[0].lower()


def _word_bytes(word: re.Match[str]) -> bytes:
    if word[2] in "qQ":
        return quopri.decodestring(word[3].encode("utf-8", "replace"), header=True)
    return loose_base64(word[3].encode("utf-8", "replace"))


def loose_base64(data: bytes) -> bytes:
    """Base64 with foreign characters, missing padding or a cut end tolerated."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4 if len(letters) % 4 == 1 else None] + b"==")


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Mailboxes of an address list; group names are dropped, unreadable entries too."""
    found: list[Address] = []
    pieces: list[str] = []
    for match in _MAILBOX_PIECE.finditer(text[:LONGEST_FIELD]):
        if match[0] in ",;":
            found += _mailbox(pieces)
            pieces = []
        else:
            pieces.append(match[0])
        if len(found) >= MOST_ADDRESSES:
            return tuple(found)
    return (*found, *_mailbox(pieces))


def _mailbox(pieces: list[str]) -> list[Address]:
    boxed = next((p for p in reversed(pieces) if p.startswith("<") and "@" in p), "")
    match = _ADDRESS.search(boxed or " ".join(p for p in pieces if not p.startswith(("(", '"'))))
    match = match or _ADDRESS.search(decode_words(" ".join(pieces)))
    if match is None:
        return []
    names = (
        [p for p in pieces if p != boxed and not p.startswith("<")]
        if boxed
        else [p.strip("()") for p in pieces if p.startswith("(")]
    )
    return [Address(_name(names), one_line(match[0], 254))]


def _name(pieces: list[str]) -> str:
    text = " ".join(re.sub(r"\\(.)", r"\1", p[1:-1]) if p[:1] == p[-1:] == '"' else p for p in pieces)
    return one_line(decode_words(text), 200).strip("'\" ")


def parse_ids(text: str) -> tuple[str, ...]:
    """Message ids with their angle brackets, in order, without repetition (RFC 5322 3.6.4)."""
    found = [f"<{one_line(match[1], 400)}>" for match in _MESSAGE_ID.finditer(text)]
    if not found and "@" in text and len(text.split()) == 1:
        found = [f"<{one_line(text.strip('<>'), 400)}>"]
    return tuple(dict.fromkeys(found))


def parse_date(text: str) -> datetime | None:
    """Aware moment of a Date field, in its own zone (UTC where it states none); None when unreadable."""
    try:
        moment = parsedate_to_datetime(text[:200])
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment


def parse_parameters(text: str) -> tuple[str, dict[str, str]]:
    """("text/plain", {"charset": ...}) of a Content-Type or Content-Disposition field, RFC 2231 included."""
    value, _, rest = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(";" + rest[:LONGEST_FIELD]):
        name = match[1].lower()
        content = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        continued = _CONTINUED.match(name)
        if continued:
            sections.setdefault(continued[1], []).append((int(continued[2][:6]), bool(continued[3]), content))
        elif name.endswith("*"):
            sections.setdefault(name[:-1], []).append((0, True, content))
        else:
            plain.setdefault(name, content)
    plain |= {name: _extended_value(parts) for name, parts in sections.items()}
    return clean(value).strip().lower(), plain


def _extended_value(parts: list[tuple[int, bool, str]]) -> str:
    """charset'language'percent-encoded, maybe in numbered sections (RFC 2231 3 and 4)."""
    charset, data = "", b""
    for number, encoded, content in sorted(parts, key=lambda part: part[0]):
        if number == 0 and encoded and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data += unquote_to_bytes(content) if encoded else content.encode("utf-8", "replace")
    return decode(data, charset or None)
