"""A letter -> what is handed to Twilio: one parcel, or up to three for a long text. Pure.

The same letter makes the same parcels on every attempt; that is how it is recognised at the provider afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.port import File, Letter
from bot.channels.twilio_errors import fault
from bot.channels.whatsapp_approval import filled, rendered
from bot.channels.whatsapp_content import Menu, packed
from bot.channels.whatsapp_text import TooLong, numbered, one_line, split
from bot.core.effects import Template

_NOT_HERE = {
    "id": "_Lampiran {names} tidak dapat dikirim lewat WhatsApp. Tulis alamat e-mail Anda bila memerlukannya._",
    "en": "_The attachment {names} cannot be sent over WhatsApp. Write your e-mail address if you need it._",
}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message at the provider. `text` is how the citizen reads it; with a `content_sid` it is not sent as body.

    `marks`: words by which an approved template is recognised, whose text the office may have changed at Twilio.
    """

    text: str
    content_sid: str | None = None
    variables: Mapping[str, str] | None = None
    marks: tuple[str, ...] = ()

    @property
    def request(self) -> dict[str, Any]:
        """The arguments of the SDK's `messages.create` that carry the words."""
        if self.content_sid is None:
            return {"body": self.text}
        filling = {"content_variables": packed(self.variables)} if self.variables else {}
        return {"content_sid": self.content_sid, **filling}

    def is_in(self, body: str) -> bool:
        """Whether a message in the provider's list is this one. Its spaces and line breaks may have changed; what
        follows the text there are buttons, written out."""
        listed, mine = one_line(body), one_line(self.text)
        if self.marks:
            return all(mark in listed for mark in self.marks)
        return listed == mine if self.content_sid is None else listed.startswith(mine)


def from_template(letter: Letter, sids: Mapping[Template, str]) -> tuple[Parcel, ...]:
    """An approved template. Raises DeliveryError when the office has none of that name."""
    name = str(letter.template)
    template = Template(name) if name in {t.value for t in Template} else None
    if template is None or not sids.get(template):
        raise fault("no_template").error()
    values = filled(template, letter.variables)
    return (Parcel(rendered(template, letter.variables), sids[template], values, tuple(values.values())),)


def from_menu(letter: Letter, menu: Menu, sid: str) -> tuple[Parcel, ...]:
    return (Parcel(body_text(letter), sid, menu.variables),)


def from_text(letter: Letter) -> tuple[Parcel, ...]:
    """Plain text, options with numbers. Raises DeliveryError for what no three messages can hold, and for nothing."""
    text = numbered(body_text(letter), [title for _, title in letter.options], letter.language)
    if not text.strip():
        raise fault("empty").error()
    try:
        return tuple(Parcel(part) for part in split(text))
    except TooLong as error:
        raise fault("too_long").error() from error


def body_text(letter: Letter) -> str:
    """The words of a letter. Files do not travel this way; it is said rather than kept quiet."""
    return "\n\n".join(part for part in (letter.text.strip(), _about_files(letter.files, letter.language)) if part)


def could_be(letter: Letter, body: str, sids: Mapping[Template, str]) -> bool:
    """Whether a listed message may be this letter, in whichever form it left: text, buttons, or a template's words."""
    if letter.template is not None:
        return from_template(letter, sids)[0].is_in(body)
    listed, words = one_line(body), one_line(body_text(letter))
    if words and (listed.startswith(words) if letter.options else listed == words):
        return True
    return any(listed == one_line(rendered(template, letter.variables)) for template in sids)


def _about_files(files: Sequence[File], language: str) -> str:
    if not files:
        return ""
    names = ", ".join(file.filename for file in files)
    return _NOT_HERE.get(language, _NOT_HERE["id"]).format(names=names)
