"""What Twilio and WhatsApp do not let through: at once (an error in the answer) or later (a failed delivery report).

Pure: an order, what is known of both sides, and the moment; out come codes. Limits and codes as Twilio's error
dictionary and its pages on Content types state them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tests.standins.twilio_model import WINDOW, Account, Content

_TO: Final = re.compile(r"whatsapp:(?:\+[1-9]\d{5,14}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128})")
_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_BODY: Final = 1600
_LONGEST_CONTENT: Final = 1024


@dataclass(frozen=True)
class Recipient:
    """What the provider knows of whom a message goes to."""

    last_wrote: datetime | None = None
    blocks: bool = False
    opted_out: bool = False
    on_whatsapp: bool = True


@dataclass(frozen=True)
class Rendered:
    """What a message looks like on the phone."""

    body: str
    buttons: tuple[tuple[str, str], ...] = ()
    kind: str = ""


def refused_at_once(form: Mapping[str, str], account: Account, content: Content | None, to: Recipient) -> str | None:
    """The code of an error in the answer to the request, or None."""
    checks = (
        ("21211", not _TO.fullmatch(form.get("To", "")) and form.get("To", "").startswith("whatsapp:")),
        ("21910", not form.get("To", "").startswith("whatsapp:")),
        ("63007", form.get("From") not in account.senders),
        ("21609", "StatusCallback" in form and not re.match(r"https?://[^/_]+/", form["StatusCallback"])),
        ("21610", to.opted_out),
        ("21617", _units(form.get("Body", "")) > _LONGEST_BODY),
        ("21619", not form.get("Body") and "ContentSid" not in form and "MediaUrl" not in form),
        ("21655", "ContentSid" in form and content is None),
        ("21656", "ContentSid" in form and _variables(form) is None),
        ("21658", any(_units(v) > _LONGEST_BODY for v in (_variables(form) or {}).values())),
    )
    return next((code for code, wrong in checks if wrong), None)


def fails_later(form: Mapping[str, str], content: Content | None, to: Recipient, now: datetime) -> str | None:
    """The code that a failed delivery report brings, or None."""
    is_open = to.last_wrote is not None and now < to.last_wrote + WINDOW
    shown = render(form, content)
    checks = (
        ("63024", not to.on_whatsapp),
        ("63014", to.blocks),
        ("63016", not is_open and (content is None or not content.approved)),
        ("63028", content is not None and bool(set(_variables(form) or {}) - set(content.variables))),
        ("63021", content is not None and not _fits(shown, content.approved)),
    )
    return next((code for code, wrong in checks if wrong), None)


def render(form: Mapping[str, str], content: Content | None) -> Rendered:
    """The text and the buttons that the citizen sees."""
    if content is None:
        return Rendered(form.get("Body", ""))
    values = content.variables | (_variables(form) or {})
    kind, menu = next(iter(content.types.items()))
    body = _filled(menu.get("body", ""), values)
    options = menu.get("actions") or menu.get("items") or ()
    buttons = ((_filled(o["id"], values), _filled(o.get("title") or o.get("item"), values)) for o in options)
    return Rendered(body, tuple(buttons), kind)


def content_fault(definition: Any) -> str | None:
    """Why a Content resource cannot be created, or None."""
    if not isinstance(definition, dict) or not definition.get("language") or not definition.get("types"):
        return "language and types are required"
    for kind, menu in definition["types"].items():
        if kind not in ("twilio/text", "twilio/quick-reply", "twilio/list-picker") or not menu.get("body"):
            return f"{kind}: no such type, or without a body"
        if _fixed(menu["body"]) > (1600 if kind == "twilio/text" else _LONGEST_CONTENT):
            return "body is too long"
        if fault := _options_fault(kind, menu):
            return fault
    used = set(_VARIABLE.findall(json.dumps(definition["types"])))
    return None if used <= set(definition.get("variables") or {}) else "a variable has no sample"


def _options_fault(kind: str, menu: Mapping[str, Any]) -> str | None:
    actions, items = menu.get("actions") or [], menu.get("items") or []
    if kind == "twilio/quick-reply":
        good = 1 <= len(actions) <= 10 and all(a.get("title") and _fixed(a["title"]) <= 20 for a in actions)
        return None if good else "actions are too many or too long"
    if kind == "twilio/list-picker":
        good = 1 <= len(items) <= 10 and bool(menu.get("button")) and _fixed(menu["button"]) <= 20
        good = good and all(i.get("item") and i.get("id") and i.get("description") for i in items)
        return None if good and all(_fixed(i["item"]) <= 24 for i in items) else "items are too many or too long"
    return None


def _fits(shown: Rendered, approved: bool) -> bool:
    """WhatsApp's limits once the variables are filled; without approval only three buttons."""
    title, most = (20, 10 if approved else 3) if shown.kind == "twilio/quick-reply" else (24, 10)
    return (
        _units(shown.body) <= _LONGEST_CONTENT
        and all(0 < len(name) <= 200 and 0 < _units(t) <= title for name, t in shown.buttons)
        and len(shown.buttons) <= most
        and len({t for _, t in shown.buttons}) == len(shown.buttons)
    )


def _variables(form: Mapping[str, str]) -> dict[str, str] | None:
    """None when Twilio would refuse them (21656)."""
    try:
        values = json.loads(form.get("ContentVariables", "{}"))
    except ValueError:
        return None
    if not isinstance(values, dict):
        return None
    wrong = re.compile(r"[\n\r\t]| {5,}|^$")
    if any(not isinstance(v, str) or wrong.search(v) for v in values.values()):
        return None
    return values


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda m: values.get(m[1], m[0]), text)


def _fixed(text: str) -> int:
    """Length without the variables."""
    return _units(_VARIABLE.sub("", text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
