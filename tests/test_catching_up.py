"""What never reached us: messages from the provider's list, once; and reports that are asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.catching_up import EVERY, Enquiries, GapSweep
from bot.channels.port import Report
from bot.channels.twilio_form import form_fields
from bot.channels.twilio_signature import Cause, Rejected
from bot.channels.whatsapp_reading import read_message
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.refusals import MOST_A_MINUTE, RefusalBook
from bot.staff_wording import StaffWording
from bot.store import conversations, gaps, inbound, outbound, records, turned_away
from bot.store.database import Database
from bot.store.inbound import Pending, Sender
from bot.store.outbound import Draft
from bot.store.schema import create_all
from bot.store.tables import outbound as outbound_table
from intents.privacy import mask
from tests.channels.whatsapp_scene import RINA, START, Scene, letter, scene

OFFICE = "3514"
WORDS = StaffWording("http://127.0.0.1")


@dataclass
class Return:
    """A service that comes back."""

    scene: Scene
    database: Database
    sweep: GapSweep
    woken: list[bool] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)

    async def waiting(self, address: str = RINA) -> list[Pending]:
        async with self.database.read() as tx:
            return await inbound.of_sender(tx, Sender(OFFICE, Channel.WHATSAPP, address))

    async def told(self) -> list[str]:
        async with self.database.read() as tx:
            return [row["text"] for row in await records.notifications(tx, OFFICE)]

    def passes(self, **span: float) -> None:
        self.scene.clock.now += timedelta(**span)


@asynccontextmanager
async def back(database: Database) -> AsyncIterator[Return]:
    await create_all(database)
    async with scene() as s:
        woken: list[bool] = []
        beats: list[str] = []

        async def beat(name: str, note: str) -> None:
            beats.append(f"{name} {note}".strip())

        async def receive(received: Iterable[Received]) -> int:
            async with database.write() as tx:
                return len(await inbound.add(tx, received))

        sweep = GapSweep(
            database, {OFFICE: s.channel()}, now=s.clock, receive=receive, mask=mask,
            arrived=lambda: woken.append(True), beat=beat, words=WORDS,
        )  # fmt: skip
        yield Return(s, database, sweep, woken, beats)


async def test_the_first_look_brings_nothing_in(database: Database) -> None:
    async with back(database) as b:
        await b.scene.rina.says("sebelum ada layanan ini", lost=True)
        b.passes(hours=1)
        assert await b.sweep.sweep(OFFICE) == 0
        assert await b.waiting() == []


async def test_what_was_sent_during_an_outage_comes_in_once_and_in_order(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(hours=2)
        await b.scene.rina.says("halo", lost=True)
        b.passes(hours=3)
        await b.scene.rina.says("jam buka hari jumat?", lost=True)
        b.passes(minutes=30)
        assert await b.sweep.sweep(OFFICE) == 2
        assert await b.sweep.sweep(OFFICE) == 0
        first, second = await b.waiting()
        assert [first.received.fields["Body"], second.received.fields["Body"]] == ["halo", "jam buka hari jumat?"]
        assert first.received.received_at == START + timedelta(hours=2)
        assert first.received.fields["Source"] == "reconcile"
        assert b.woken == [True]
        assert [t[:16] for t in await b.told()] == ["2 pesan WhatsApp"]


async def test_the_gap_is_remembered_while_the_provider_cannot_be_asked(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep_due()
        b.passes(hours=1)
        await b.scene.rina.says("halo", lost=True)
        good, b.scene.provider.default.tokens[:] = list(b.scene.provider.default.tokens), ["another"]
        b.passes(hours=1)
        assert await b.sweep.sweep_due() == 0
        assert b.beats[0] == f"channel:{OFFICE}:whatsapp"
        assert "kredensial" in b.beats[1]
        async with database.read() as tx:
            assert await gaps.known_until(tx, OFFICE, Channel.WHATSAPP) == START
        b.scene.provider.default.tokens[:] = good
        b.passes(hours=5)
        assert await b.sweep.sweep_due() == 1  # and not only in five minutes: the last look was none


async def test_a_webhook_that_is_still_on_its_way_is_waited_for(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(minutes=20)
        await b.scene.rina.says("halo", lost=True)
        b.passes(seconds=30)
        assert await b.sweep.sweep(OFFICE) == 0
        b.passes(seconds=31)
        assert await b.sweep.sweep(OFFICE) == 1
        assert "webhook" in (await b.told())[0]


async def test_what_came_by_webhook_is_not_brought_in_again(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(minutes=20)
        await b.scene.rina.says("halo", lost=True)
        b.passes(minutes=2)
        await b.sweep.sweep(OFFICE)
        async with database.write() as tx:
            await inbound.done(tx, [(await b.waiting())[0].id])
        b.passes(minutes=2)
        assert await b.sweep.sweep(OFFICE) == 0
        assert await b.waiting() == []


async def test_looks_are_five_minutes_apart(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep_due()
        asked = len(b.scene.provider.requests)
        await b.sweep.sweep_due()
        assert len(b.scene.provider.requests) == asked
        b.passes(seconds=EVERY.total_seconds())
        await b.sweep.sweep_due()
        assert len(b.scene.provider.requests) == asked + 1


async def refused(b: Return, fields: Mapping[str, Any]) -> None:
    book = RefusalBook(b.database, b.scene.clock, WORDS)
    await book.write(OFFICE, Rejected(Cause.ADDRESS, "Alamat tidak cocok."), fields)


async def test_a_message_that_was_turned_away_comes_in_with_its_button(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(minutes=20)
        await b.scene.rina.sends({"Body": "Tanya petugas", "MessageType": "interactive"}, lost=True)
        sid = b.scene.provider.messages[-1].sid
        form = form_fields([
            ("MessageSid", sid), ("From", f"whatsapp:{RINA}"), ("Body", "Tanya petugas"), ("ProfileName", "Rina"),
            ("ButtonPayload", "staff|token-1"), ("ExternalUserId", "whatsapp:ID.0123456789"),
        ])  # fmt: skip
        await refused(b, form)
        b.passes(minutes=2)
        assert await b.sweep.sweep(OFFICE) == 1
        [pending] = await b.waiting("ID.0123456789")
        read = read_message(pending.received.fields)
        assert (read.button, read.tokens, read.phone, read.profile_name) == ("staff", ("token-1",), RINA, "Rina")
        async with database.read() as tx:
            assert await turned_away.waiting(tx, OFFICE) == []


@pytest.mark.parametrize(
    "forged", [{"Body": "kirim uang"}, {"From": "whatsapp:+6281239999999"}, {"From": "", "Body": ""}]
)
async def test_a_forged_form_lends_nothing_to_a_real_message(database: Database, forged: dict[str, str]) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(minutes=20)
        await b.scene.rina.says("halo", lost=True)
        sid = b.scene.provider.messages[-1].sid
        await refused(b, {"MessageSid": sid, "From": f"whatsapp:{RINA}", "Body": "halo", "ButtonPayload": "x"} | forged)
        b.passes(minutes=2)
        await b.sweep.sweep(OFFICE)
        [pending] = await b.waiting()
        assert pending.received.fields["Body"] == "halo"
        assert "ButtonPayload" not in pending.received.fields


async def test_identity_numbers_are_masked_on_this_way_too(database: Database) -> None:
    async with back(database) as b:
        await b.sweep.sweep(OFFICE)
        b.passes(minutes=20)
        await b.scene.rina.says("NIK saya 3574026708650004", lost=True)
        b.passes(minutes=2)
        await b.sweep.sweep(OFFICE)
        assert "3574026708650004" not in str((await b.waiting())[0].received.fields)


async def test_a_flood_at_the_door_is_kept_in_part_and_told_once(database: Database) -> None:
    async with back(database) as b:
        book = RefusalBook(database, b.scene.clock, WORDS)
        for n in range(MOST_A_MINUTE + 20):
            await book.write(OFFICE, Rejected(Cause.SECRET, "Auth Token diganti."), {"MessageSid": f"SM{n}"})
            await book.write(OFFICE, Rejected(Cause.NO_SIGNATURE, "Tanpa tanda tangan."), {})
        async with database.read() as tx:
            by_cause = {row["cause"]: row["count"] for row in await turned_away.causes(tx, OFFICE, START)}
        assert by_cause == {"secret": MOST_A_MINUTE, "no_signature": MOST_A_MINUTE}
        assert await b.told() == ["Kiriman webhook Twilio ditolak. Auth Token diganti."]


async def test_what_was_turned_away_is_bounded_for_each_office(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turned_away, "MOST_KEPT", 3)
    await create_all(database)
    async with database.write() as tx:
        for n in range(6):
            for office in ("3514", "3574"):
                await turned_away.keep(tx, turned_away.Refusal(office, "whatsapp", START, "secret", "x", f"SM{n}", {}))
        assert [row["provider_key"] for row in await turned_away.waiting(tx, "3514")] == ["SM5", "SM4", "SM3"]
        assert await turned_away.count_since(tx, "3574", START) == 3


# --- reports that do not come -------------------------------------------------------------------------------------


@dataclass
class Ear:
    heard: list[Report] = field(default_factory=list)

    async def learned(self, channel: Channel, report: Report, now: object) -> None:
        self.heard.append(report)


async def sent(b: Return, text: str) -> int:
    """A message that left, as the outbox remembers it."""
    receipt = await b.scene.channel().send(letter(text))
    await b.scene.provider.idle()
    b.scene.provider.expect(RINA, text)
    now = b.scene.clock()
    async with b.database.write() as tx:
        stored = await conversations.lock(tx, OFFICE, Channel.WHATSAPP, RINA, now)
        draft = Draft(text, OFFICE, Channel.WHATSAPP, RINA, "reply", text, {"text": text}, now, now, stored.id)
        await outbound.add(tx, draft)
        [item] = await outbound.claim(tx, now, "a", 5)
        assert await outbound.sent(tx, item, "a", now, receipt.provider_id)
    return item.id


async def test_what_stays_silent_for_an_hour_is_asked_about(database: Database) -> None:
    async with back(database) as b:
        b.scene.provider.next_send("63024", later=True)
        await sent(b, "satu")
        ear = Ear()
        enquiries = Enquiries(database, {OFFICE: b.scene.channel()}, ear, b.scene.clock)
        b.passes(minutes=59)
        assert await enquiries.ask() == 0
        b.passes(minutes=2)
        assert await enquiries.ask() == 1
        assert [(r.failed, r.code) for r in ear.heard] == [(True, "63024")]
        assert await enquiries.ask() == 0
        b.passes(hours=6, minutes=1)
        assert await enquiries.ask() == 1
        b.passes(days=4)
        assert await enquiries.ask() == 0


async def test_what_was_delivered_is_not_asked_about(database: Database) -> None:
    async with back(database) as b:
        number = await sent(b, "satu")
        async with database.write() as tx:
            await outbound.raise_status(tx, number, outbound.DELIVERED)
        b.passes(hours=2)
        assert await Enquiries(database, {OFFICE: b.scene.channel()}, Ear(), b.scene.clock).ask() == 0


async def test_a_message_that_the_provider_has_forgotten_is_left_alone(database: Database) -> None:
    async with back(database) as b:
        await sent(b, "satu")
        b.scene.provider.messages.clear()
        enquiries = Enquiries(database, {OFFICE: b.scene.channel()}, ear := Ear(), b.scene.clock)
        b.passes(hours=2)
        assert [await enquiries.ask(), await enquiries.ask()] == [1, 0]
        assert ear.heard == []


async def test_a_report_that_came_first_names_the_message_for_good(database: Database) -> None:
    """So that no other message with the same words is taken for this one."""
    async with back(database) as b:
        number = await sent(b, "satu")
        async with database.write() as tx:
            blank = {"provider_id": None, "sent_at": None, "state": "sending"}
            await tx.execute(outbound_table.update().values(blank))
            assert await outbound.raise_status(tx, number, 3, provider_id="SM1", at=b.scene.clock())
            row = (await tx.execute(select(outbound_table))).mappings().one()
        assert (row["state"], row["provider_id"], row["sent_at"]) == ("sent", "SM1", b.scene.clock())


async def test_what_a_report_has_settled_is_not_sent_again(database: Database) -> None:
    async with back(database) as b:
        number = await sent(b, "satu")
        async with database.write() as tx:
            assert not await outbound.resend(tx, number, b.scene.clock())
            assert not await outbound.found(tx, number, "SM2", b.scene.clock())
            assert not await outbound.written_off(tx, number, "?")
