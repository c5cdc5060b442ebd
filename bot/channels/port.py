"""The port that every channel fills: one way to send, and errors that carry their own verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class File:
    """`refusal`: why staff should not open it (a code of bot/channels/attachments.py), "" if they may."""

    filename: str
    content_type: str
    content: bytes
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person.

    `token` is ours, unique, and the same on every attempt: it comes back in status reports and makes the Message-ID.
    `options` are (key, title) pairs. `template` with its variables replaces the text where the channel asks for one.
    `headers`: In-Reply-To and References for e-mail. `automatic`: "", "auto-replied" or "auto-generated" (RFC 3834).
    `attempts`: how often it was tried before. `plain`: without buttons, which were refused before.
    """

    token: str
    office: str
    recipient: str
    text: str
    created_at: datetime
    options: Sequence[tuple[str, str]] = ()
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    automatic: str = ""
    files: Sequence[File] = ()
    purpose: str = "reply"
    number: str | None = None
    language: str = "id"
    attempts: int = 0
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took it. `provider_id` is its name for the message; `readable`: taking it is as good as delivery.

    `messages`: how many it charges for, 0 where nothing is charged; `category`: as what (bot/core/charges.py).
    """

    provider_id: str | None
    readable: bool = False
    messages: int = 0
    category: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that the provider keeps for us until it is fetched."""

    url: str
    content_type: str
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a citizen sent, read out of the raw message by its channel's pure parser.

    `machine`: why no person wrote this ("" for a person); it is never answered. `unverified`: the sender could not be
    authenticated. `thread`: what a reply needs (e-mail: message_id, references, subject). `tokens`: our own tokens
    that the message answers. `quoted`: something was cut from the text; the whole stays in the raw message.
    `obstacle`: why it cannot be read as it is ("encrypted", "too_large", "" for nothing). `number`: the consultation
    that a mail's subject names; anybody may write one there. `proven`: the sender is who he says, as far as the
    office's mail server checks that at all.
    """

    text: str
    button: str | None = None
    files: Sequence[File] = ()
    media: Sequence[Media] = ()
    profile_name: str | None = None
    subject: str = ""
    thread: Mapping[str, str] = field(default_factory=dict)
    machine: str = ""
    unverified: bool = False
    tokens: Sequence[str] = ()
    quoted: bool = False
    phone: str | None = None
    bounce: Bounce | None = None
    obstacle: str = ""
    number: str | None = None
    proven: bool = True


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report by mail: of which of our messages (token), and whether for good."""

    token: str | None
    permanent: bool
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """A provider's delivery report. `rank`: as in bot/store/outbound.py; `failed`: it never arrived, `code` says why.

    `window_closed`: only a template may leave. `unwanted`: the receiver has blocked us. `plain`: its buttons were at
    fault, the same words can leave without them.
    """

    token: str | None
    provider_id: str | None
    rank: int
    failed: bool = False
    code: str = ""
    words: str = ""
    window_closed: bool = False
    unwanted: bool = False
    plain: bool = False


class Verdict(StrEnum):
    """What an error means for the message, said by the channel that knows."""

    TRY_AGAIN = "try_again"  # certainly not sent, will work later
    REFUSED = "refused"  # certainly not sent, never will be
    UNCERTAIN = "uncertain"  # may have been sent: ask before sending again
    WINDOW_CLOSED = "window_closed"  # only a template may leave
    CONFIGURATION = "configuration"  # our own fault: the channel stops, staff are told


class DeliveryError(Exception):
    """Sending failed. `code` is the provider's, `retry_after` in seconds where it said so.

    `unwanted`: the receiver has blocked us. `waited`: it was only not our turn; no attempt was made.
    """

    def __init__(
        self, verdict: Verdict, code: str, words: str, retry_after: float | None = None, *,
        unwanted: bool = False, waited: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(f"{code}: {words}")
        self.verdict = verdict
        self.code = code
        self.words = words
        self.retry_after = retry_after
        self.unwanted = unwanted
        self.waited = waited


class Channel(Protocol):
    """One office's way to speak on one channel."""

    async def send(self, letter: Letter) -> Receipt:
        """Hand over one message; raises DeliveryError, nothing else. Bounded in time."""
        ...

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """Whether an uncertain message was sent after all: its provider id, or None. Raises DeliveryError."""
        ...
