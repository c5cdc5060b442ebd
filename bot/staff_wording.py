"""What officers read in notification mails: bot/wording/staff.toml, filled from one consultation."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from typing import Any

from bot.core.effects import DATA_REQUEST_TERM, Notice
from bot.core.model import Channel, Conversation, Office
from scheduler.indonesian import long_date, long_moment

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d")
_CHANNELS = {Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: "e-mail"}


class Stray(StrEnum):
    """What somebody answered whom we did not write to. STAFF_THREAD: a notification for officers. OTHER_CHANNEL: it was
    sent to this very address, but belongs to a conversation on WhatsApp. NUMBER: he only names the consultation.
    """

    STAFF_THREAD = "staff_thread"
    THREAD = "thread"
    OTHER_CHANNEL = "other_channel"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class StaffText:
    """A mail to an officer."""

    subject: str
    body: str


class StaffWording:
    """Words notifications and digests. `public_url` is where the inbox is."""

    def __init__(self, public_url: str) -> None:
        text = (resources.files("bot") / "wording" / "staff.toml").read_text(encoding="utf-8")
        self._texts: dict[str, Any] = tomllib.loads(text)
        self._public_url = public_url

    def notice(
        self, kind: Notice, text: str, conversation: Conversation, office: Office, now: datetime, *, doubt: str = ""
    ) -> StaffText:
        """One notification; a consultation's own can be answered by replying to it."""
        facts = self._facts(text, conversation, office, now)
        body = self._texts["body"][kind].format_map(facts)
        if doubt:
            body = f"{self._texts['doubts'][doubt]}\n\n{body}"
        footer = self._texts["footer"]["reply" if conversation.consultation else "open"].format_map(facts)
        return StaffText(self._texts["subject"][kind].format_map(facts), f"{body}\n\n{footer}")

    def stray(self, kind: Stray, number: str, sender: str, text: str) -> StaffText:
        """A mail in somebody else's thread; `sender` as he gave himself."""
        texts = self._texts["stray"]
        facts = {"number": number, "sender": sender, "text": text or "-", "link": f"{self._public_url}/inbox/{number}"}
        return StaffText(texts["subject"].format_map(facts), texts[kind].format_map(facts))

    def bounced(self, status: str, *, final: bool) -> str:
        """Why a mail came back, by its status (RFC 3463): the longest beginning that has words."""
        texts = self._texts["bounced"]
        why = next((texts[key] for key in (status[2:], status[2:4].rstrip("."), "other") if key in texts), "")
        return str(texts["final" if final else "delayed"]).format_map({"why": why, "status": status or "-"})

    def reply(self, kind: str, number: str, facts: Mapping[str, str]) -> StaffText:
        """What an officer hears about a mail of his (bot/engine/staff_mail.py)."""
        texts = self._texts["reply"]
        known = {**facts, "number": number, "link": f"{self._public_url}/inbox/{number}"}
        subject = texts["subject"].get(kind) or texts["subject"]["other"]
        return StaffText(subject.format_map(known).strip(), texts[kind].format_map(known).strip())

    def reply_line(self, kind: str, names: str) -> str:
        """One line about the files that came with his mail."""
        return "\n\n" + str(self._texts["reply"][kind]).format_map({"names": names})

    def digest(self, office: Office, counts: Mapping[str, int], now: datetime) -> StaffText:
        """The morning's summary of one office."""
        today = long_date(office.calendar.local(now))
        facts = {**counts, "office": office.name, "today": today, "link": f"{self._public_url}/inbox"}
        texts = self._texts["digest"]
        return StaffText(texts["subject"].format_map(facts), texts["body"].format_map(facts))

    def channel(self, key: str, **facts: object) -> str:
        """A line about the state of a channel."""
        return str(self._texts["channel"][key].format_map(facts))

    def news(self, text: str, office: Office) -> str:
        """What staff were told, in words: an appointment's news is a verb and a moment, everything else says itself."""
        verb, _, moment = text.partition(" ")
        words = self._texts["appointment"].get(verb)
        if words is None or not _MOMENT.fullmatch(moment):
            return text
        return str(words.format(at=long_moment(office.calendar.local(datetime.fromisoformat(moment)))))

    def _facts(self, text: str, conversation: Conversation, office: Office, now: datetime) -> dict[str, str]:
        c = conversation.consultation
        due = long_moment(office.calendar.local(c.due_at)) if c and c.due_at else "-"
        number = c.number if c and c.number else ""
        return {
            "number": number, "text": self.news(text, office) or "-", "citizen": citizen_name(conversation),
            "channel": _CHANNELS[conversation.channel], "due": due,
            "due_explanation": c.due_explanation if c else "", "question": c.question if c else "",
            "question_short": shortened(c.question if c else text),
            "due_line": f"Jawab paling lambat {due}." if c and c.due_at else "",
            "data_due": long_moment(office.calendar.local(now + DATA_REQUEST_TERM)),
            "link": f"{self._public_url}/inbox/{number}",
        }  # fmt: skip


def citizen_name(conversation: Conversation) -> str:
    """The name he gave, or a masked address: lists show no full number."""
    return conversation.details.name or conversation.name or masked(conversation.address)


def masked(address: str) -> str:
    """ "+62812•••0001", "ri•••@contoh.id"."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:2]}•••@{domain}"
    return f"{address[:6]}•••{address[-4:]}" if len(address) > 10 else address


def shortened(text: str, length: int = 60) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
