"""Bytes of a webhook -> what a citizen wrote. Pure, and total: whatever comes in, something sensible comes out.

WhatsApp delivers one thing per message: text, a tap (button or list), a file, a place, a contact. What has no words
gets some in brackets, so that a transcript can be read and the understanding sees that a thing came without a question.
Reactions, edits and notices of the system are no messages; should they ever arrive, no person wrote them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from bot.channels.port import Incoming, Media
from bot.channels.twilio_form import Fields, field
from bot.channels.whatsapp_identity import identities
from bot.channels.whatsapp_media_types import default_name, file_name, names_a_file, normal_type

MOST_MEDIA: Final = 10
SEPARATOR: Final = "|"
_LONGEST_PROFILE_NAME: Final = 100
_LONGEST_PLACE: Final = 200
_KEY: Final = re.compile(r"[a-z_]{1,40}(?::[^|\s]{1,120})?")  # an option of the core, "rate:5", "slot:2026-..."
_MACHINES: Final = frozenset(
    {"reaction", "edit", "edited", "revoke", "revoked", "delete", "deleted", "system", "call", "ephemeral", "protocol"}
)
_OPT_OUT_WORDS: Final[Mapping[str, str]] = {"STOP": "BERHENTI", "START": "MULAI"}
_OTHER: Final = "[pesan jenis lain]"
_PLACEHOLDER: Final = re.compile(
    r"\[(?:(?:gambar|dokumen|lokasi): [^\]\n]*|pesan suara|stiker|video|kontak|pesan jenis lain)\]"
)


def read_message(fields: Fields) -> Incoming:
    """What a citizen sent. Never raises."""
    media = _media(fields)
    key, token = _tapped(fields)
    replied_to = field(fields, "OriginalRepliedMessageSid")
    kind = field(fields, "MessageType").casefold()
    return Incoming(
        text=_text(fields, media),
        button=key,
        media=media,
        profile_name=_profile_name(fields),
        thread={"replied_to": replied_to} if replied_to else {},
        machine=kind if kind in _MACHINES else "",
        tokens=(token,) if token else (),
        phone=identities(fields).phone,
    )


def is_placeholder(text: str) -> bool:
    """Whether a text is nothing but our own words for things that came without any."""
    lines = text.split("\n")
    return all(_PLACEHOLDER.fullmatch(line) for line in lines)


def _text(fields: Fields, media: tuple[Media, ...]) -> str:
    opt_out = _OPT_OUT_WORDS.get(field(fields, "OptOutType").upper())
    if opt_out is not None:
        return opt_out
    body = field(fields, "Body")
    titles = (field(fields, name) for name in ("ButtonText", "ListTitle"))
    words = body or next((title for title in titles if title), "")
    if words and not (media and names_a_file(words, media[0].content_type)):
        return words
    return _in_brackets(fields, media)


def _in_brackets(fields: Fields, media: tuple[Media, ...]) -> str:
    kind = field(fields, "MessageType").casefold()
    if media:
        return "\n".join(_file_words(item, kind) for item in media)
    if field(fields, "Latitude") or field(fields, "Longitude"):
        return _place(fields)
    return "[kontak]" if kind in ("contact", "contacts") else _OTHER


def _file_words(item: Media, kind: str) -> str:
    family = item.content_type.partition("/")[0]
    if kind == "sticker" or item.content_type == "image/webp":
        return "[stiker]"
    if item.content_type == "text/vcard":
        return "[kontak]"
    simple = {"audio": "[pesan suara]", "video": "[video]"}.get(family)
    return simple or f"[{'gambar' if family == 'image' else 'dokumen'}: {_bare(item.filename)}]"


def _place(fields: Fields) -> str:
    words = (_bare(field(fields, name)) for name in ("Label", "Address"))
    known = ", ".join(dict.fromkeys(w for w in words if w))
    spot = _bare(f"{field(fields, 'Latitude')}, {field(fields, 'Longitude')}")
    return f"[lokasi: {known} ({spot})]" if known else f"[lokasi: {spot}]"


def _bare(text: str) -> str:
    """One line without brackets, for use inside them."""
    return " ".join(re.sub(r"[\[\]\x00-\x1f]", " ", text).split())[:_LONGEST_PLACE]


def _tapped(fields: Fields) -> tuple[str | None, str | None]:
    """The option that was tapped, and the token of the message it belongs to. Foreign payloads are only words."""
    payload = field(fields, "ButtonPayload") or field(fields, "ListId")
    key, _, token = payload.partition(SEPARATOR)
    if not _KEY.fullmatch(key):
        return None, None
    return key, token or None


def _media(fields: Fields) -> tuple[Media, ...]:
    """The files that came along; NumMedia is not believed, the addresses are."""
    found = []
    for index in range(MOST_MEDIA):
        url = field(fields, f"MediaUrl{index}")
        if url:
            found.append(_one_file(fields, url, normal_type(field(fields, f"MediaContentType{index}"))))
    return tuple(found)


def _one_file(fields: Fields, url: str, content_type: str) -> Media:
    body = field(fields, "Body")
    named = file_name(body, content_type) if names_a_file(body, content_type) else default_name(content_type)
    return Media(url, content_type, named)


def _profile_name(fields: Fields) -> str | None:
    """What the writer calls himself: untrusted, may hold anything; characters that reorder or hide text go."""
    spaced = " ".join(field(fields, "ProfileName").split())
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return visible[:_LONGEST_PROFILE_NAME].strip() or None
