"""Files that came with a mail: safe names, true types, and whether staff may open them.

The verdict looks at the content, not at the name a stranger chose. Nothing is executed or unpacked to disk;
of a ZIP only the directory is read.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Final

from bot.channels.body import is_body_part
from bot.channels.charsets import one_line
from bot.channels.headers import decode_words, parse_fields
from bot.channels.parts import Part
from bot.channels.subjects import read_subject

MOST_ATTACHMENTS: Final = 10
LARGEST_LOGO: Final = 20_000
LARGEST_UNPACKED: Final = 100_000_000
HIGHEST_RATIO: Final = 100

PDF, DOCX, XLSX = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
ZIP, JPEG, PNG, TEXT, CSV = "application/zip", "image/jpeg", "image/png", "text/plain", "text/csv"
MAIL, TNEF = "message/rfc822", "application/ms-tnef"
_ALLOWED: Final = frozenset({PDF, DOCX, XLSX, ZIP, JPEG, PNG, TEXT, CSV})

_MAGIC: Final = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x78\x9f\x3e\x22", TNEF),
    (b"{\\rtf", "application/rtf"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"#!", "text/x-script"),
    (b"RIFF", "application/x-riff"),
)
_REFUSED_NAMES: Final = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|msi|msix|js|jse|vbs|vbe|wsf|wsh|ps1|hta|html?|xhtml|shtml|svg|lnk|url|iso|img|vhdx?|jar|apk|"
    r"dll|cpl|reg|chm|docm|dotm|xlsm|xlsb|xltm|pptm|one|rar|7z|gz|tar|ace|cab|arj|zip|z|swf|mht|mhtml|sh|py|php|asp)$",
    re.IGNORECASE,
)
_EXTENSIONS: Final = {
    PDF: "pdf",
    DOCX: "docx",
    XLSX: "xlsx",
    ZIP: "zip",
    JPEG: "jpg",
    PNG: "png",
    TEXT: "txt",
    CSV: "csv",
    MAIL: "eml",
    TNEF: "dat",
    "text/calendar": "ics",
    "text/html": "html",
    "image/gif": "gif",
}
_RESERVED: Final = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `sniffed` is the type its content shows; `refusal` a code why staff should not open it, "" if they may.

    Codes: kind, macros, encrypted, archive_too_large, archive_nested, too_many, disguised, unreadable_winmail.
    """

    filename: str
    content_type: str
    content: bytes
    sniffed: str
    refusal: str = ""
    logo: bool = False

    @property
    def size(self) -> int:
        """Bytes after decoding."""
        return len(self.content)

    @property
    def allowed(self) -> bool:
        return not self.refusal


def read_attachments(root: Part) -> tuple[Attachment, ...]:
    """Files in order; signature parts are left out, small inline pictures marked as logos."""
    found: list[Attachment] = []
    for part in root.walk():
        if _is_file(part):
            counted = sum(not a.logo for a in found)
            found.append(_attachment(part, len(found) + 1, too_many=counted >= MOST_ATTACHMENTS))
    return tuple(found)


def checked_file(filename: str, declared: str, content: bytes, number: int = 1) -> Attachment:
    """A file that did not come by mail, judged like one that did."""
    sniffed = sniff(content, declared)
    name = safe_filename(filename, sniffed, number)
    return Attachment(name, sniffed, content, sniffed, _refusal(name, declared, sniffed, content))


def _is_file(part: Part) -> bool:
    kind = part.content_type
    if part.is_multipart or kind.startswith("multipart/") or is_body_part(part):
        return False
    if kind in (
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-encrypted",
    ):
        return False
    if kind in (
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
        "message/feedback-report",
    ):
        return False
    return part.end > part.start or bool(part.declared_filename)


def _attachment(part: Part, number: int, *, too_many: bool) -> Attachment:
    content = part.body()
    sniffed = sniff(content, part.content_type)
    name = safe_filename(part.declared_filename or _enclosed_name(part, content), sniffed, number)
    logo = (
        bool(part.headers.raw("content-id"))
        and sniffed.startswith("image/")
        and len(content) < LARGEST_LOGO
        and part.disposition != "attachment"
    )
    refusal = _refusal(name, part.content_type, sniffed, content)
    return Attachment(
        name,
        part.content_type,
        content,
        sniffed,
        refusal or ("too_many" if too_many and not logo else ""),
        logo,
    )


def _enclosed_name(part: Part, content: bytes) -> str:
    """An enclosed mail is called after its subject."""
    if part.content_type != MAIL:
        return ""
    return (
        read_subject(parse_fields(content[:20_000].split(b"\r\n\r\n")[0].split(b"\n\n")[0]).raw("subject"))[:80]
        + ".eml"
    )


def safe_filename(declared: str, content_type: str, number: int) -> str:
    """A name without folders, control characters, tricks and excess length; invented where none is left."""
    name = one_line(decode_words(declared), 400)
    name = re.sub(r"^.*[/\\]", "", name)
    name = re.sub(r'[<>:"|?*;`$&\x00-\x1f]', "_", name).strip(" .")
    if not name or name.startswith("."):
        name = f"lampiran-{number}.{_EXTENSIONS.get(content_type, 'bin')}"
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name.encode()) > 200:
        stem, dot, extension = name.rpartition(".")
        extension = extension[:16]
        name = (stem or name).encode()[:180].decode("utf-8", "ignore").rstrip() + (dot + extension if stem else "")
    return name


def sniff(content: bytes, declared: str) -> str:
    """The type that the first bytes show; for text the declared one, when it is a text type we know."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return _office_kind(content) if kind == ZIP else kind
    if declared in (MAIL, TNEF, "text/calendar"):
        return declared
    if _is_markup(content):
        return "text/html"
    if b"\x00" in content[:4000]:
        return "application/octet-stream"
    return CSV if declared in (CSV, "application/csv", "text/comma-separated-values") else TEXT


def _is_markup(content: bytes) -> bool:
    return bool(
        re.match(
            rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|script|svg|head|body|iframe|\?xml[^>]*>\s*<(?:html|svg))",
            content[:1000],
            re.IGNORECASE,
        )
    )


def _office_kind(content: bytes) -> str:
    names = _zip_names(content)
    if any(name.startswith("word/") for name in names):
        return DOCX
    return XLSX if any(name.startswith("xl/") for name in names) else ZIP


def _zip_entries(content: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        NotImplementedError,
        UnicodeError,
        IndexError,
        OverflowError,
    ):
        return []


def _zip_names(content: bytes) -> list[str]:
    return [entry.filename for entry in _zip_entries(content)]


def _refusal(name: str, declared: str, sniffed: str, content: bytes) -> str:
    if TNEF in (declared, sniffed) or name.casefold() == "winmail.dat":
        return "unreadable_winmail"
    if sniffed == MAIL or (sniffed == "text/calendar" and declared == sniffed):
        return ""
    if sniffed in (ZIP, DOCX, XLSX):
        return _archive_refusal(name, sniffed, content)
    if sniffed not in _ALLOWED:
        return "kind"
    return "disguised" if _REFUSED_NAMES.search(name) else ""


def _archive_refusal(name: str, sniffed: str, content: bytes) -> str:
    entries = _zip_entries(content)
    total = sum(entry.file_size for entry in entries)
    if not entries:
        return "kind"
    if any(entry.flag_bits & 1 for entry in entries):
        return "encrypted"
    if total > LARGEST_UNPACKED or total > HIGHEST_RATIO * max(1, len(content)):
        return "archive_too_large"
    if any(entry.filename.lower().endswith("vbaproject.bin") for entry in entries):
        return "macros"
    if sniffed == ZIP:
        return _content_refusal([entry.filename for entry in entries])
    return "disguised" if _REFUSED_NAMES.search(name) else ""


def _content_refusal(names: list[str]) -> str:
    if any(name.lower().endswith((".zip", ".rar", ".7z", ".gz", ".tar")) for name in names):
        return "archive_nested"
    return "kind" if any(_REFUSED_NAMES.search(name) for name in names) else ""
