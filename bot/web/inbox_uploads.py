"""Files that an officer adds to his answer: counted, weighed, and judged like those that citizens send.

They travel as attachments of an e-mail; on WhatsApp an answer is words alone.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import UploadFile

from bot.channels.attachments import Attachment, checked_file
from bot.channels.port import File
from bot.web.door import Visit
from bot.web.inbox_composer import Forecast
from bot.web.inbox_files import refusal_words

MOST_FILES: Final = 5
LARGEST_TOGETHER: Final = 10_000_000  # bytes: a mail carries a third more, and servers take 15 to 25 MB
FIELD: Final = "berkas"


async def uploaded(visit: Visit) -> list[Attachment]:
    """The files of the form in their order; an empty file field is none."""
    chosen = [f for f in visit.form.getlist(FIELD) if isinstance(f, UploadFile) and f.filename]
    return [
        checked_file(f.filename or "", f.content_type or "", await f.read(), number + 1)
        for number, f in enumerate(chosen)
    ]


def problem_with(files: list[Attachment], expected: Forecast) -> str:
    """Why these files cannot go along; "" when they can."""
    if not files:
        return ""
    if expected.fate != "email":
        return "Lampiran hanya dapat dikirim lewat e-mail. Kirim jawaban tanpa lampiran, atau tuliskan tautannya."
    if len(files) > MOST_FILES:
        return f"Paling banyak {MOST_FILES} lampiran. Pilih lagi berkasnya."
    if sum(f.size for f in files) > LARGEST_TOGETHER:
        return "Lampiran terlalu besar: bersama-sama paling banyak 10 MB. Pilih lagi berkasnya."
    for file in files:
        if not file.size:
            return f"Berkas {file.filename} kosong. Pilih lagi berkasnya."
        if file.refusal:
            return f"Berkas {file.filename} tidak dapat dikirim: {refusal_words(file.refusal)}."
    return ""


def as_files(files: list[Attachment]) -> tuple[File, ...]:
    return tuple(File(f.filename, f.content_type, f.content) for f in files)
