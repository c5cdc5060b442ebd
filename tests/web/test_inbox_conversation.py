"""The page of one consultation: who said what, what became of it, who the citizen is, and why it is due then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.simulator import READ
from bot.core import events as ev
from bot.core.effects import Template
from bot.core.model import Channel, Office
from bot.web.inbox_composer import Forecast, fault, forecast
from bot.web.inbox_transcript import delivery
from bot.web.inbox_why import sentence
from tests.web.staging import BUDI, Staging

QUESTION = "berapa harga cabai di pasar Baru?"


async def test_bubbles_tell_who_wrote_them_and_notes_are_marked_as_internal(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    await staging.act(number, lambda at, by: ev.Noted(at, by, "tanya seksi distribusi dulu"), "Sari")
    page = await (await staging.signed_in("3574", "Dewi")).get(f"/inbox/{number}")
    assert QUESTION in page.text
    assert "Asisten otomatis" in page.text
    assert 'class="bubble note note"' in page.text
    assert "catatan internal" in page.text
    assert "Jumat 20 November 2026" in page.text


async def test_an_answer_tells_what_became_of_it(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Rp40.000 per kilogram."))
    visitor = await staging.signed_in("3574", "Sari")
    assert ">sampai<" in (await visitor.get(f"/inbox/{number}")).text
    staging.world.network.report(staging.received()[-1], READ)
    await staging.passes(seconds=1)
    assert ">dibaca<" in (await visitor.get(f"/inbox/{number}")).text


async def test_an_answer_after_the_window_is_held_and_its_release_is_shown(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    await staging.until("2026-11-23T10:00:00+07:00")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Rp40.000 per kilogram."))
    visitor = await staging.signed_in("3574", "Sari")
    assert "ditahan menunggu pengguna" in (await visitor.get(f"/inbox/{number}")).text
    await staging.writes("Lihat jawaban", button="release")
    page = await visitor.get(f"/inbox/{number}")
    assert "ditahan menunggu pengguna" not in page.text
    assert page.text.count("Rp40.000") == 1


async def test_a_failed_answer_says_why(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    staging.world.network.next_send(Channel.WHATSAPP, "4xx")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Rp40.000."))
    page = await (await staging.signed_in("3574", "Sari")).get(f"/inbox/{number}")
    assert "gagal: Penyedia WhatsApp menolak pesan ini." in page.text
    assert "tidak sampai" in page.text


async def test_what_is_known_of_a_citizen_and_what_is_missing(staging: Staging) -> None:
    number = await staging.consults_by_mail("Harga", "mohon informasi harga cabai di pasar Baru")
    page = await (await staging.signed_in("3574", "Sari")).get(f"/inbox/{number}")
    assert BUDI in page.text
    assert "belum ada" in page.text
    assert f"Jawaban dikirim lewat e-mail ke {BUDI}." in page.text


async def test_why_shows_every_clock_and_the_history_in_sentences(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    await staging.act(number, ev.TakenOver, "Sari")
    page = await (await staging.signed_in("3574", "Sari")).get(f"/inbox/{number}")
    for said in (
        "Rabu 25 November 2026 pukul 15.30 WIB", "hari kerja ke-1: Sen 23 Nov", "Batas menjawab",
        "Peringatan untuk petugas", "kalender versi", f"Mendapat nomor {number}.", "Diambil alih oleh Sari.",
    ):  # fmt: skip
        assert said in page.text, said


async def test_a_clock_that_was_stopped_says_when_and_why(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Ini jawabannya."), "Sari")
    await staging.passes(minutes=5)
    await staging.writes("belum sesuai, saya butuh yang tahun 2020")
    page = await (await staging.signed_in("3574", "Sari")).get(f"/inbox/{number}")
    assert re.search(r"Dihentikan Jum 20 Nov 2026 \d\d\.\d\d: petugas menjawab", page.text)
    assert re.search(r"Penutupan otomatis.*?dihentikan.*?pengguna menulis", page.text, re.DOTALL | re.IGNORECASE)
    assert "masa tunggu balasan mulai berjalan" in page.text


async def test_an_older_consultation_links_to_the_newer_one_and_cannot_be_answered(staging: Staging) -> None:
    first = await staging.consults(QUESTION)
    await staging.act(first, ev.ClosedByStaff)
    await staging.until("2026-12-04T10:00:00+07:00")
    second = await staging.consults("berapa jumlah UMKM di Mayangan?")
    visitor = await staging.signed_in("3574", "Sari")
    older, newer = await visitor.get(f"/inbox/{first}"), await visitor.get(f"/inbox/{second}")
    assert f'href="/inbox/{second}"' in older.text
    assert "Kirim jawaban" not in older.text
    assert f'href="/inbox/{first}"' in newer.text
    assert "Percakapan sebelumnya" in newer.text


async def test_the_changing_part_is_silent_until_something_happens(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    visitor = await staging.signed_in("3574", "Sari")
    path = (await visitor.get(f"/inbox/{number}")).text.partition('hx-get="')[2].partition('"')[0]
    assert (await visitor.get(path)).status == 204
    await staging.writes("ditunggu ya kak, untuk laporan besok")
    fresh = await visitor.get(path)
    assert "untuk laporan besok" in fresh.text
    assert "<textarea" not in fresh.text  # what is being typed is left alone


async def test_who_has_no_consultation_can_still_be_read(staging: Staging) -> None:
    await staging.writes("pelayanannya lama sekali, saya mau mengadu: kemarin telepon tidak diangkat")
    visitor, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Sari")
    assert "telepon tidak diangkat" in (await visitor.get("/inbox/percakapan/1")).text
    assert (await stranger.get("/inbox/percakapan/1")).status == 404
    await staging.consults(QUESTION)
    assert (await visitor.get("/inbox/percakapan/1")).status == 303


@pytest.mark.parametrize(
    ("state", "rank", "said"),
    [
        ("pending", 0, "menunggu dikirim"), ("sending", 0, "sedang dikirim"), ("sent", 3, "terkirim"),
        ("sent", 4, "sampai"), ("sent", 5, "dibaca"), ("held", 0, "ditahan menunggu pengguna"),
        ("uncertain", 0, "belum pasti terkirim"), ("failed", 0, "gagal: nomor tidak aktif"),
    ],
)  # fmt: skip
def test_every_fate_of_a_message_has_words(state: str, rank: int, said: str) -> None:
    error = "nomor tidak aktif" if state != "held" else None
    sending = {"state": state, "status_rank": rank, "error": error, "possibly_duplicate": False}
    assert delivery(sending).text == said


def test_what_failed_and_is_kept_says_both() -> None:
    kept = {"state": "held", "status_rank": 0, "error": "63024 nomor tidak aktif", "possibly_duplicate": False}
    assert delivery(kept).text == "gagal: 63024 nomor tidak aktif"
    assert "bila pengguna menulis lagi" in delivery(kept).full


def _row(**changes: Any) -> Mapping[str, Any]:
    plain: dict[str, Any] = {"channel": "whatsapp", "address": "+62812", "known": {}, "opted_out": False}
    return {**plain, "window_until": None, **changes}


LATER = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # 16.00 WIB


@pytest.mark.parametrize(
    ("row", "templates", "fate", "said"),
    [
        (_row(window_until=LATER), frozenset(), "at_once", "jawaban langsung terkirim"),
        (_row(), frozenset({Template.ANSWER_READY}), "held", "ditahan"),
        (_row(known={"email": "a@contoh.id"}), frozenset(), "email", "lewat e-mail ke a@contoh.id"),
        (_row(), frozenset(), "nowhere", "tidak akan sampai"),
        (_row(opted_out=True, known={"email": "a@contoh.id"}), frozenset(Template), "email", "e-mail"),
        (_row(channel="email", address="b@contoh.id"), frozenset(), "email", "b@contoh.id"),
    ],
)
def test_the_composer_foretells_the_way_an_answer_takes(
    offices: dict[str, Office], row: Mapping[str, Any], templates: frozenset[Template], fate: str, said: str
) -> None:
    office = offices["3574"]
    found = forecast(row, office, templates, office.calendar.local(datetime(2026, 11, 20, 3, 0, tzinfo=UTC)))
    assert found.fate == fate
    assert said in found.text


@pytest.mark.parametrize(
    ("length", "limit", "wrong"),
    [(0, 1600, True), (0, None, True), (1500, 1600, False), (4000, 1600, False), (6000, 1600, True),
     (6000, None, False)],
)  # fmt: skip
def test_what_no_message_can_carry_is_said_before_sending(length: int, limit: int | None, wrong: bool) -> None:
    text = ("kata " * 2000)[:length].strip()
    assert bool(fault(text, Forecast("at_once", "", limit))) is wrong


@pytest.mark.parametrize(
    ("what", "detail", "said"),
    [
        ("closed", "resolved (Sari)", "Ditutup oleh Sari: sudah sesuai."),
        ("closed", "silent", "Ditutup: tidak ada balasan."),
        ("transferred", "Sari -> Agus", "Diserahkan: Sari kepada Agus."),
        ("due_moved", "2026-11-25T15:30:00+07:00 -> diterima x",
         "Batas menjawab berpindah: Rabu 25 November 2026 pukul 15.30 WIB menjadi diterima x."),
        ("reopened", "Sari", "Dibuka kembali oleh Sari."),
        ("something_new", "abc", "something_new abc"),
    ],
)  # fmt: skip
def test_history_is_told_in_sentences(offices: dict[str, Office], what: str, detail: str, said: str) -> None:
    assert sentence({"what": what, "detail": detail}, offices["3574"]) == said
