"""The approved templates: what may leave when WhatsApp's window is shut.

Each is a file in whatsapp_templates/, in the words that the approval asks for; the operator has it approved once and
puts its Content SID into the settings. Here the same files say which variables there are and how the sent message
reads, so that it can be recognised in the provider's list.
Meta's rules for approval: a body neither begins nor ends with a variable, no two of them stand side by side, they are
numbered without gaps, each has a sample, and around x of them stand at least 2x + 1 words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from bot.channels.whatsapp_content import clean
from bot.core.effects import Template
from scheduler.indonesian import long_date

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Form:
    """One template as it is submitted. `buttons` are (id, title) pairs; ids are keys of the core, without a token."""

    name: str
    category: str
    language: str
    body: str
    samples: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_VARIABLE.findall(self.body)))

    @property
    def definition(self) -> dict[str, Any]:
        """What the Content API takes to create it (POST /v1/Content)."""
        content: dict[str, Any] = {"body": self.body}
        if self.buttons:
            content["actions"] = [{"type": "QUICK_REPLY", "title": title, "id": key} for key, title in self.buttons]
        return {
            "friendly_name": self.name,
            "language": self.language,
            "variables": {str(number): sample for number, sample in enumerate(self.samples, 1)},
            "types": {f"twilio/{'quick-reply' if self.buttons else 'text'}": content},
        }

    @property
    def approval(self) -> dict[str, str]:
        """What the approval takes (POST /v1/Content/{sid}/ApprovalRequests/whatsapp)."""
        return {"name": self.name, "category": self.category}


@cache
def forms() -> Mapping[Template, Form]:
    """All templates, read from their files."""
    return {template: _read(template) for template in Template}


def filled(template: Template, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that a template has, each with a value that Twilio accepts ("-" where we know none).

    A day ("2026-11-20") is written out in words.
    """
    return {name: clean(_worded(variables.get(name, ""))) for name in forms()[template].variables}


def rendered(template: Template, variables: Mapping[str, str]) -> str:
    """The text that the citizen reads."""
    values = filled(template, variables)
    return _VARIABLE.sub(lambda m: values[m[1]], forms()[template].body)


def _worded(value: str) -> str:
    try:
        return long_date(date.fromisoformat(value)) if _DAY.fullmatch(value) else value
    except ValueError:
        return value


def _read(template: Template) -> Form:
    folder = resources.files("bot") / "channels" / "whatsapp_templates"
    row = tomllib.loads((folder / f"{template.value}.toml").read_text(encoding="utf-8"))
    buttons = tuple((b["id"], b["title"]) for b in row.get("buttons", ()))
    return Form(row["name"], row["category"], row["language"], row["body"].strip(), tuple(row["samples"]), buttons)
