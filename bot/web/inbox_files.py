"""Files that citizens sent: downloads only, from their own path, never shown inside a page.

A file is where the engine stored it, in the media folder, or still inside the mail that brought it. What a channel's
check refuses (macros, disguised programs) is not handed out at all.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from bot.channels.mime import MailError, parse_mail
from bot.media_folder import MediaFolder
from bot.store import desk, records
from bot.store.database import Transaction
from bot.web.door import Door, NotHere, Visit

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class Refused(Exception):
    """The file must not be opened by staff; the code says why."""


def file_routes(door: Door) -> list[BaseRoute]:
    return [door.page("/lampiran/{line:int}/{number:int}", _download)]


async def _download(visit: Visit) -> Response:
    line, number = visit.request.path_params["line"], visit.request.path_params["number"]
    try:
        async with visit.service.database.read() as tx:
            name, content = await _file(tx, visit.office.code, line, number, visit.service.media_folder)
    except Refused as refused:
        return visit.show("file_refused.html", {"why": refusal_words(str(refused))}, 403)
    headers = {**_HEADERS, "Content-Disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _file(
    tx: Transaction, office: str, message_id: int, number: int, folder: MediaFolder
) -> tuple[str, bytes]:
    line = await desk.line(tx, office, message_id)
    if line is None or number >= len(line["attachments"]):
        raise NotHere
    file = line["attachments"][number]
    if file.get("key"):
        return await _stored(tx, office, file["key"], folder)
    if file.get("refusal"):
        raise Refused(file["refusal"])
    if file.get("url") or file.get("lost"):
        raise NotHere
    raw = await desk.raw_mail(tx, office, line["inbound_id"]) if line["inbound_id"] else None
    if raw is None:
        raise NotHere
    return _inside(raw, number)


async def _stored(tx: Transaction, office: str, key: str, folder: MediaFolder) -> tuple[str, bytes]:
    row = await records.attachment_of(tx, office, key)
    if row is None:
        raise NotHere
    content = await folder.get(key) if row["on_disk"] else row["content"]
    if content is None:
        raise NotHere
    return row["filename"], content


def _inside(raw: bytes, number: int) -> tuple[str, bytes]:
    try:
        attachments = parse_mail(raw).attachments
    except MailError as error:
        raise NotHere from error
    if number >= len(attachments):
        raise NotHere
    file = attachments[number]
    if file.refusal:
        raise Refused(file.refusal)
    return file.filename, file.content


def refusal_words(code: str) -> str:
    """Why a file is not handed on, for an officer."""
    return _REFUSALS.get(code, "jenis berkasnya tidak diizinkan")


_REFUSALS: Final = {
    "macros": "berkas ini berisi makro",
    "encrypted": "berkas ini terkunci sandi sehingga isinya tidak dapat diperiksa",
    "archive_too_large": "arsip ini terlalu besar bila dibuka",
    "archive_nested": "arsip ini berisi arsip lain",
    "too_many": "surel ini berisi terlalu banyak berkas",
    "disguised": "isi berkas tidak sesuai dengan namanya",
}  # fmt: skip
