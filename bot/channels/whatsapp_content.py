"""Buttons and lists: what has to exist at Twilio so that a message can carry them, and how it is filled.

WhatsApp's buttons need a Content resource. One per message would never end; one for each *shape* is enough: its kind
(buttons or list), how many options, how the lines of its body are arranged. Everything else is a variable: each line
of text, each title, each id. A line is one variable because Twilio refuses line breaks inside a value (error 21656);
the breaks are in the shape. For messages within the 24-hour window, which need no approval, Twilio's documentation
allows a body that begins and ends with a variable; the rules against that are for approved templates only.

An option's id is "key|token": our option, and the message that it belongs to, so that an old button is recognised.
Whatever does not fit gives None, and the message leaves as text with numbers, which the core understands as well.
Sources: Twilio, twilio/quick-reply, twilio/list-picker, Using Variables with Content Templates; errors 21656, 63021.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from bot.channels.whatsapp_reading import SEPARATOR
from bot.channels.whatsapp_text import one_line, shortened, units

MOST_BUTTONS: Final = 3
MOST_ITEMS: Final = 10
LONGEST_TITLE: Final = 20
LONGEST_ITEM: Final = 24
LONGEST_DESCRIPTION: Final = 72
LONGEST_ID: Final = 200
LONGEST_BODY: Final = 1024
MOST_LINES: Final = 60  # 60 lines and 10 x 3 variables of options stay below the 100 that a content may have
_CHOOSE: Final = {"id": "Pilih", "en": "Choose"}
_TAP: Final = {"id": "Ketuk untuk memilih", "en": "Tap to choose"}


class Kind(StrEnum):
    BUTTONS = "quick-reply"
    LIST = "list-picker"


@dataclass(frozen=True, slots=True)
class Shape:
    """What one Content resource is for. `breaks`: after each line but the last, how many line breaks follow (1, 2)."""

    kind: Kind
    options: int
    breaks: tuple[int, ...]
    language: str

    @property
    def name(self) -> str:
        """The resource's friendly name: the same shape has the same name, today and after a restart."""
        definition = json.dumps(self.definition, sort_keys=True)
        return f"pst_{self.kind.value}_{hashlib.sha256(definition.encode()).hexdigest()[:16]}"

    @property
    def definition(self) -> dict[str, Any]:
        """Language, sample values and types, as the Content API takes them."""
        menu: dict[str, Any] = {"body": self._body(), "actions": self._buttons()}
        if self.kind is Kind.LIST:
            menu = {"body": self._body(), "button": _word(_CHOOSE, self.language), "items": self._items()}
        count = self._lines + self.options * self._each
        return {
            "language": self.language,
            "variables": {str(number): f"contoh {number}" for number in range(1, count + 1)},
            "types": {f"twilio/{self.kind.value}": menu},
        }

    @property
    def _lines(self) -> int:
        return len(self.breaks) + 1

    @property
    def _each(self) -> int:
        """Variables of one option: title and id, in a list a description too."""
        return 3 if self.kind is Kind.LIST else 2

    def _body(self) -> str:
        following = ["\n" * count for count in self.breaks] + [""]
        return "".join(_slot(number) + gap for number, gap in enumerate(following, 1))

    def _buttons(self) -> list[dict[str, str]]:
        return [{"type": "QUICK_REPLY", "title": _slot(n), "id": _slot(n + 1)} for n in self._firsts()]

    def _items(self) -> list[dict[str, str]]:
        return [{"item": _slot(n), "id": _slot(n + 1), "description": _slot(n + 2)} for n in self._firsts()]

    def _firsts(self) -> range:
        """Numbers of the variables that the options' titles are."""
        first = self._lines + 1
        return range(first, first + self.options * self._each, self._each)


@dataclass(frozen=True, slots=True)
class Menu:
    """A message with buttons or a list: the shape, and what its variables are."""

    shape: Shape
    variables: Mapping[str, str]


def menu(text: str, options: Sequence[tuple[str, str]], token: str, language: str) -> Menu | None:
    """How a text with options leaves as buttons or a list; None when it does not fit."""
    lines, breaks = _lines(text)
    titles = [_title(title) for _, title in options]
    ids = [f"{key}{SEPARATOR}{token}" for key, _ in options]
    shown = [shortened(title, LONGEST_ITEM) for title in titles]
    if not _fits(text, lines, breaks, titles, ids) or len(set(shown)) < len(shown):
        return None
    kind = _kind(titles)
    values = list(lines)
    for title, full, name in zip(shown, titles, ids, strict=True):
        values += [title, name]
        if kind is Kind.LIST:
            values.append(_description(title, full, language))
    shape = Shape(kind, len(options), breaks, language if language in _CHOOSE else "id")
    return Menu(shape, {str(number): value for number, value in enumerate(values, 1)})


def clean(value: str) -> str:
    """A value that Twilio accepts for a variable: one line, no tabs, no runs of spaces, no braces, never empty."""
    line = re.sub(r" {4,}", "   ", re.sub(r"[\s\x00-\x1f]", " ", value)).strip()
    return re.sub(r"\{(?=\{)", "{ ", re.sub(r"\}(?=\})", "} ", line)) or "-"


def packed(variables: Mapping[str, str]) -> str:
    """ContentVariables: JSON without a bare apostrophe, over which some senders have stumbled (error 21656)."""
    return json.dumps(dict(variables)).replace("'", "\\u0027")


def _lines(text: str) -> tuple[list[str], tuple[int, ...]]:
    """The lines that say something, and how many breaks follow each but the last."""
    pieces = re.split(r"(\s*\n\s*)", text.strip())
    lines = [clean(piece) for piece in pieces[::2]]
    return lines, tuple(min(2, gap.count("\n")) for gap in pieces[1::2])


def _fits(text: str, lines: Sequence[str], breaks: Sequence[int], titles: Sequence[str], ids: Sequence[str]) -> bool:
    return (
        0 < len(titles) <= MOST_ITEMS
        and bool(text.strip())
        and sum(units(line) for line in lines) + sum(breaks) <= LONGEST_BODY
        and len(lines) <= MOST_LINES
        and all(titles)
        and all(len(name) <= LONGEST_ID for name in ids)
    )


def _kind(titles: Sequence[str]) -> Kind:
    short = len(titles) <= MOST_BUTTONS and all(units(title) <= LONGEST_TITLE for title in titles)
    return Kind.BUTTONS if short else Kind.LIST


def _description(title: str, full: str, language: str) -> str:
    """A list wants a line below each title: what did not fit into it, else what to do."""
    return shortened(full, LONGEST_DESCRIPTION) if full != title else _word(_TAP, language)


def _title(title: str) -> str:
    """An option's title as a value, "" when there is nothing to be seen of it."""
    seen = clean(title)
    return "" if seen == "-" else one_line(seen)


def _slot(number: int) -> str:
    return f"{{{{{number}}}}}"


def _word(words: Mapping[str, str], language: str) -> str:
    return words.get(language, words["id"])
