"""WhatsApp as people use it, through the whole service: bursts, old buttons, files without words, blocks.

Whatever a test does not name must not have been sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.reader import Brain
from bot.store import listing
from bot.store.database import Database
from tests.service.inbox import officer
from tests.service.running import ACCOUNT, SENDER, TOKEN, Running, running
from tests.service.test_whatsapp import PHONE, until
from tests.standins.twilio import Provider
from tests.standins.twilio_model import Message
from tests.standins.twilio_people import Person

UNKNOWN = "Tolong teruskan ke petugas: bagaimana kerja sama riset panel rumah tangga dengan BPS?"


@dataclass
class Phone:
    """A citizen's phone beside the running service."""

    provider: Provider
    service: Running
    database: Database
    rina: Person

    async def gets(self, contains: str = "") -> Message:
        """The next message that arrives; named, so that only surprises are left over."""
        count = len(self.provider.sent) - len(self.provider.unexpected())
        await until(lambda: len(self.provider.sent) > count)
        return self.provider.expect(contains=contains)

    async def rows(self, query: str) -> list[Any]:
        async with self.database.read() as tx:
            return list((await tx.execute(text(query))).all())


@asynccontextmanager
async def phone(
    database: Database, database_url: str, brain: Brain, tmp_path: Path, **person: Any
) -> AsyncIterator[Phone]:
    with Provider() as provider:
        folder = {"PST_MEDIA_FOLDER": str(tmp_path / "media")}
        async with running(provider, database, database_url, brain, **folder) as service:
            provider.account(ACCOUNT, TOKEN, SENDER, message_url=service.webhook("message"))
            yield Phone(provider, service, database, provider.user(PHONE, **person))
            await provider.idle()
        provider.check()


async def test_two_messages_200_ms_apart_are_one_conversation_and_one_answer(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        first = p.rina.says("halo")
        await asyncio.sleep(0.2)
        second = p.rina.says("jam buka hari jumat?")
        assert [await first, await second] == [[200], [200]]
        await p.gets("08.00–16.00")
        assert len(await p.rows("select id from conversation")) == 1
        assert len(await p.rows("select id from message where author = 'citizen'")) == 2


async def test_fifty_copies_at_once_from_a_new_citizen_have_one_effect(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path, bsuid=True) as p:
        assert await p.rina.says(UNKNOWN, times=50) == [200] * 50
        await p.gets("3574-")
        assert len(await p.rows("select id from inbound where kind = 'message'")) == 1
        assert len(await p.rows("select id from consultation")) == 1
        assert await p.rows("select messages from traffic where direction = 'in'") == [(1,)]


async def test_an_old_button_hands_over_its_own_question(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        await p.rina.says("jam buka hari jumat?")
        hours = await p.gets("08.00–16.00")
        await p.rina.says("apa itu inflasi?")
        await p.gets()
        await p.rina.taps(hours, "Tanya petugas")
        await p.gets("3574-")
        [(question,)] = await p.rows("select question from consultation")
        assert question == "jam buka hari jumat?"


async def test_a_file_without_words_goes_along_with_what_is_written_next(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        await p.rina.sends_file(b"%PDF-1.7 surat", "application/pdf", caption="permohonan.pdf")
        await p.gets("untuk keperluan apa")
        await p.rina.says(UNKNOWN)
        await p.gets("3574-")
        [(question,)] = await p.rows("select question from consultation")
        assert question.endswith("[dokumen: permohonan.pdf]")
        lines = await p.rows("select consultation_id from message where author = 'citizen' order by id")
        assert lines == [(1,), (1,)]
        async with officer(p.service) as dewi:
            page = await dewi.page(f"/{(await numbers(database))[0]}")
            assert "/inbox/lampiran/1/0" in page or "sedang diambil" in page


async def numbers(database: Database) -> list[str]:
    async with database.read() as tx:
        return [row["number"] for row in await listing.all_of(tx)]


async def test_a_voice_note_can_be_heard_by_an_officer(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        await p.rina.sends_file(b"OggS" + b"\x00" * 40, "audio/ogg; codecs=opus", kind="audio")
        asked = await p.gets("belum bisa mendengarkannya")
        await p.rina.taps(asked, "Tanya petugas")
        await p.gets("3574-")


async def test_every_kind_of_message_gets_a_sensible_answer(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        await p.rina.sends({"Body": "", "MessageType": "reaction"})  # no message: nobody is answered
        await p.rina.sends_file(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", kind="sticker")
        await p.gets("Kalau ada pertanyaan")
        await p.rina.sends({"Body": "", "MessageType": "payment"})
        await p.gets("belum bisa saya baca")
        await p.rina.sends({"Body": "", "Latitude": "-7.75", "Longitude": "113.21", "MessageType": "location"})
        await p.gets("untuk keperluan apa")
        assert await p.rows("select state from inbound where kind = 'message' and state <> 'done'") == []


async def test_who_blocks_the_office_is_not_written_to_first_and_can_undo_it(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        p.provider.next_send("63014", later=True)
        await p.rina.says(UNKNOWN)
        await p.gets("3574-")
        await opted_out(p, expected=True)
        async with officer(p.service) as dewi:
            assert "menolak dikirimi pesan lebih dulu" in await dewi.page(f"/{(await numbers(database))[0]}")
        await p.rina.says("MULAI")
        await p.gets()
        await opted_out(p, expected=False)
        await p.rina.says("BERHENTI")
        await p.gets("MULAI")
        await opted_out(p, expected=True)


async def opted_out(p: Phone, *, expected: bool) -> None:
    async with asyncio.timeout(15):
        while bool((await p.rows("select opted_out from conversation"))[0][0]) is not expected:
            await asyncio.sleep(0.05)


async def test_buttons_that_are_refused_later_leave_as_plain_text(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path) as p:
        p.provider.next_send("63021", later=True)
        await p.rina.says("jam buka hari jumat?")
        refused = await p.gets("08.00–16.00")
        assert refused.buttons
        again = await p.gets("08.00–16.00")
        assert not again.buttons
        assert "2. Tanya petugas" in again.body
        await p.rina.says("2")
        await p.gets("3574-")


async def test_a_hidden_number_that_is_shown_later_is_the_same_person(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    async with phone(database, database_url, brain, tmp_path, hides_number=True) as p:
        await p.rina.says(UNKNOWN)
        await p.gets("3574-")
        p.rina.hides_number = False
        await p.rina.says("status")
        await p.gets("3574-")
        p.rina.bsuid = None  # as the provider's list has him
        await p.rina.says("status")
        await p.gets("3574-")
        assert len(await p.rows("select id from conversation")) == 1
