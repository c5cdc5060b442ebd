"""Twilio, played: a real HTTP server on loopback that takes messages as Twilio does and calls back as Twilio does.

    with Provider() as provider:
        provider.account("AC1", "secret", "whatsapp:+62...", message_url="http://.../message")
        rina = provider.user("+6281230000001")
        rina.says("halo").result()          # a signed webhook; `await` works as well
        provider.next_send("63016")         # the next message is refused
        provider.expect("+6281230000001", "Selamat")   # the test names what it expects to be sent
        provider.check()                    # fails on anything that no test named

It checks credentials, addresses, lengths, variables, the 24-hour window, the pace to one person, and the limits of the
Content API; reports follow by signed callbacks. Everything that was asked of it is kept. The clock may be the test's.
Sources: docs of Twilio's Messages, Media and Content resources; CHANNELS notes of this project.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from tests.standins.loopback import Answer, Call, Loopback, Request
from tests.standins.twilio_api import Api
from tests.standins.twilio_model import OUTCOMES, STATUS_OF_CODE, Account, Content, Message, Outcome, new_sid
from tests.standins.twilio_people import Person, bsuid_of
from tests.standins.twilio_webhooks import Caller, Pairs, Signing

DELIVERED: Final = ("sent", "delivered")


class Provider:
    """`reports`: the statuses that follow an accepted message by themselves. `port` 0: any free one."""

    def __init__(self, now: Callable[[], datetime] | None = None, port: int = 0) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.reports: tuple[str, ...] = DELIVERED
        self.accounts: dict[str, Account] = {}
        self.people: dict[str, Person] = {}
        self._addresses: dict[str, Person] = {}
        self.messages: list[Message] = []
        self.contents: dict[str, Content] = {}
        self.refused: list[tuple[dict[str, str], str]] = []  # what was asked for, and the code it was refused with
        self.requests: list[tuple[str, str]] = []
        self.script: deque[Outcome] = deque()
        self.contents_fail: Outcome | None = None
        self.pair_burst = 45
        self._callbacks = Caller()
        self._pending: set[asyncio.Task[Any]] = set()
        self._api = Api(self)
        self._server = Loopback(self._handle, port)

    # --- life ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Provider:
        self._server.__enter__()
        self._server.closing.append(self._callbacks.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    def idle(self) -> Call[None]:
        """Waits until every webhook and report that is under way has been answered."""
        return self._server.run(self._idle())

    async def _idle(self) -> None:
        while self._pending:
            await asyncio.wait(set(self._pending))

    # --- the scene -------------------------------------------------------------------------------------------------

    def account(self, sid: str, token: str, sender: str, **more: Any) -> Account:
        """An account with one WhatsApp sender; `more`: message_url, via, shared_key."""
        account = Account(sid, [token], [sender], **more)
        self.accounts[sid] = account
        return account

    @property
    def default(self) -> Account:
        return next(iter(self.accounts.values()))

    def user(self, number: str, *, bsuid: bool = False, hides_number: bool = False, **more: Any) -> Person:
        """A person; the same number is the same person. `bsuid`: his business-scoped id is told as well."""
        if number not in self.people:
            known_as = bsuid_of(number) if bsuid or hides_number else None
            person = Person(self, number, bsuid=known_as, hides_number=hides_number, **more)
            self.people[number] = person
            self._addresses |= {f"whatsapp:{number}": person, f"whatsapp:{known_as}": person}
        return self.people[number]

    def approve(self, definition: dict[str, Any], account: Account | None = None) -> Content:
        """A Content resource that WhatsApp has approved."""
        content = Content(
            new_sid("HX"), account or self.default, definition["friendly_name"], definition["language"],
            dict(definition["variables"]), definition["types"], approved=True,
        )  # fmt: skip
        self.contents[content.sid] = content
        return content

    # --- the script ------------------------------------------------------------------------------------------------

    def next_send(self, outcome: str, *, times: int = 1, later: bool = False, **more: Any) -> None:
        """How the next message is taken: a name of OUTCOMES or an error code; `later`: the code comes by report.

        `more`: delay (s), retry_after (s), problem (an error body after RFC 9457), to (only messages to that address).
        """
        known = OUTCOMES.get(outcome)
        if known is None:
            failing = Outcome(STATUS_OF_CODE.get(outcome, 400), outcome, accept=False)
            known = Outcome(fails_later=outcome) if later else failing
        self.script.extend([replace(known, **more)] * times)

    def report(self, message: Message, status: str, code: str = "") -> Call[int]:
        """A status callback now, whatever came before; the HTTP status that it was answered with."""
        return self._server.run(self.call_back(message, status, code))

    # --- what was sent ---------------------------------------------------------------------------------------------

    @property
    def sent(self) -> list[Message]:
        """Accepted messages, in their order."""
        return [m for m in self.messages if m.direction != "inbound"]

    def expect(self, to: str | None = None, contains: str = "") -> Message:
        """The next message that no test has named yet; fails when there is none like this."""
        for message in self.sent:
            right = to is None or message.recipient.endswith(to)
            if not message.named and right and contains in message.body:
                message.named = True
                return message
        raise AssertionError(f"nothing to {to} with {contains!r}; sent: {[(m.recipient, m.body) for m in self.sent]}")

    def unexpected(self) -> list[Message]:
        return [m for m in self.sent if not m.named]

    def check(self) -> None:
        """Fails on what was sent without any test naming it, and on faults of the stand-in itself."""
        assert not self._server.faults, self._server.faults
        assert not self.unexpected(), [(m.recipient, m.body) for m in self.unexpected()]

    # --- in the server's thread ------------------------------------------------------------------------------------

    async def _handle(self, request: Request) -> Answer:
        self.requests.append((request.method, request.path))
        return await self._api.answer(request)

    def receive(self, message: Message, pairs: Pairs, times: int, signing: Signing) -> Call[list[int]]:
        """A message from a person: kept, and the office's webhook called `times` times at once."""
        self.messages.append(message)
        return self._server.run(self._call(message, pairs, times, signing))

    async def _call(self, message: Message, pairs: Pairs, times: int, signing: Signing) -> list[int]:
        url = message.account.message_url
        if url is None:
            return []
        calls = (self._callbacks.call(message.account, url, pairs, signing) for _ in range(times))
        return list(await asyncio.gather(*calls))

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def follow_up(self, message: Message, outcome: Outcome, failure: str | None) -> None:
        """The reports that belong to a message, one after the other."""
        if failure:
            await self.call_back(message, "undelivered" if failure.startswith("63") else "failed", failure)
            return
        for status in self.reports if outcome.report else ():
            await self.call_back(message, status)

    async def call_back(self, message: Message, status: str, code: str = "") -> int:
        message.status, message.error_code = status, code or None
        if message.callback is None:
            return 0
        return await self._callbacks.call(message.account, message.callback, self._report(message, status, code))

    def _report(self, message: Message, status: str, code: str) -> Sequence[tuple[str, str]]:
        error = [("ErrorCode", code), ("ErrorMessage", "")] if code else []
        read = [("EventType", "READ")] if status == "read" else []
        return [
            ("ChannelPrefix", "whatsapp"), ("SmsSid", message.sid), ("SmsStatus", status), ("MessageStatus", status),
            ("ChannelToAddress", message.recipient), ("To", message.recipient), ("MessageSid", message.sid),
            ("AccountSid", message.account.sid), ("From", message.sender), ("ApiVersion", "2010-04-01"),
            ("StructuredMessage", "false"), *read, *error,
        ]  # fmt: skip

    def outcome(self, recipient: str) -> Outcome:
        """What the script says of the next message to this recipient."""
        with suppress(IndexError):
            first = self.script[0]
            if first.to is None or recipient.endswith(first.to):
                return self.script.popleft()
        return Outcome()

    def person_at(self, address: str) -> Person | None:
        return self._addresses.get(address)
