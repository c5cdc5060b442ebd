"""The list: views, what burns first, search, news, and quiet refreshing."""

from __future__ import annotations

import re

import pytest

from bot.core import events as ev
from tests.web.staging import Staging

ANDI, WATI = "+6281230000007", "+6281230000008"


async def test_a_line_says_who_what_and_how_long_still(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru hari ini?", name="Rina")
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/")
    for said in (number, "Rina", "WhatsApp", "berapa harga cabai", "5 hari lagi", "jendela WA 23 jam lagi"):
        assert said in page.text, said
    assert "+6281230000001" not in page.text


async def test_each_view_holds_its_own(staging: Staging) -> None:
    owed = await staging.consults("berapa jumlah UMKM di Mayangan?")
    answered = await staging.consults("berapa harga cabai di pasar Baru?", phone=ANDI, name="Andi")
    closed = await staging.consults("berapa panjang jalan kota?", phone=WATI, name="Wati")
    await staging.act(answered, lambda at, by: ev.Answered(at, by, "Ini jawabannya."))
    await staging.act(closed, ev.ClosedByStaff)
    visitor = await staging.signed_in("3574", "Sari")
    for view, number in (("open", owed), ("answered", answered), ("closed", closed)):
        page = await visitor.get(f"/inbox/?lihat={view}")
        assert re.findall(r'id="k-([\d-]+)"', page.text) == [number]
    counts = re.findall(r'id="tab-(\w+)".*?count[^>]*>(\d+)<', page.text, re.DOTALL)
    assert counts == [("open", "1"), ("answered", "1"), ("silent", "0"), ("undeliverable", "0"), ("closed", "1")]


async def test_what_burns_first_stands_on_top_and_a_window_that_is_shut_burns_no_more(staging: Staging) -> None:
    friday = await staging.consults("berapa jumlah UMKM di Mayangan?")
    await staging.until("2026-11-23T09:00:00+07:00")
    monday = await staging.consults("berapa harga cabai di pasar Baru?", phone=ANDI, name="Andi")
    visitor = await staging.signed_in("3574", "Sari")
    # Monday: the window of today's question ends before Friday's is due, whose own window is shut.
    assert re.findall(r'id="k-([\d-]+)"', (await visitor.get("/inbox/")).text) == [monday, friday]
    await staging.until("2026-11-24T09:30:00+07:00")
    visitor = await staging.signed_in("3574", "Sari")
    assert re.findall(r'id="k-([\d-]+)"', (await visitor.get("/inbox/")).text) == [friday, monday]


async def test_a_breach_is_a_word_and_not_only_a_colour(staging: Staging) -> None:
    await staging.consults("berapa harga cabai di pasar Baru hari ini?")
    await staging.until("2026-11-25T18:30:00+07:00")
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/")
    assert "lewat 3 jam" in page.text
    assert "jendela WA tertutup" in page.text
    assert "Lewat batas waktu" in page.text  # news


async def test_taking_over_is_seen_by_colleagues(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru hari ini?")
    await staging.act(number, ev.TakenOver, "Agus")
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/")
    assert "Agus" in page.text


@pytest.mark.parametrize("wanted", ["000001", "rina", "RINA", "0812-3000-0001", "wulandari", "+62812"])
async def test_search_finds_by_number_name_and_address(staging: Staging, wanted: str) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru?", name="Rina Wulandari")
    await staging.consults("berapa panjang jalan kota?", phone="+6285730000009", name="Wati")
    visitor = await staging.signed_in("3574", "Sari")
    page = await visitor.get(f"/inbox/?cari={wanted.replace('+', '%2B')}")
    assert re.findall(r'id="k-([\d-]+)"', page.text) == [number]


@pytest.mark.parametrize("wanted", ["%25", "_", "orang%20lain", "<script>alert(1)</script>"])
async def test_search_takes_words_as_words(staging: Staging, wanted: str) -> None:
    await staging.consults("berapa harga cabai di pasar Baru?")
    page = await (await staging.signed_in("3574", "Sari")).get(f"/inbox/?cari={wanted.replace('<', '%3C')}")
    assert "Tidak ada konsultasi dengan" in page.text
    assert "<script>alert" not in page.text


async def test_what_a_citizen_writes_is_text_everywhere(staging: Staging) -> None:
    number = await staging.consults("berapa <script>alert(1)</script> harga cabai?", name="<img src=x onerror=y>")
    visitor = await staging.signed_in("3574", "Sari")
    for path in ("/inbox/", f"/inbox/{number}", f"/inbox/{number}/isi", "/inbox/daftar"):
        text = (await visitor.get(path)).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text


async def test_refreshing_changes_nothing_when_nothing_has_changed(staging: Staging) -> None:
    await staging.consults("berapa harga cabai di pasar Baru?")
    visitor = await staging.signed_in("3574", "Sari")
    poll = re.search(r'hx-get="([^"]+)"', (await visitor.get("/inbox/")).text)
    assert poll
    path = poll[1].replace("&amp;", "&")
    assert (await visitor.get(path)).status == 204
    await staging.consults("berapa panjang jalan kota?", phone=ANDI, name="Andi")
    fresh = await visitor.get(path)
    assert fresh.status == 200
    assert "Andi" in fresh.text
    assert "<html" not in fresh.text


async def test_the_menu_counts_what_waits_in_the_registers(staging: Staging) -> None:
    await staging.writes("pelayanannya lama sekali, saya mau mengadu: kemarin telepon tidak diangkat")
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/")
    assert re.search(r"Pengaduan <span class=\"count\">1<", page.text)
