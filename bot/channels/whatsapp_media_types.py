"""What a file is: by its first bytes, not by what its sender says it is.

Only kinds that WhatsApp carries, and what must not pass as one of them. Whatever is not recognised keeps its declared
type if that is harmless text, else it is a stream of bytes.
Sources: Twilio, accepted MIME types for media; the formats' own signatures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

LONGEST_NAME: Final = 120
UNKNOWN: Final = "application/octet-stream"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."

_EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/mpeg": (".mp3",),
    "audio/amr": (".amr",),
    "audio/mp4": (".m4a",),
    "audio/aac": (".aac",),
    "audio/3gpp": (".3gp",),
    "video/mp4": (".mp4",),
    "video/3gpp": (".3gp",),
    "text/plain": (".txt",),
    "text/csv": (".csv",),
    "text/vcard": (".vcf",),
    "application/zip": (".zip",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    _OFFICE + "wordprocessingml.document": (".docx",),
    _OFFICE + "spreadsheetml.sheet": (".xlsx",),
    _OFFICE + "presentationml.presentation": (".pptx",),
}
_SAME: Final = {
    "image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/opus": "audio/ogg", "text/x-vcard": "text/vcard",
    "application/x-pdf": "application/pdf", "audio/x-m4a": "audio/mp4", "video/3gp": "video/3gpp",
}  # fmt: skip
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"%PDF-", "application/pdf"), (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"), (b"#!AMR", "audio/amr"), (b"\xff\xf1", "audio/aac"), (b"\xff\xf9", "audio/aac"),
    (b"BEGIN:VCARD", "text/vcard"),
)  # fmt: skip
_ZIPPED: Final = (
    (b"word/", _OFFICE + "wordprocessingml.document"),
    (b"xl/", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", _OFFICE + "presentationml.presentation"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"#!/", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n")
_OLE_TYPES: Final = frozenset({"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"})
_TEXTS: Final = frozenset({"text/plain", "text/csv", "text/vcard"})
_ACTIVE: Final = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|\?xml)", re.IGNORECASE)


def normal_type(declared: str) -> str:
    """ "Audio/OGG; codecs=opus" -> "audio/ogg"; "" stays ""."""
    bare = declared.partition(";")[0].strip().casefold()
    return _SAME.get(bare, bare)


def sniff(content: bytes, declared: str) -> str:
    """The type of a file. What the bytes say wins over what was declared."""
    declared = normal_type(declared)
    head = content[:4096]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[4:8] == b"ftyp":
        return _boxed(head, declared)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(content)
    if head.startswith(_OLE):
        return declared if declared in _OLE_TYPES else "application/msword"
    return declared if declared in _TEXTS and _is_text(head) else UNKNOWN


def refusal(content: bytes) -> str:
    """Why an officer should not open a file, "" if he may: programs, and office files with macros.

    The codes are those of bot/channels/attachments.py.
    """
    if content.startswith(_PROGRAMS):
        return "kind"
    zipped, ole = content.startswith(b"PK\x03\x04"), content.startswith(_OLE)
    if (zipped and b"vbaProject.bin" in content) or (ole and b"_\x00V\x00B\x00A\x00" in content):
        return "macros"
    return "kind" if _ACTIVE.match(content[:4096].lstrip()) else ""


def file_name(wished: str, content_type: str) -> str:
    """A name that is safe to store and to offer for download: no path, no hidden characters, the type's extension."""
    flat = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in wished.replace("\\", "/"))
    name = re.sub(r'[<>:"|?*\s]+', " ", PurePosixPath(flat).name).strip(". ")
    extensions = _EXTENSIONS.get(normal_type(content_type), (".bin",))
    if not name:
        return default_name(content_type)
    stem = name if name.casefold().endswith(extensions) else name + extensions[0]
    return stem if len(stem) <= LONGEST_NAME else stem[: LONGEST_NAME - 8].rstrip(". ") + extensions[0]


def default_name(content_type: str) -> str:
    """A name for a file that came without one, in the words of the people who will see it."""
    kind = normal_type(content_type)
    family = kind.partition("/")[0]
    word = {"image": "foto", "audio": "suara", "video": "video"}.get(family, "dokumen")
    if kind == "text/vcard":
        word = "kontak"
    return word + _EXTENSIONS.get(kind, (".bin",))[0]


def names_a_file(text: str, content_type: str) -> bool:
    """Whether a caption is only the document's own name, which WhatsApp sends when the writer adds no words."""
    extensions = _EXTENSIONS.get(normal_type(content_type), ())
    return len(text) <= LONGEST_NAME and "\n" not in text and text.casefold().endswith(extensions or ("\0",))


def _boxed(head: bytes, declared: str) -> str:
    """ISO media files hold audio or video; the brand tells some of them, the sender's word the rest."""
    brand = head[8:12]
    if brand.startswith(b"M4A"):
        return "audio/mp4"
    if brand.startswith(b"3g"):
        return declared if declared in ("audio/3gpp", "video/3gpp") else "video/3gpp"
    return declared if declared in ("audio/mp4", "video/mp4") else "video/mp4"


def _zipped(content: bytes) -> str:
    if b"[Content_Types].xml" in content[:4096] or b"_rels/" in content[:4096]:
        for folder, kind in _ZIPPED:
            if folder in content:
                return kind
    return "application/zip"


def _is_text(head: bytes) -> bool:
    if b"\x00" in head or _ACTIVE.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 or not any(b < 9 for b in head)
    return True
