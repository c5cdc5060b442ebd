"""What the rules about machines look at: a mail's headers, parts, sender and text in one value."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from bot.channels.headers import Address, Headers, parse_addresses
from bot.channels.parts import Part

_NULL_TRACE: Final = re.compile(r"envelope-from <>|invoked for bounce|\bfrom <>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnAddresses:
    """What is the office's own: its mailboxes, and the domains of the Message-IDs that it makes. Lower case."""

    addresses: frozenset[str] = frozenset()
    message_id_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign that was found: a stable `code`, and what was seen (`detail`, one line)."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Envelope:
    """What the rules look at."""

    headers: Headers
    root: Part
    sender: Address
    subject: str
    text: str
    own: OwnAddresses

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        return tuple(part for part in self.root.walk() if not part.is_multipart)

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(part.content_type for part in self.root.walk())

    @property
    def report_type(self) -> str:
        return self.root.parameter("report-type").lower()

    @cached_property
    def senders(self) -> tuple[Address, ...]:
        return (self.sender, *parse_addresses(self.headers.raw("sender")))

    @property
    def null_return_path(self) -> bool:
        """The envelope sender was empty, as for everything that must not be answered (RFC 5321 4.5.5)."""
        paths = self.headers.all("return-path")
        traces = islice(self.headers.all("received"), 3)
        return any(path.strip() in ("<>", "") for path in paths) or any(_NULL_TRACE.search(t) for t in traces)

    @property
    def returns_to_sender(self) -> bool:
        """The envelope sender is the person in From: people write like that, daemons never."""
        paths = {a.address.casefold() for a in parse_addresses(self.headers.raw("return-path"))}
        return bool(self.sender.address) and self.sender.address.casefold() in paths
