"""Files over WhatsApp through the whole service: from the webhook to an officer's download."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bot.reader import Brain
from bot.store import listing
from bot.store.database import Database
from tests.service.inbox import officer
from tests.service.running import running
from tests.service.test_whatsapp import PHONE, connect, said_to, until
from tests.standins.twilio import Provider

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 2000


async def lines(database: Database) -> list[Any]:
    async with database.read() as tx:
        return await listing.everything(tx, "message")


async def kept(database: Database, line: int = 0) -> dict[str, Any]:
    """The first file of a line, once something has become of it."""
    async with asyncio.timeout(15):
        while "url" in (file := (await lines(database))[line]["attachments"][0]):
            await asyncio.sleep(0.05)
    return dict(file)


async def test_a_photo_with_words_is_answered_at_once_and_kept_for_staff(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    with Provider() as provider:
        folder = {"PST_MEDIA_FOLDER": str(tmp_path / "media")}
        async with running(provider, database, database_url, brain, **folder) as service, officer(service) as dewi:
            connect(provider, service)
            rina = provider.user(PHONE)
            await rina.sends_file(PNG, "image/jpeg", caption="jam buka hari jumat?", kind="image")
            await until(lambda: said_to(provider))
            provider.expect(PHONE, "08.00–16.00")
            file = await kept(database)
            assert (file["filename"], file["content_type"], file["size"]) == ("foto.png", "image/png", len(PNG))
            assert "/inbox/lampiran/1/0" in await dewi.page("/percakapan/1")
            async with dewi.web.get(f"{dewi.url}/inbox/lampiran/1/0") as reply:
                assert await reply.read() == PNG
                assert reply.headers["Content-Disposition"].startswith("attachment;")
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
                assert reply.headers["Content-Type"] == "application/octet-stream"
            async with officer(service, "3514") as stranger:
                async with stranger.web.get(f"{dewi.url}/inbox/lampiran/1/0") as reply:
                    assert reply.status == 404
        provider.check()


async def test_a_file_that_is_refused_says_why(
    database: Database, database_url: str, brain: Brain, tmp_path: Path
) -> None:
    with Provider() as provider:
        folder = {"PST_MEDIA_FOLDER": str(tmp_path / "media")}
        async with running(provider, database, database_url, brain, **folder) as service, officer(service) as dewi:
            connect(provider, service)
            rina = provider.user(PHONE)
            await rina.sends_file(b"MZ" + b"x" * 50, "application/pdf", caption="jam buka hari jumat?")
            await until(lambda: said_to(provider))
            provider.expect(PHONE)
            assert (await kept(database))["refusal"] == "kind"
            async with dewi.web.get(f"{dewi.url}/inbox/lampiran/1/0") as reply:
                assert reply.status == 403
                assert "ditahan" in await reply.text()
        provider.check()
