"""What the WhatsApp tests share: an office, the played Twilio, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.port import Letter
from bot.channels.twilio_http import Wire
from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_approval import forms
from bot.channels.whatsapp_status import Callbacks
from bot.core.effects import Template
from tests.standins.twilio import Provider
from tests.standins.twilio_people import Person

ACCOUNT = "AC00000000000000000000000000003514"
TOKEN = "token-of-the-account"
SENDER = "whatsapp:+6281230003514"
RINA = "+6281230000001"
NOBODY = "http://127.0.0.1:1"  # where the reports go in these tests: nobody listens
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
VALUES = {"1": "3514-2026-000001", "2": "2026-11-20"}
LONG = "\n\n".join(f"Bagian {n}. " + "Inflasi adalah kenaikan harga secara umum. " * 30 for n in (1, 2, 3)).strip()
TWO = (("helpful", "Sudah jelas"), ("unhelpful", "Tanya petugas"))


@dataclass(frozen=True)
class Key:
    value: str


@dataclass(frozen=True)
class Office:
    """An account as the settings describe it."""

    account_sid: str = ACCOUNT
    auth_tokens: Sequence[Key] = (Key(TOKEN),)
    sender: str = SENDER
    templates: Mapping[Template, str] = field(default_factory=dict)
    shared_key: Key | None = None


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = START
        self.waits: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Scene:
    provider: Provider
    clock: Clock
    wire: Wire
    office: Office
    rina: Person
    owned: set[str] = field(default_factory=set)

    def channel(self, office: Office | None = None, **more: Any) -> WhatsApp:
        async def owned(sids: Sequence[str]) -> set[str]:
            return self.owned & set(sids)

        callbacks = Callbacks(NOBODY, "3514", "secret-of-the-service")
        return WhatsApp(
            office or self.office, self.wire, callbacks, self.clock, owned=owned, pause=self.clock.pause, **more
        )


@asynccontextmanager
async def scene(timeout: float = 5.0) -> AsyncIterator[Scene]:
    """Everything that was sent must have been named by the test when this ends."""
    clock = Clock()
    with Provider(clock) as provider:
        provider.account(ACCOUNT, TOKEN, SENDER)
        templates = {template: provider.approve(form.definition).sid for template, form in forms().items()}
        wire = Wire(provider.url, timeout)
        rina = provider.user(RINA)
        rina.wrote()
        try:
            yield Scene(provider, clock, wire, Office(templates=templates), rina)
            await provider.idle()
        finally:
            await wire.close()
        provider.check()


def letter(text: str = "Selamat pagi", **more: Any) -> Letter:
    fields: dict[str, Any] = {"token": "token-1", "office": "3514", "recipient": RINA, "created_at": START} | more
    return Letter(text=text, **fields)
