"""Cuts a raw mail into its MIME parts within stated limits (RFC 2045, 2046).

Own reading instead of the standard library's parser, because that one recurses: some thousand nested
parts end in a RecursionError or in gigabytes. Here a part is a pair of offsets into the raw bytes, so a
mail of 25 MB is held once. What lies deeper than `DEEPEST`, or behind `MOST_PARTS`, is left unread and
said so in `Part.unread`.
"""

import binascii
import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bot.channels.headers import Headers, loose_base64, parse_fields, parse_parameters

DEEPEST: Final = 30
MOST_PARTS: Final = 200
LARGEST_HEADER: Final = 100_000
MOST_STRAY_LINES: Final = 20

_HEADER_END: Final = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r|\r\n\n")
_FIELD_START: Final = re.compile(rb"[!-9;-~]+[ \t]*:")
_FIRST_BOUNDARY: Final = re.compile(rb"(?:^|\n)--([^\s-][^\r\n]{0,200}|-{1,40}[^\s-][^\r\n]{0,160}?)[ \t]*\r?\n")


@dataclass(frozen=True)
class Part:
    """One node of the MIME tree. `raw` is the whole mail; `start` and `end` bound this part's body in it."""

    headers: Headers
    raw: bytes
    start: int
    end: int
    children: tuple["Part", ...] = ()
    unread: bool = False

    @cached_property
    def _content_type(self) -> tuple[str, dict[str, str]]:
        return parse_parameters(self.headers.raw("content-type"))

    @cached_property
    def _disposition(self) -> tuple[str, dict[str, str]]:
        return parse_parameters(self.headers.raw("content-disposition"))

    @property
    def content_type(self) -> str:
        """Lower-case "type/subtype"; text/plain where none or none readable is declared (RFC 2045 5.2)."""
        declared = self._content_type[0]
        if re.fullmatch(r"[\w.+-]+/[\w.+-]+", declared):
            return declared
        return "text/plain" if "/" not in declared or declared.startswith("text") else "application/octet-stream"

    @property
    def disposition(self) -> str:
        return self._disposition[0]

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, "" when absent."""
        return self._content_type[1].get(name, "")

    @property
    def declared_filename(self) -> str:
        return self._disposition[1].get("filename") or self.parameter("name")

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def text_type(self) -> str:
        """The content type to read text by: a multipart that could not be cut is plain text, as people see it."""
        if self.content_type.startswith("multipart/") and not self.children and not self.unread:
            return "text/plain"
        return self.content_type

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in order of appearance."""
        yield self
        for child in self.children:
            yield from child.walk()

    def body(self, limit: int | None = None) -> bytes:
        """Content with the transfer encoding undone; of encoded content at most about `limit` bytes are read."""
        end = self.end if limit is None else min(self.end, self.start + limit)
        encoding = self.headers.raw("content-transfer-encoding").lower().split(";")[0].strip()
        return _decoded(self.raw[self.start : end], encoding)


def _decoded(data: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return loose_base64(data)
    if encoding in ("quoted-printable", "quotedprintable"):
        return quopri.decodestring(data)
    if encoding in ("x-uuencode", "uuencode", "x-uue"):
        return _uudecoded(data)
    return data


def _uudecoded(data: bytes) -> bytes:
    decoded = bytearray()
    for line in io.BytesIO(data):
        if line.startswith(b"begin ") or line.strip() in (b"end", b"`", b""):
            continue
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(decoded)


class _Reader:
    """Counts parts while cutting; one per mail."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts = 0

    def read(self, start: int, end: int, depth: int) -> Part:
        self.parts += 1
        headers, body = self._headers(start, end)
        leaf = Part(headers, self.raw, body, end)
        if not leaf.content_type.startswith("multipart/"):
            return leaf
        if depth >= DEEPEST:
            return Part(headers, self.raw, body, end, unread=True)
        children, complete = self._children(leaf, depth)
        return Part(headers, self.raw, body, end, children, unread=not complete)

    def _headers(self, start: int, end: int) -> tuple[Headers, int]:
        """Header fields of the part at `start`, and where its body begins."""
        if not _FIELD_START.match(self.raw, start, end):
            return Headers(()), _after_newline(self.raw, start, end)
        match = _HEADER_END.search(self.raw, start, end)
        stop, body = (match.start(), match.end()) if match else (end, end)
        strayed = _first_stray_line(self.raw[start : min(stop, start + LARGEST_HEADER)])
        if strayed is not None:
            return parse_fields(self.raw[start : start + strayed]), start + strayed
        return parse_fields(self.raw[start : min(stop, start + LARGEST_HEADER)]), body

    def _children(self, part: Part, depth: int) -> tuple[tuple[Part, ...], bool]:
        boundary = part.parameter("boundary").rstrip().encode("utf-8", "surrogateescape") or self._guess(part)
        if not boundary:
            return (), True
        children: list[Part] = []
        for start, end in self._sections(boundary, part.start, part.end):
            if self.parts >= MOST_PARTS:
                return tuple(children), False
            children.append(self.read(start, end, depth + 1))
        return tuple(children), True

    def _guess(self, part: Part) -> bytes:
        match = _FIRST_BOUNDARY.search(self.raw, max(0, part.start - 1), min(part.end, part.start + 4000))
        return match[1].rstrip() if match else b""

    def _sections(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Offsets of what stands between delimiter lines; a missing closing delimiter ends at `end`."""
        line = re.compile(rb"(?:\A|\r\n|\n|\r)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r|\n|\Z)")
        opened: int | None = None
        for match in line.finditer(memoryview(self.raw)[start:end]):
            if opened is not None:
                yield opened, max(opened, start + match.start())
            if match[1]:
                return
            opened = _after_newline(self.raw, start + match.end(), end)
        if opened is not None:
            yield opened, end


def read_parts(raw: bytes) -> Part:
    """The MIME tree of a raw mail. Empty lines, an mbox line and stray lines before the first field are passed over."""
    return _Reader(raw).read(_first_field(raw), len(raw), 0)


def _first_field(raw: bytes) -> int:
    position = 0
    for _ in range(MOST_STRAY_LINES):
        newline = raw.find(b"\n", position)
        if _FIELD_START.match(raw, position) or newline < 0:
            return position
        position = newline + 1
    return 0


def _after_newline(raw: bytes, position: int, end: int) -> int:
    if raw.startswith(b"\r\n", position, end):
        return position + 2
    return position + 1 if raw[position : position + 1] in (b"\n", b"\r") and position < end else position


def _first_stray_line(block: bytes) -> int | None:
    """Offset of the first line that is no header although no empty line came before: the body begins there."""
    position = 0
    lines = block.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line[:1] not in (b" ", b"\t") and not _FIELD_START.match(line):
            following = lines[number + 1] if number + 1 < len(lines) else b""
            if not _FIELD_START.match(following):
                return position
        position += len(line)
    return None
