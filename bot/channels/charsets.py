"""Bytes of mails to text that a database, a page and a person can take.

Declared character sets are often wrong, missing or invented, so decoding never fails: declared, then
UTF-8, then Windows-1252, then replacement characters. Windows-1252 stands for Latin-1 as in browsers.
"""

import codecs
import re
from typing import Final

_ALIASES: Final = {
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "utf8mb3": "utf-8",
    "unicode": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "ansi": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "cp-850": "cp850",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}
# Codecs that are no character sets, or that take quadratic time on hostile input.
_REFUSED: Final = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
_SINGLE_BYTE: Final = frozenset({"cp1252", "cp1254", "iso8859-15", "ascii"})
_ISO_2022_JP: Final = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")

_DROPPED: Final = dict.fromkeys(
    [
        *range(0x00, 0x09),
        0x0B,
        *range(0x0E, 0x20),
        *range(0x7F, 0x85),
        *range(0x86, 0xA0),
        0xAD,
        0x200B,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        0x2060,
        *range(0x2066, 0x206A),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
    ]
)
_CLEANING: Final = _DROPPED | {
    0xA0: " ",
    0x202F: " ",
    0x2007: " ",
    0x0C: "\n",
    0x85: "\n",
    0x2028: "\n",
    0x2029: "\n",
    **dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"),
}


def decode(data: bytes, declared: str | None = None) -> str:
    """Text of `data`; never raises."""
    if data[:3] == codecs.BOM_UTF8:
        return data[3:].decode("utf-8", "replace")
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data.decode("utf-16", "replace")
    codec = codec_name(declared)
    for candidate in _candidates(data, codec):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError, LookupError):
            continue
    return data.decode(codec or "utf-8", "replace") if codec in (None, "utf-8") else data.decode("cp1252", "replace")


def codec_name(declared: str | None) -> str | None:
    """Python's name of a declared character set; None for unknown, refused or absent ones."""
    name = (declared or "").strip(" \t\"'").lower().split(";")[0]
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name) if name and len(name) < 40 else None
    except (LookupError, ValueError):
        return None
    if found is None or found.name in _REFUSED or not getattr(found, "_is_text_encoding", True):
        return None
    return found.name


def _candidates(data: bytes, codec: str | None) -> list[str]:
    """Codecs in the order to try. Bytes that are valid UTF-8 practically never mean anything else."""
    candidates = ["utf-8", "cp1252"]
    if codec is None and _ISO_2022_JP.search(data[:4000]):
        return ["iso2022_jp", *candidates]
    if codec is None or codec == "utf-8":
        return candidates
    return [*candidates, codec] if codec in _SINGLE_BYTE and not data.isascii() else [codec, *candidates]


def clean(text: str) -> str:
    """Text without NUL, control, zero-width and direction characters; line ends "\\n", no-break spaces plain.

    PostgreSQL refuses NUL, and direction marks can turn a file name or a number around before a reader's eyes.
    The joiner of emoji (U+200D) stays.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANING)


def one_line(text: str, limit: int) -> str:
    """`clean` text on a single line, white space folded, at most `limit` characters."""
    return " ".join(clean(text[: limit * 8]).split())[:limit].rstrip()
