"""Chooses and reads the text of a mail: which part, which character set, which line ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.channels.charsets import clean, decode
from bot.channels.html_text import html_to_text
from bot.channels.parts import Part

LONGEST_TEXT: Final = 200_000
_READ_AT_MOST: Final = 4_000_000

_STUB: Final = re.compile(
    r"(?:your|this) (?:e-?mail )?(?:client|program|reader|viewer)\b.{0,40}(?:not|n't) (?:support|display|show)|"
    r"(?:view|read) this (?:e-?mail|message) in (?:html|a browser|your browser)|html (?:e-?mail|message|format)|"
    r"(?:tidak|belum) (?:mendukung|dapat menampilkan).{0,30}html|html.{0,60}(?:tidak|belum) (?:mendukung|didukung)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_STUB: Final = 400


@dataclass(frozen=True, slots=True)
class Body:
    """`text`: all of it, cleaned, at most LONGEST_TEXT characters; `html_only`: made from HTML."""

    text: str
    html_only: bool = False
    shortened: bool = False


def read_body(root: Part) -> Body:
    """Text of the mail: the plain parts, or the HTML ones where plain text is missing, empty or a stub."""
    chosen = list(_body_parts(root))
    plain = _joined(plain_text(part) for part in chosen if part.text_type == "text/plain")
    if plain.strip() and not _is_stub(plain):
        return _bounded(plain, html_only=False)
    made = _joined(html_text(part) for part in _html_parts(root))
    return _bounded(made, html_only=True) if made.strip() else _bounded(plain, html_only=False)


def is_body_part(part: Part) -> bool:
    """Text to be read with the mail, not a file that came along."""
    if part.text_type not in ("text/plain", "text/html"):
        return False
    return part.disposition != "attachment" and not (part.declared_filename and part.disposition != "inline")


def plain_text(part: Part) -> str:
    """Cleaned text of a text part; format=flowed paragraphs are one line again (RFC 3676)."""
    text = clean(decode(part.body(_READ_AT_MOST), part.parameter("charset")))
    if part.parameter("format").lower() == "flowed":
        return unflow(text, delete_space=part.parameter("delsp").lower() == "yes")
    return text


def html_text(part: Part) -> str:
    data = part.body(_READ_AT_MOST)
    return html_to_text(decode(data, part.parameter("charset") or _meta_charset(data)))


def unflow(text: str, *, delete_space: bool) -> str:
    """Joins soft-broken lines of the same quote depth and takes the stuffing away (RFC 3676 4.1-4.5)."""
    lines: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append((">" * depth + " " if depth else "") + content)
        if soft and delete_space:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if soft else None
    return "\n".join(lines)


def _body_parts(part: Part) -> Iterator[Part]:
    """Text parts in reading order; of alternatives only the plain one where there is one."""
    if not part.is_multipart:
        if is_body_part(part):
            yield part
        return
    children = part.children
    if part.content_type == "multipart/alternative":
        children = _preferred(children)
    for child in children:
        yield from _body_parts(child)


def _preferred(alternatives: tuple[Part, ...]) -> tuple[Part, ...]:
    for kind in ("text/plain", "text/html"):
        for part in alternatives:
            if any(leaf.content_type == kind for leaf in part.walk()):
                return (part,)
    return alternatives[-1:]


def _html_parts(root: Part) -> Iterator[Part]:
    return (part for part in root.walk() if part.content_type == "text/html" and is_body_part(part))


def _joined(texts: Iterator[str]) -> str:
    total = ""
    for text in texts:
        total = f"{total.rstrip()}\n\n{text}" if total.strip() and text.strip() else total or text
        if len(total) > 2 * LONGEST_TEXT:
            break
    return total


def _is_stub(text: str) -> bool:
    return len(text) <= _LONGEST_STUB and bool(_STUB.search(text))


def _bounded(text: str, *, html_only: bool) -> Body:
    return Body(text[:LONGEST_TEXT].strip("\n"), html_only, len(text) > LONGEST_TEXT)


def _meta_charset(data: bytes) -> str:
    match = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", data[:3000], re.IGNORECASE)
    return match[1].decode("ascii", "replace") if match else ""
