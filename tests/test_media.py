"""Files of citizens: fetched once, tried again, given up with words, swept away when nobody owns them."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.media import MOST_ATTEMPTS, MediaRunner
from bot.media_folder import MediaFolder
from bot.staff_wording import StaffWording
from bot.store import conversations, erasure, inbound, media, records, turned_away
from bot.store.database import Database
from bot.store.schema import create_all
from tests.channels.whatsapp_scene import RINA, START, Scene, scene

PDF = b"%PDF-1.7 isi surat"
OFFICE = "3514"
WORDS = StaffWording("http://127.0.0.1")


@dataclass
class Desk:
    """One citizen's line with one file at the provider."""

    scene: Scene
    database: Database
    folder: MediaFolder
    runner: MediaRunner
    conversation_id: int
    message_id: int

    async def file(self) -> dict[str, Any]:
        async with self.database.read() as tx:
            [line] = await records.transcript(tx, self.conversation_id)
        return dict(line["attachments"][0])

    async def told(self) -> list[str]:
        async with self.database.read() as tx:
            return [row["text"] for row in await records.notifications(tx, OFFICE) if row["kind"] == "attachment"]

    async def passes(self, seconds: float) -> int:
        self.scene.clock.now += timedelta(seconds=seconds)
        return await self.runner.fetch_due()


@asynccontextmanager
async def desk(database: Database, folder: Path, content: bytes, *, missing: int = 0) -> AsyncIterator[Desk]:
    await create_all(database)
    async with scene() as s:
        await s.rina.sends_file(content, "application/pdf", missing=missing)
        url = f"{s.provider.url}{s.provider.messages[-1].path}/Media/{s.provider.messages[-1].media[0].sid}"
        file = {"filename": "surat.pdf", "content_type": "application/pdf", "url": url}
        async with database.write() as tx:
            stored = await conversations.lock(tx, OFFICE, Channel.WHATSAPP, RINA, START)
            line = await records.say(tx, stored, START, "citizen", "[dokumen]", attachments=[file])
            await media.want(tx, OFFICE, Channel.WHATSAPP, stored.id, line, [(0, file)], START)
        kept = MediaFolder(folder / "media")
        runner = MediaRunner(database, {(OFFICE, Channel.WHATSAPP): s.channel()}, kept, s.clock, WORDS)
        yield Desk(s, database, kept, runner, stored.id, line)


async def test_a_file_is_fetched_once_and_kept_under_its_hash(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        assert await d.runner.fetch_due() == 1
        assert await d.runner.fetch_due() == 0
        file = await d.file()
        assert (file["filename"], file["size"]) == ("surat.pdf", len(PDF))
        assert await d.folder.get(file["key"]) == PDF
        [path] = [p for p in d.folder.path.rglob("*") if p.is_file()]
        assert path.name == file["key"]
        assert path.stat().st_mode & 0o077 == 0
        async with database.read() as tx:
            row = await records.attachment_of(tx, OFFICE, file["key"])
            assert await media.counts(tx, OFFICE) == {"wanted": 0, "kept": 1, "lost": 0}
        assert row is not None
        assert (row["on_disk"], row["content"]) == (True, None)


async def test_two_workers_fetch_a_file_once(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        async with database.write() as tx:
            assert len(await media.take(tx, d.scene.clock(), d.scene.clock() + timedelta(minutes=5), 4)) == 1
        assert await d.runner.fetch_due() == 0
        assert await d.passes(301) == 1  # the other one died


async def test_what_is_not_there_yet_is_tried_again(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        d.scene.provider._server._handler, handler = _broken, d.scene.provider._server._handler
        assert await d.runner.fetch_due() == 1
        assert "url" in await d.file()
        assert await d.passes(5) == 0
        d.scene.provider._server._handler = handler
        d.scene.provider._server.faults.clear()
        assert await d.passes(15) == 1
        assert "key" in await d.file()
        assert await d.told() == []


async def test_what_never_comes_is_given_up_and_told_once(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        d.scene.provider._server._handler = _broken
        tries = [await d.passes(86_400) for _ in range(MOST_ATTEMPTS + 2)]
        assert tries == [1] * MOST_ATTEMPTS + [0, 0]
        d.scene.provider._server.faults.clear()
        assert "surat.pdf" in (await d.told())[0]
        assert len(await d.told()) == 1
        assert "url" not in await d.file()
        assert "lost" in await d.file()


async def _broken(request: object) -> None:
    raise RuntimeError("no answer today")


@pytest.mark.parametrize(("content", "words"), [(b"x" * (16 * 1024 * 1024 + 1), "16 MB"), (b"", "kosong")])
async def test_what_cannot_be_kept_is_told_at_once(
    database: Database, tmp_path: Path, content: bytes, words: str
) -> None:
    async with desk(database, tmp_path, content) as d:
        assert await d.runner.fetch_due() == 1
        assert words in (await d.file())["lost"]
        assert words in (await d.told())[0]
        assert not d.folder.path.exists()


async def test_a_file_that_the_provider_has_deleted_is_told(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF, missing=100) as d:
        assert await d.runner.fetch_due() == 1
        assert d.scene.clock.waits == [1.0, 2.0, 4.0]
        assert "tidak ditemukan" in (await d.file())["lost"]


async def test_wrong_credentials_cost_no_attempt(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        good, d.scene.provider.default.tokens[:] = list(d.scene.provider.default.tokens), ["another"]
        for _ in range(2 * MOST_ATTEMPTS):
            assert await d.passes(301) == 1
        d.scene.provider.default.tokens[:] = good
        assert await d.passes(301) == 1
        assert "key" in await d.file()


async def test_a_program_is_not_kept(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, b"MZ\x90\x00" + b"x" * 100) as d:
        await d.runner.fetch_due()
        assert (await d.file())["refusal"] == "kind"
        assert not d.folder.path.exists()


async def test_a_full_disk_loses_nothing(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        d.folder.path.write_text("a file where the folder should be")
        await d.runner.fetch_due()
        assert "url" in await d.file()
        d.folder.path.unlink()
        await d.passes(15)
        assert "key" in await d.file()


async def test_an_erased_citizens_files_go(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        await d.runner.fetch_due()
        key = (await d.file())["key"]
        async with database.write() as tx:
            stored = await conversations.lock_by_id(tx, d.conversation_id)
            assert stored is not None
            await erasure.erase(tx, stored, d.scene.clock())
        assert await d.folder.get(key) == PDF
        d.scene.clock.now = _long_after_writing(d.folder.path / key[:2] / key)
        assert await d.runner.sweep() == 1
        assert await d.folder.get(key) is None


async def test_the_sweep_spares_what_is_owned_and_what_is_young(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        await d.runner.fetch_due()
        key = (await d.file())["key"]
        orphan = await d.folder.put(99, b"never committed")
        d.scene.clock.now += timedelta(seconds=time.time() - d.scene.clock.now.timestamp())
        assert await d.runner.sweep() == 0
        d.scene.clock.now = _long_after_writing(d.folder.path / key[:2] / key)
        assert await d.runner.sweep() == 1
        assert (await d.folder.get(key), await d.folder.get(orphan)) == (PDF, None)


def _long_after_writing(path: Path) -> Any:
    return START + timedelta(seconds=os.stat(path).st_mtime - START.timestamp(), hours=2)


async def test_what_was_erased_while_it_was_fetched_is_not_kept(database: Database, tmp_path: Path) -> None:
    async with desk(database, tmp_path, PDF) as d:
        async with database.write() as tx:
            [wanted] = await media.take(tx, d.scene.clock(), d.scene.clock(), 1)
            stored = await conversations.lock_by_id(tx, d.conversation_id)
            assert stored is not None
            await erasure.erase(tx, stored, d.scene.clock())
        async with database.write() as tx:
            file = media.Kept("a" * 64, "surat.pdf", "application/pdf", len(PDF))
            assert not await media.kept(tx, wanted, file, d.scene.clock())
            assert await records.attachment_of(tx, OFFICE, file.key) is None


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "a" * 63])
async def test_only_a_hash_is_a_name(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        await MediaFolder(tmp_path).get(key)


async def test_erasing_reaches_every_address_and_what_was_refused(database: Database) -> None:
    """A citizen with a number and a business-scoped id is one; so is what he wrote."""
    await create_all(database)
    bsuid, other = "ID.0123456789", "+6281239999999"
    received = [
        Received(OFFICE, Channel.WHATSAPP, "message", f"SM{address}", address, START, START, {"Body": "rahasia"})
        for address in (RINA, bsuid, other)
    ]
    forms = ({"From": f"whatsapp:{RINA}"}, {"ExternalUserId": f"whatsapp:{bsuid}"}, {"From": f"whatsapp:{other}"})
    async with database.write() as tx:
        await inbound.add(tx, received)
        for form in forms:
            await turned_away.keep(tx, turned_away.Refusal(OFFICE, "whatsapp", START, "secret", "x", None, form))
        stored = await conversations.lock(tx, OFFICE, Channel.WHATSAPP, bsuid, START, RINA)
        await erasure.erase(tx, stored, START)
    async with database.read() as tx:
        left = [p.received.fields for p in await inbound.of_sender(tx, inbound.Sender(OFFICE, Channel.WHATSAPP, other))]
        assert left == [{"Body": "rahasia"}]
        for address in (RINA, bsuid):
            assert await inbound.of_sender(tx, inbound.Sender(OFFICE, Channel.WHATSAPP, address)) == []
        assert await turned_away.count_since(tx, OFFICE, START) == 1
