"""The post office: deliver what is due. claim -> send -> record; the network call is in no transaction.

Decides nothing but the way out of WhatsApp's window, which bot.core.window decides for it. A message whose outcome is
unknown is looked for at the provider before anything is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.channels.port import Channel as Port
from bot.channels.port import DeliveryError, File, Letter, Receipt, Verdict
from bot.core.charges import Category, month_of
from bot.core.effects import Purpose, Template
from bot.core.model import Channel, Office
from bot.core.window import Situation, WayOut, stopped, way_out
from bot.store import conversations, outbound, records, traffic
from bot.store.database import Database, Transaction
from bot.store.outbound import Draft, Outgoing

BATCH = 20
LEASE = timedelta(minutes=3)
LOOK_AGAIN = timedelta(minutes=2)
MOST_ATTEMPTS = 10
CHANNEL_REST = 300.0  # seconds
_DELAYS = (5, 30, 120, 600, 1800, 3600, 10800, 21600, 43200)  # seconds
_NOT_RESENT = frozenset({Purpose.REMINDER, Purpose.NOTICE})


class Reports(Protocol):
    """The engine, as far as the outbox tells it what became of a message."""

    async def delivered(self, tx: Transaction, item: Outgoing, now: datetime) -> None: ...

    async def delivery_failed(
        self, tx: Transaction, item: Outgoing, reason: str, now: datetime, *, unwanted: bool = False
    ) -> None: ...

    async def channel_trouble(self, tx: Transaction, item: Outgoing, words: str, now: datetime) -> None: ...


class Pace(Protocol):
    """Whether automatic mail must be held back (bot/mail_pace.py)."""

    async def restrains(self, item: Outgoing, attempt: str, now: datetime) -> bool: ...


class Outbox:
    """Sends for all offices. `ports` maps (office, channel) to its channel; what has none is told to staff."""

    def __init__(
        self, database: Database, offices: Mapping[str, Office], ports: Mapping[tuple[str, Channel], Port],
        templates: Mapping[str, frozenset[Template]], reports: Reports, new_token: Callable[[], str],
        calendar_file: Callable[[Office, datetime, str, bool], File], pace: Pace,
    ) -> None:  # fmt: skip
        self._database = database
        self._offices = offices
        self._ports = ports
        self._templates = templates
        self._reports = reports
        self._new_token = new_token
        self._calendar_file = calendar_file
        self._pace = pace
        self._log = logging.getLogger("pst.outbox")

    async def deliver(self, now: Callable[[], datetime]) -> int:
        """Send one batch of what is due, conversations side by side; returns how many were taken up."""
        attempt = self._new_token()
        async with self._database.write() as tx:
            await outbound.abandoned(tx, now() - LEASE, now())
            items = await outbound.claim(tx, now(), attempt, BATCH)
        await asyncio.gather(*(self._deliver(item, attempt, now) for item in items))
        return len(items)

    async def reconcile(self, now: datetime) -> int:
        """Ask the provider about messages whose outcome is unknown; returns how many were settled."""
        async with self._database.read() as tx:
            unknown = await outbound.uncertain(tx, now)
        for item in unknown:
            try:
                await self._settle(item, now)
            except Exception:
                self._log.exception("asking about an uncertain message failed", extra={"outbound": item.id})
        return len(unknown)

    # --- one message -----------------------------------------------------------------------------------------------

    async def _deliver(self, item: Outgoing, attempt: str, now: Callable[[], datetime]) -> None:
        try:
            await self._send_out(item, attempt, now)
        except Exception:
            # Left as "sending": the lease runs out, it becomes uncertain, the provider is asked.
            self._log.exception("sending failed", extra={"outbound": item.id})

    async def _send_out(self, item: Outgoing, attempt: str, now: Callable[[], datetime]) -> None:
        way, email = await self._way_out(item, now())
        if way is WayOut.FREE:
            await self._send(item, attempt, await self.letter(item, template=False), now)
        elif way is WayOut.TEMPLATE:
            await self._send(item, attempt, await self.letter(item, template=True), now)
        elif way is WayOut.HOLD:
            await self._hold(item, attempt, now())
        elif way is WayOut.EMAIL:
            await self._reroute(item, attempt, email or "", now())
        elif way is WayOut.DROP:
            words = _FETCHED if item.draft.content.get("knock") else _STOPPED
            await self._give_up(item, attempt, words, now(), tell=False)
        else:
            await self._strand(item, attempt, now())

    async def _way_out(self, item: Outgoing, now: datetime) -> tuple[WayOut, str | None]:
        draft = item.draft
        if draft.conversation_id is None or not item.to_citizen:
            return WayOut.FREE, None
        if draft.content.get("knock"):
            return await self._still_knocks(draft.conversation_id), None
        async with self._database.read() as tx:
            stored = await conversations.find(tx, draft.conversation_id)
        if stored is None:
            return WayOut.FREE, None
        unasked, opted_out = bool(draft.content.get("unasked", True)), stored.conversation.opted_out
        if draft.channel is not Channel.WHATSAPP:
            no = stopped(Purpose(draft.purpose), opted_out=opted_out, unasked=unasked)
            return WayOut.DROP if no else WayOut.FREE, None
        email = stored.conversation.details.email
        template = draft.content.get("template")
        situation = Situation(
            stored.window_until, now, self._templates.get(draft.office, frozenset()), email,
            opted_out, unasked,
        )  # fmt: skip
        return way_out(Purpose(draft.purpose), Template(template) if template else None, situation), email

    async def _still_knocks(self, conversation_id: int) -> WayOut:
        """A knock that had to wait is dropped when the citizen has fetched his answer meanwhile."""
        async with self._database.read() as tx:
            return WayOut.TEMPLATE if await outbound.held(tx, conversation_id) else WayOut.DROP

    async def _send(self, item: Outgoing, attempt: str, letter: Letter, now: Callable[[], datetime]) -> None:
        port = self._ports.get((item.draft.office, item.draft.channel))
        if port is None:
            await self._give_up(item, attempt, _NO_CHANNEL, now())
            return
        if await self._pace.restrains(item, attempt, now()):
            return
        try:
            receipt = await port.send(letter)
        except DeliveryError as error:
            await self._failed(item, attempt, error, now(), template=letter.template is not None)
        else:
            await self._sent(item, attempt, receipt, now())

    async def _sent(self, item: Outgoing, attempt: str, receipt: Receipt, now: datetime) -> None:
        async with self._database.write() as tx:
            if await outbound.sent(tx, item, attempt, now, receipt.provider_id) and receipt.readable:
                await self._reports.delivered(tx, item, now)
            if receipt.messages:
                await self._charge(tx, item, now, receipt.messages, receipt.category)

    async def _charge(self, tx: Transaction, item: Outgoing, now: datetime, messages: int, category: str) -> None:
        office = self._offices[item.draft.office]
        line = traffic.Line(office.code, month_of(office, now), "out", category)
        await traffic.sent(tx, item.id, line, messages)

    async def _failed(
        self, item: Outgoing, attempt: str, error: DeliveryError, now: datetime, *, template: bool
    ) -> None:
        words = f"{error.code} {error.words}".strip()
        if template and error.verdict is Verdict.CONFIGURATION and not error.waited:
            # As good as no template at all: nobody waits for the operator to repair it.
            await self._give_up(item, attempt, error.words or words, now)
        elif error.waited or error.verdict is Verdict.CONFIGURATION:
            await self._wait(item, attempt, error, now)
        elif error.verdict is Verdict.UNCERTAIN:
            async with self._database.write() as tx:
                await outbound.unsure(tx, item, attempt, now + LOOK_AGAIN, words)
        elif error.verdict is Verdict.WINDOW_CLOSED:
            await self._window_was_closed(item, attempt, now, words)
        elif error.verdict is Verdict.REFUSED or item.attempts + 1 >= MOST_ATTEMPTS:
            await self._give_up(item, attempt, error.words or words, now, unwanted=error.unwanted)
        else:
            delay = error.retry_after or _DELAYS[min(item.attempts, len(_DELAYS) - 1)]
            async with self._database.write() as tx:
                await outbound.again(tx, item, attempt, now + timedelta(seconds=delay), words)

    async def _wait(self, item: Outgoing, attempt: str, error: DeliveryError, now: datetime) -> None:
        """Not the message's fault: it was not its turn, or the channel is misconfigured. The queue stays as it is."""
        delay = timedelta(seconds=error.retry_after or CHANNEL_REST)
        async with self._database.write() as tx:
            await outbound.again(tx, item, attempt, now + delay, f"{error.code} {error.words}", counted=False)
            if error.verdict is Verdict.CONFIGURATION:
                await self._reports.channel_trouble(tx, item, error.words, now)

    async def _window_was_closed(self, item: Outgoing, attempt: str, now: datetime, words: str) -> None:
        """The provider knows better than we: remember it, and let the way out be decided again."""
        async with self._database.write() as tx:
            if item.draft.conversation_id is not None:
                await conversations.close_window(tx, item.draft.conversation_id, now)
            await outbound.again(tx, item, attempt, now, words)

    async def _give_up(
        self, item: Outgoing, attempt: str, words: str, now: datetime, *, tell: bool = True, unwanted: bool = False
    ) -> None:
        async with self._database.write() as tx:
            if await outbound.gave_up(tx, item, attempt, words) and tell:
                await self._reports.delivery_failed(tx, item, words, now, unwanted=unwanted)

    async def _hold(self, item: Outgoing, attempt: str, now: datetime) -> None:
        """The text waits; one template knocks, however many texts are waiting."""
        async with self._database.write() as tx:
            others = await outbound.held(tx, item.draft.conversation_id or 0)
            knocked = any(other.draft.content.get("knocked") for other in others)
            if await outbound.hold(tx, item, attempt, knocked=True) and not knocked:
                await outbound.add(tx, self._knock(item.draft, now))

    async def _strand(self, item: Outgoing, attempt: str, now: datetime) -> None:
        """There is no way out: staff are told at once. An answer is kept, in case the citizen writes after all."""
        if item.draft.purpose != Purpose.STAFF_ANSWER:
            await self._give_up(item, attempt, _NO_WAY, now)
            return
        async with self._database.write() as tx:
            if await outbound.hold(tx, item, attempt, error=_NO_WAY):
                await self._reports.delivery_failed(tx, item, _NO_WAY, now)

    def _knock(self, draft: Draft, now: datetime) -> Draft:
        content = {**draft.content, "options": [["release", "Lihat jawaban"]], "knock": True}
        return replace(
            draft, token=self._new_token(), purpose=Purpose.NOTICE, dedupe_key=f"knock:{draft.token}", content=content,
            not_before=now, created_at=now,
        )  # fmt: skip

    async def _reroute(self, item: Outgoing, attempt: str, email: str, now: datetime) -> None:
        """The window is shut and no template can open it: the e-mail address that he gave."""
        office = self._offices[item.draft.office]
        content = {**item.draft.content, "subject": f"Konsultasi statistik {office.name}", "headers": {}}
        letter = replace(
            item.draft, token=self._new_token(), channel=Channel.EMAIL, recipient=email, content=content,
            dedupe_key=f"email:{item.draft.token}", not_before=now, created_at=now,
        )  # fmt: skip
        async with self._database.write() as tx:
            if await outbound.gave_up(tx, item, attempt, "window closed, sent by e-mail"):
                await outbound.add(tx, letter)

    # --- unknown outcomes ------------------------------------------------------------------------------------------

    async def _settle(self, item: Outgoing, now: datetime) -> None:
        port = self._ports.get((item.draft.office, item.draft.channel))
        if port is None:
            return
        try:
            provider_id = await port.find(await self.letter(item, template=False), item.started_at or now)
        except DeliveryError as error:
            self._log.warning("cannot ask about an uncertain message", extra={"outbound": item.id, "code": error.code})
            return
        async with self._database.write() as tx:
            if provider_id is not None:
                if await outbound.found(tx, item.id, provider_id, now) and item.draft.channel is Channel.WHATSAPP:
                    category = Category.UTILITY if item.draft.content.get("knock") else Category.SERVICE
                    await self._charge(tx, item, now, 1, category)
            elif item.draft.purpose in _NOT_RESENT:
                if await outbound.written_off(tx, item.id, _UNKNOWN):
                    await self._reports.delivery_failed(tx, item, _UNKNOWN, now)
            else:
                await outbound.resend(tx, item.id, now)

    # --- the letter ------------------------------------------------------------------------------------------------

    async def letter(self, item: Outgoing, *, template: bool) -> Letter:
        """A row as it is handed to its channel: in its own words, or as its template."""
        draft, content = item.draft, item.draft.content
        return Letter(
            token=draft.token, office=draft.office, recipient=draft.recipient, text=content["text"],
            created_at=draft.created_at, options=[(key, title) for key, title in content.get("options", ())],
            template=content.get("template") if template else None, variables=_variables(content),
            subject=content.get("subject", ""), headers=content.get("headers", {}),
            automatic=content.get("automatic", ""), files=await self._files(draft), purpose=draft.purpose,
            number=content.get("number"), language=content.get("language", "id"), attempts=item.attempts,
            plain=bool(content.get("plain")),
        )  # fmt: skip

    async def _files(self, draft: Draft) -> list[File]:
        files = []
        async with self._database.read() as tx:
            for key in draft.content.get("attachments", ()):
                row = await records.attachment_of(tx, draft.office, key)
                if row is not None and row["content"] is not None:
                    files.append(File(row["filename"], row["content_type"], row["content"]))
        at = draft.content.get("appointment_at")
        if at is not None and draft.channel is Channel.EMAIL:
            # One name for all of a citizen's appointments here: a moved one replaces the first in his calendar.
            uid, off = f"janji-{draft.conversation_id}", bool(draft.content.get("appointment_off"))
            files.append(self._calendar_file(self._offices[draft.office], datetime.fromisoformat(at), uid, off))
        return files


def _variables(content: Mapping[str, Any]) -> dict[str, str]:
    """What the approved templates are filled with: {{1}} the number, {{2}} the day it was asked, {{3}} until when a
    reply keeps the consultation open."""
    return {"1": content.get("number") or "", "2": content.get("opened_on") or "", "3": content.get("until") or ""}


_NO_WAY = (
    "Jendela WhatsApp 24 jam sudah tertutup, templat belum tersedia, dan alamat e-mail tidak diketahui. "
    "Hubungi pengguna dengan cara lain."
)
_STOPPED = "Tidak dikirim: pengguna meminta tidak dihubungi lebih dulu (BERHENTI) atau memblokir nomor kantor."
_FETCHED = "Tidak perlu lagi: pengguna sudah mengambil jawabannya."
_NO_CHANNEL = "Kanal ini belum dikonfigurasi untuk kantor ini. Hubungi pengelola sistem."
_UNKNOWN = "Penyedia layanan tidak dapat memastikan pesan ini terkirim. Kirim ulang bila perlu."
