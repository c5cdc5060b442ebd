"""A webhook's form: name-value pairs as they came, and the same by name.

Twilio adds fields without notice, sends blank ones, and signs all of them. So the pairs are kept whole and in order
for the signature; the rooms that read a message look fields up by name and believe none of them.
Source: Twilio, "Twilio's request to your incoming message webhook URL".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

Pairs = Sequence[tuple[str, str]]
Fields = Mapping[str, str | Sequence[str]]

MOST_FIELDS: Final = 400
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's text takes neither NUL nor lone surrogates


class FormError(ValueError):
    """The body is no form that could have come from Twilio."""


def read_form(body: bytes) -> tuple[tuple[str, str], ...]:
    """The pairs of an `application/x-www-form-urlencoded` body, blank ones and repeated names included.

    Raises FormError when there are more than MOST_FIELDS of them.
    """
    try:
        text = body.decode("utf-8", "replace")
        return tuple(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise FormError(str(error)) from error


def form_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Pairs by name, ready for a JSON column: a string, or a list for a repeated name."""
    fields: dict[str, str | list[str]] = {}
    for name, value in pairs:
        name, value = _storable(name), _storable(value)
        known = fields.get(name)
        if known is None:
            fields[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[name] = [known, value]
    return fields


def field(fields: Fields, name: str) -> str:
    """One field, trimmed; "" when it is absent. Of a repeated one the first that says something."""
    value = fields.get(name)
    values = value if isinstance(value, list | tuple) else (value,)
    texts = (_storable(str(item)).strip() for item in values if item is not None)
    return next((text for text in texts if text), "")


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("", text)
