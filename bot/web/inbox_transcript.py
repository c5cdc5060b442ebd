"""Lines of a transcript -> bubbles, with what became of everything that was sent. Pure.

A message that left another way (held answers that leave as one, e-mail instead of WhatsApp) has a successor among the
sendings; the bubble tells the fate of the last one. The successor is found by the keys that bot.outbox, bot.engine and
bot.bookkeeping give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from markupsafe import Markup

from bot.core.model import Office
from bot.store.outbound import DELIVERED, READ
from bot.web import words
from bot.web.inbox_lines import Mark
from bot.web.marks import marked, plain
from scheduler.indonesian import clock, long_date

Row = Mapping[str, Any]
_SIDES: Final = {"citizen": "citizen", "machine": "machine", "bot": "office", "staff": "office", "note": "note"}
_MOST_STEPS: Final = 5


@dataclass(frozen=True, slots=True)
class File:
    """`number`: its place in the line's list, for the download's address; `kept`: whether we have it ourselves.

    `lost`: why we never will.
    """

    number: int
    name: str
    size: str
    kept: bool
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """`day` and `chapter` are set where a new day or another consultation begins."""

    id: int
    side: str
    author: str
    kind: str
    clock: str
    text: Markup
    subject: str | None
    files: tuple[File, ...]
    delivery: Mark | None
    day: str | None
    chapter: str | None


@dataclass(frozen=True, slots=True)
class Chapters:
    """A transcript in three parts: earlier consultations, this one, and whether others follow."""

    before: tuple[Bubble, ...]
    here: tuple[Bubble, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Sources:
    """What bubbles are made of. `numbers`: consultation id -> number; `stored`: files by key."""

    transcript: Sequence[Row]
    sendings: Sequence[Row]
    numbers: Mapping[int, str]
    stored: Mapping[str, Row]
    citizen: str
    office: Office


def chapters(sources: Sources, consultation_id: int | None) -> Chapters:
    """Everything up to the last line of an earlier consultation is `before`; lines of later ones are left out."""
    bubbles = _bubbles(sources)
    owners = [row["consultation_id"] for row in sources.transcript]
    if consultation_id is None:
        return Chapters((), tuple(bubbles), goes_on=False)
    earlier = [n for n, owner in enumerate(owners) if owner is not None and owner < consultation_id]
    later = [n for n, owner in enumerate(owners) if owner is not None and owner > consultation_id]
    start, end = (earlier[-1] + 1 if earlier else 0), (later[0] if later else len(bubbles))
    return Chapters(tuple(bubbles[:start]), tuple(bubbles[start:end]), goes_on=bool(later))


def file_keys(transcript: Sequence[Row]) -> list[str]:
    """Keys of the stored files that a transcript mentions."""
    return [file["key"] for row in transcript for file in row["attachments"] if file.get("key")]


def _bubbles(sources: Sources) -> list[Bubble]:
    sent = {row["id"]: row for row in sources.sendings}
    bubbles: list[Bubble] = []
    day: str | None = None
    chapter: int | None = None
    for row in sources.transcript:
        at = sources.office.calendar.local(row["at"])
        today, owner = long_date(at.date()), row["consultation_id"]
        opens = owner is not None and owner != chapter
        bubbles.append(_bubble(
            row, at, sources, _fate(sent.get(row["outbound_id"]), sources.sendings),
            today if today != day else None, sources.numbers.get(owner) if opens else None,
        ))  # fmt: skip
        day, chapter = today, owner if opens else chapter
    return bubbles


def _bubble(
    row: Row, at: datetime, sources: Sources, delivery: Mark | None, day: str | None, chapter: str | None
) -> Bubble:
    side = _SIDES[row["author"]]
    text = marked(row["text"]) if side == "office" else plain(row["text"])
    return Bubble(
        row["id"], side, _author(row, sources.citizen), row["author"], clock(at), text, row["subject"],
        tuple(_file(n, file, sources.stored) for n, file in enumerate(row["attachments"])), delivery, day, chapter,
    )  # fmt: skip


def _author(row: Row, citizen: str) -> str:
    names = {"citizen": citizen, "machine": f"{citizen} (balasan otomatis)", "bot": "Asisten otomatis"}
    doubt = " · pengirim tidak terverifikasi" if row["doubt"] else ""
    return (names.get(row["author"]) or row["by"] or "Petugas") + doubt


def _file(number: int, file: Row, stored: Mapping[str, Row]) -> File:
    known = stored.get(file.get("key", ""), file)
    kept = "key" in file or not {"url", "lost"} & set(file)
    name = known.get("filename") or "lampiran"
    played = "isinya tidak ada di simulasi" if str(file.get("url", "")).startswith("sim://") else ""
    return File(number, name, words.size(known.get("size")), kept, file.get("lost", played))


def _fate(sending: Row | None, sendings: Sequence[Row]) -> Mark | None:
    if sending is None:
        return None
    last, other = sending, ""
    for _ in range(_MOST_STEPS):
        following = _successor(last, sendings)
        if following is None:
            break
        if following["channel"] != last["channel"]:
            other = f" lewat {words.CHANNELS[following['channel']].lower()} ke {following['recipient']}"
        last = following
    mark = delivery(last)
    return Mark(f"{mark.text}{other}", mark.tone, mark.full)


def _successor(row: Row, sendings: Sequence[Row]) -> Row | None:
    keys = {f"email:{row['token']}", f"other:{row['id']}"}
    direct = next((s for s in sendings if s["dedupe_key"] in keys), None)
    if direct is not None or row["state"] != "replaced":
        return direct
    later = (s for s in sendings if s["id"] > row["id"])
    return next((s for s in later if _carries_held(s["dedupe_key"])), None)


def _carries_held(key: str) -> bool:
    return ":release:" in key or key.startswith("other:")


def delivery(sending: Row) -> Mark:
    """The fate of one sending in words."""
    state, rank = sending["state"], sending["status_rank"]
    if state == "sent":
        text = "dibaca" if rank >= READ else "sampai" if rank >= DELIVERED else "terkirim"
        twice = " (mungkin dua kali)" if sending["possibly_duplicate"] else ""
        return Mark(text + twice, "calm")
    if state == "failed":
        return Mark(f"gagal: {sending['error'] or 'sebab tidak diketahui'}", "late")
    if state == "held" and sending["error"]:
        return Mark(f"gagal: {sending['error'].strip()}", "late", "Disimpan: terkirim bila pengguna menulis lagi.")
    return _UNSETTLED.get(state, Mark(state, "quiet"))


_UNSETTLED: Final = {
    "pending": Mark("menunggu dikirim", "quiet"),
    "sending": Mark("sedang dikirim", "quiet"),
    "held": Mark("ditahan menunggu pengguna", "soon", "Jendela WhatsApp tertutup; terkirim begitu pengguna menulis."),
    "uncertain": Mark("belum pasti terkirim", "soon", "Penyedia layanan sedang ditanya."),
    "replaced": Mark("dikirim bersama jawaban lain", "quiet"),
}
