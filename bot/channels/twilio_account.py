"""What the WhatsApp rooms need to know of an office's account at Twilio: the shape only, settings fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.core.effects import Template


class Secret(Protocol):
    """A value that must never be printed."""

    @property
    def value(self) -> str: ...


class Account(Protocol):
    """`auth_tokens`: the current one first, a second one while rotating. `sender`: "whatsapp:+62...".

    `templates`: Content SIDs of the approved templates. With a `shared_key`, webhooks must be signed with it.
    """

    @property
    def account_sid(self) -> str: ...

    @property
    def auth_tokens(self) -> Sequence[Secret]: ...

    @property
    def sender(self) -> str: ...

    @property
    def templates(self) -> Mapping[Template, str]: ...

    @property
    def shared_key(self) -> Secret | None: ...
