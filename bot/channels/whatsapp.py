"""WhatsApp through Twilio: one office's way to speak, behind the port that every channel fills.

A letter leaves as an approved template, as a message with buttons, or as text. Which of them it is to be is decided
elsewhere; here only: what does not go with buttons goes as text.

A long text leaves in up to three parts, one after the other. Its receipt is the last part's. When a later part fails,
the letter as a whole failed or is uncertain; on the next attempt the provider is asked which parts are there already,
and only the missing ones are sent. `find` answers for the whole: None while a part is missing.

Everything is bounded: a request takes at most 10 seconds, a list at most 30, a `send` at most 75 together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

from bot.channels import twilio_media
from bot.channels.port import DeliveryError, File, Letter, Media, Receipt, Report, Verdict
from bot.channels.twilio_account import Account
from bot.channels.twilio_contents import Shelf
from bot.channels.twilio_errors import fault, from_exception, is_content_fault
from bot.channels.twilio_history import History, Listed
from bot.channels.twilio_http import Wire, client
from bot.channels.whatsapp_approval import forms
from bot.channels.whatsapp_content import menu
from bot.channels.whatsapp_identity import channel_address
from bot.channels.whatsapp_pace import Pace
from bot.channels.whatsapp_parcels import Parcel, body_text, could_be, from_menu, from_template, from_text
from bot.channels.whatsapp_status import Callbacks
from bot.core.charges import Category
from bot.core.effects import Template

SHORT_WAIT: Final = 1.0  # seconds that `send` itself waits for its turn; longer waits are the outbox's
BETWEEN_PARTS: Final = 1.0  # seconds, so that the parts of a text arrive in their order

Owned = Callable[[Sequence[str]], Awaitable[set[str]]]
Pause = Callable[[float], Awaitable[None]]


async def _none_owned(sids: Sequence[str]) -> set[str]:
    return set()


class WhatsApp:
    """The channel of one office.

    `now` is the clock. `owned`: which of these provider ids already belong to other messages of ours, so that one
    message is not taken for another with the same words. `pause` sleeps; tests do not.
    """

    def __init__(
        self, account: Account, wire: Wire, callbacks: Callbacks, now: Callable[[], datetime], *,
        owned: Owned = _none_owned, pause: Pause = asyncio.sleep, pace: Pace | None = None,
    ) -> None:  # fmt: skip
        self._account = account
        self._wire = wire
        self._callbacks = callbacks
        self._now = now
        self._owned = owned
        self._pause = pause
        self._pace = pace or Pace()
        self._client: Any = client(account, wire)
        self._shelf = Shelf(self._client, now)
        self._history = History(self._client, account)

    async def send(self, letter: Letter) -> Receipt:
        """Hand over one letter. Raises DeliveryError and nothing else."""
        if letter.template is not None:
            return await self._send(letter, from_template(letter, self._account.templates))
        from_text(letter)  # what cannot leave as text is refused before anything is asked for
        receipt = await self._send_menu(letter) if letter.options and not letter.plain else None
        return receipt or await self._send(letter, from_text(letter))

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """Whether a letter of unknown fate has left after all: the provider's id of it (of its last part), or None."""
        parcels = self._parcels(letter)
        if len(parcels) == 1:
            listed = await self._listed(letter, since)
            return next((m.sid for m in listed if could_be(letter, m.body, self._account.templates)), None)
        there = await self._sent_before(letter, parcels)
        return there[-1] if all(there) else None

    async def status(self, provider_id: str) -> Report:
        """How far a message has come, asked instead of waited for; for those that no report arrives about."""
        return await self._history.report(provider_id)

    async def missed(self, since: datetime) -> list[dict[str, str]]:
        """What citizens have sent since then, as webhook-like forms, oldest first; for the sweep after downtime."""
        return await self._history.received(since)

    async def received(self, sid: str) -> dict[str, str] | None:
        """One message that a citizen has sent, as the provider knows it; None when there is none with that id."""
        return await self._history.one_received(sid)

    async def fetch(self, media: Media) -> File:
        """A citizen's attachment. Raises DeliveryError."""
        return await twilio_media.fetch(media, self._account, self._wire, self._pause)

    async def check(self) -> None:
        """Whether the credentials are good: asks for the account, sends nothing. Raises DeliveryError."""
        try:
            await self._client.api.v2010.accounts(self._account.account_sid).fetch_async()
        except Exception as error:
            raise from_exception(error, posted=False) from error

    # --- sending ---------------------------------------------------------------------------------------------------

    async def _send_menu(self, letter: Letter) -> Receipt | None:
        """With buttons or a list; None when it is to leave as text."""
        wanted = menu(body_text(letter), letter.options, letter.token, letter.language)
        sid = await self._shelf.sid(wanted.shape) if wanted else None
        if wanted is None or sid is None:
            return None
        try:
            return await self._send(letter, from_menu(letter, wanted, sid))
        except DeliveryError as error:
            if error.verdict is Verdict.UNCERTAIN or not is_content_fault(error.code):
                raise
            self._shelf.withdraw(wanted.shape)
            return None

    async def _send(self, letter: Letter, parcels: tuple[Parcel, ...]) -> Receipt:
        sids = await self._sent_before(letter, parcels)
        await self._wait_for_turn(letter.recipient, sids.count(None))
        for number, parcel in enumerate(parcels):
            if sids[number] is None:
                if number and sids[number - 1] is not None:
                    await self._pause(BETWEEN_PARTS)
                sids[number] = await self._post(letter, parcel, number + 1, len(parcels))
        return Receipt(sids[-1], messages=len(parcels), category=_category(letter))

    async def _sent_before(self, letter: Letter, parcels: tuple[Parcel, ...]) -> list[str | None]:
        """For each part the id under which an earlier attempt has sent it. Only long texts are worth asking for."""
        if len(parcels) == 1:
            return [None]
        return _there(parcels, await self._listed(letter, letter.created_at))

    async def _wait_for_turn(self, recipient: str, count: int) -> None:
        while wait := self._pace.take(recipient, count, self._now()):
            if wait > SHORT_WAIT:
                pace = fault("pace")
                raise DeliveryError(pace.verdict, pace.code, pace.words, wait, waited=True)
            await self._pause(wait)

    async def _post(self, letter: Letter, parcel: Parcel, part: int, parts: int) -> str:
        """Create the message at Twilio; never twice by itself."""
        try:
            message = await self._client.messages.create_async(
                to=channel_address(letter.recipient), from_=self._account.sender,
                status_callback=self._callbacks.address(letter.token, part, parts), **parcel.request,
            )  # fmt: skip
        except Exception as error:
            raise from_exception(error, posted=True, template=letter.template is not None) from error
        if not message.sid:  # an answer of 2xx with nothing in it
            raise fault("timeout").error()
        return str(message.sid)

    # --- looking ---------------------------------------------------------------------------------------------------

    def _parcels(self, letter: Letter) -> tuple[Parcel, ...]:
        if letter.template is not None:
            return from_template(letter, self._account.templates)
        return from_text(letter)

    async def _listed(self, letter: Letter, since: datetime) -> list[Listed]:
        listed = await self._history.sent_to(letter.recipient, since)
        owned = await self._owned([message.sid for message in listed])
        return [message for message in listed if message.sid not in owned]


def _category(letter: Letter) -> Category:
    """What Meta charges a letter as."""
    return Category(forms()[Template(letter.template)].category.lower()) if letter.template else Category.SERVICE


def _there(parcels: Sequence[Parcel], listed: Sequence[Listed]) -> list[str | None]:
    """For each parcel the id of the listed message that it is. Parts are numbered, so no two are alike."""
    return [next((message.sid for message in listed if parcel.is_in(message.body)), None) for parcel in parcels]
