"""Who wrote: a WhatsApp user is not a phone number.

Since 2026 a user may hide his number behind a name. Then all that arrives is a business-scoped user id (BSUID), a
country code, a dot and up to 128 letters and digits ("ID.4566..."), scoped to one business. With a visible number
both arrive. A conversation's address is the BSUID where there is one, else the number, without "whatsapp:".

The same person may be known by his number only (he wrote before BSUIDs, or the message was found in the provider's
list, which has none); so both are handed over and the engine looks him up by either. Numbers are text: they are never
computed with, and never completed with a plus sign.
Source: Twilio, webhook request fields `From`, `ExternalUserId`, `WaId`; Meta, business-scoped user ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.channels.twilio_form import Fields, field

_PREFIX: Final = "whatsapp:"
_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")


@dataclass(frozen=True, slots=True)
class Identities:
    """`address` is the key of the conversation; `phone` (E.164, "+62...") and `bsuid` are what is known, or None."""

    address: str
    phone: str | None = None
    bsuid: str | None = None

    @property
    def also(self) -> str | None:
        """Another address under which the same person may already have a conversation."""
        return self.phone if self.phone != self.address else None


def identities(fields: Fields) -> Identities:
    """Who sent this message. The address is "" only for a form that names no sender at all."""
    sender, external = plain_address(field(fields, "From")), plain_address(field(fields, "ExternalUserId"))
    phone = next((a for a in (sender, external) if _E164.fullmatch(a)), None)
    bsuid = next((a for a in (external, sender) if a and not _E164.fullmatch(a)), None)
    return Identities(external or sender, phone, bsuid)


def address_of(fields: Fields) -> tuple[str, str | None]:
    """The key of the sender's conversation, and his phone number where it is visible."""
    who = identities(fields)
    return who.address, who.phone


def addressee(fields: Fields) -> str:
    """To whom the message of a delivery report went, without "whatsapp:"."""
    return plain_address(field(fields, "To"))


def plain_address(channel_address: str) -> str:
    """ "whatsapp:+62..." -> "+62..."."""
    return channel_address.strip().removeprefix(_PREFIX).strip()


def channel_address(address: str) -> str:
    """ "+62..." or "ID.4566..." -> what Twilio takes as To or From."""
    return _PREFIX + plain_address(address)
