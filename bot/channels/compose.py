"""An outgoing mail as bytes: text first class, HTML made from it, nothing left to chance.

Pure and deterministic: the same `OutgoingMail` gives the same bytes, so a repeated attempt sends the same mail
(the part boundaries come from the Message-ID). No value can forge a header: everything from outside is
put on one line and encoded. WhatsApp's marks (*bold*, _italic_) are drawn in HTML and left out in text, so
that one wording serves both channels.
Sources: RFC 5322, RFC 2045-2047, RFC 2231, RFC 3834, X-Auto-Response-Suppress (Microsoft).
"""

import base64
import hashlib
import html
import quopri
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final, Literal
from urllib.parse import quote

from bot.channels.charsets import clean, one_line
from bot.channels.headers import parse_ids
from bot.channels.subjects import LONGEST_SUBJECT, normalised, without_tag

Automatic = Literal["auto-replied", "auto-generated"]

_BOLD: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\w*])")
_ITALIC: Final = re.compile(r"(?<![\w/_])_(?=\S)([^_\n]{1,500}?)(?<=\S)_(?![\w_])")
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_FONT: Final = "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;max-width:640px"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Display name and address of a header field; the name may be any text."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to go with the mail; `content_type` as in "text/calendar; method=PUBLISH"."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """Everything a mail consists of. `date` is aware; ids carry angle brackets.

    `number` ("3574-2026-000123") is put into the subject once. `options` are words the reader may answer with,
    announced by `options_intro`; `automatic` is None for what a person wrote.
    """

    sender: Mailbox
    to: Mailbox
    subject: str
    text: str
    message_id: str
    date: datetime
    reply_to: Mailbox | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    number: str | None = None
    language: str = "id"
    options_intro: str = ""
    options: tuple[str, ...] = ()
    attachments: tuple[OutgoingFile, ...] = ()
    automatic: Automatic | None = None


def compose(mail: OutgoingMail) -> bytes:
    """The mail as it goes over the wire, CRLF line ends, ASCII only.

    Raises ValueError for what would make no mail: an address or an id with white space or brackets inside,
    a naive date.
    """
    if mail.date.tzinfo is None:
        raise ValueError("the date of a mail needs a zone")
    content = _content(mail)
    headers = [f"{name}: {value}" for name, value in (*_headers(mail), ("MIME-Version", "1.0"))]
    return "\r\n".join(headers).encode("ascii") + b"\r\n" + content


def _headers(mail: OutgoingMail) -> Iterable[tuple[str, str]]:
    yield "From", _mailbox(mail.sender)
    if mail.reply_to:
        yield "Reply-To", _mailbox(mail.reply_to)
    yield "To", _mailbox(mail.to)
    yield "Subject", _encoded(subject_line(mail), "Subject")
    yield "Date", format_datetime(mail.date)
    yield "Message-ID", _id(mail.message_id)
    if mail.in_reply_to:
        yield "In-Reply-To", _id(mail.in_reply_to)
    chain = reference_chain(mail.references, mail.in_reply_to)
    if chain:
        yield "References", "\r\n ".join(chain)
    yield "Content-Language", re.sub(r"[^A-Za-z-]", "", mail.language)[:20] or "id"
    if mail.automatic:
        yield "Auto-Submitted", mail.automatic
        yield "X-Auto-Response-Suppress", "All"


def subject_line(mail: OutgoingMail) -> str:
    """ "Re: <original words> [PST-3574-2026-000123]": "Re:" when it answers something, the number once, <= 200."""
    words = without_tag(one_line(mail.subject, LONGEST_SUBJECT))
    if mail.in_reply_to:
        words = f"Re: {_bare(words)}".rstrip()
    tag = f" [PST-{one_line(mail.number, 40)}]" if mail.number else ""
    return words[: LONGEST_SUBJECT - len(tag)].rstrip() + tag


def _bare(subject: str) -> str:
    """The subject without reply prefixes, in its own spelling."""
    length = len(normalised(subject))
    return (
        subject[len(subject) - length :]
        if normalised(subject) == subject[len(subject) - length :].casefold()
        else subject
    )


def reference_chain(references: tuple[str, ...], in_reply_to: str | None) -> list[str]:
    """At most ten ids, the first and the last five (threads need both ends); the answered id comes last."""
    ids = [*parse_ids(" ".join(references)), *parse_ids(in_reply_to or "")]
    chain = [i for n, i in enumerate(ids) if i not in ids[n + 1 :] and i.isascii()]
    return chain if len(chain) <= 10 else [*chain[:5], *chain[-5:]]


def _id(text: str) -> str:
    """A message id as given; refused when it is none, for it would tear the thread or the header."""
    if not re.fullmatch(r"<[!-;=?-~]{3,900}>", text) or "@" not in text:
        raise ValueError(f"not a message id: {text[:80]!r}")
    return text


def _mailbox(mailbox: Mailbox) -> str:
    if not re.fullmatch(r"[!#-'*+/-9=?A-Z^-~-]+(?:\.[!#-'*+/-9=?A-Z^-~-]+)*@[A-Za-z0-9.-]+", mailbox.address):
        raise ValueError(f"not a mail address: {mailbox.address[:80]!r}")
    name = one_line(mailbox.name, 120)
    if not name:
        return mailbox.address
    shown = _encoded(name, "Reply-To") if not name.isascii() else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    separator = "\r\n " if len(shown.rpartition("\n")[2]) + len(mailbox.address) > 60 else " "
    return f"{shown}{separator}<{mailbox.address}>"


def _encoded(text: str, field: str) -> str:
    """Text as encoded words where it needs them, folded at 75 columns."""
    if text.isascii() and not text.startswith("=?") and "=?" not in text:
        return _folded(text, len(field) + 2)
    header = Header(text, "utf-8", maxlinelen=75, header_name=field)
    return header.encode(linesep="\r\n")


def _folded(text: str, used: int) -> str:
    lines, current = [], ""
    for word in text.split(" "):
        if current and used + len(current) + 1 + len(word) > 75:
            lines.append(current)
            current, used = word, 1
        else:
            current = f"{current} {word}" if current else word
    return "\r\n ".join([*lines, current])


def _content(mail: OutgoingMail) -> bytes:
    text = _with_options(mail)
    alternatives = _multipart(
        "alternative",
        mail,
        "a",
        [
            _text_part("plain", plain_view(text)),
            _text_part("html", html_view(text, mail.language)),
        ],
    )
    if not mail.attachments:
        return alternatives
    return _multipart("mixed", mail, "m", [alternatives, *(_file_part(file) for file in mail.attachments)])


def _with_options(mail: OutgoingMail) -> str:
    text = clean(mail.text).strip()
    if not mail.options:
        return text
    listed = "\n".join(f"- *{one_line(option, 80)}*" for option in mail.options)
    return f"{text}\n\n{one_line(mail.options_intro, 200)}\n{listed}".strip()


def plain_view(text: str) -> str:
    """Text without WhatsApp's marks."""
    return _outside_links(text, lambda piece: _ITALIC.sub(r"\1", _BOLD.sub(r"\1", piece)), lambda link: link) + "\n"


def html_view(text: str, language: str) -> str:
    """A page that looks the same in the common programs: one column, inline style, no pictures, nothing to fetch."""
    paragraphs = "\n".join(
        f"<p>{_html_lines(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", text) if paragraph.strip()
    )
    tongue = html.escape(re.sub(r"[^A-Za-z-]", "", language)[:20])
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8"></head>\n'
        f'<body><div style="{_FONT}">\n{paragraphs}\n</div></body></html>\n'
    )


def _html_lines(paragraph: str) -> str:
    def marked(piece: str) -> str:
        return _ITALIC.sub(r"<i>\1</i>", _BOLD.sub(r"<b>\1</b>", html.escape(piece)))

    def linked(link: str) -> str:
        safe = html.escape(link)
        return f'<a href="{safe}">{safe}</a>'

    return _outside_links(paragraph.strip("\n"), marked, linked).replace("\n", "<br>\n")


def _outside_links(text: str, outside: Callable[[str], str], inside: Callable[[str], str]) -> str:
    """Text with one function applied to links and another to what stands between them."""
    pieces, position = [], 0
    for match in _LINK.finditer(text):
        pieces += [outside(text[position : match.start()]), inside(match[0])]
        position = match.end()
    return "".join([*pieces, outside(text[position:])])


def _text_part(subtype: str, text: str) -> bytes:
    """Quoted-printable, so that long lines and any character survive every server."""
    body = quopri.encodestring(text.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + body


def _file_part(file: OutgoingFile) -> bytes:
    kind = (
        file.content_type
        if re.fullmatch(r"[\w.+-]+/[\w.+-]+(?:;\s*[\w-]+=[\w.+-]+)*", file.content_type)
        else "application/octet-stream"
    )
    name = one_line(re.sub(r'[/\\"]', "_", file.filename), 120) or "lampiran"
    body = base64.encodebytes(file.content).replace(b"\n", b"\r\n")
    return (
        f"Content-Type: {kind};\r\n name={_quoted(name)}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {_filename(name)}\r\n\r\n"
    ).encode("ascii") + body


def _quoted(name: str) -> str:
    """The name for programs that know no RFC 2231: as they themselves write it, an encoded word in quotes."""
    return '"' + _encoded(name, "Content-Type").replace("\r\n", "") + '"'


def _filename(name: str) -> str:
    return f'filename="{name}"' if name.isascii() else f"filename*=utf-8''{quote(name, safe='')}"


def _multipart(subtype: str, mail: OutgoingMail, mark: str, parts: list[bytes]) -> bytes:
    boundary = f"=_{mark}_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:32]}"
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    delimiter = f"--{boundary}\r\n".encode()
    return head + b"".join(delimiter + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
