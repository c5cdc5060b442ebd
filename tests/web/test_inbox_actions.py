"""What officers do: each deed once, never from a stale page, and no typed word lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.core import events as ev
from bot.store import records
from tests.web.staging import Staging, Visitor

QUESTION = "berapa harga cabai di pasar Baru?"


async def start(staging: Staging) -> tuple[str, Visitor]:
    return await staging.consults(QUESTION), await staging.signed_in("3574", "Sari")


async def test_an_answer_reaches_the_citizen(staging: Staging) -> None:
    number, sari = await start(staging)
    answer = await sari.deed(f"/inbox/{number}", f"/inbox/{number}/jawab", text="Rp40.000\r\nper kilogram")
    assert answer.location == f"/inbox/{number}?kabar=dijawab"
    await staging.passes(seconds=1)
    assert "Rp40.000\nper kilogram" in staging.received()[-1].body
    assert (await staging.row(number))["state"] == "answered"
    assert "Jawaban tersimpan" in (await sari.get(answer.location)).text


async def test_taking_over_and_releasing(staging: Staging) -> None:
    number, sari = await start(staging)
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/ambil")
    assert (await staging.row(number))["officer"] == "Sari"
    assert "Anda menangani" in (await sari.get(f"/inbox/{number}")).text
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/lepas")
    assert (await staging.row(number))["officer"] is None


async def test_a_note_stays_inside(staging: Staging) -> None:
    number, sari = await start(staging)
    sent = len(staging.received())
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/catat", text="orang ini sudah datang dua kali")
    await staging.passes(seconds=2)
    assert len(staging.received()) == sent
    assert "sudah datang dua kali" in (await sari.get(f"/inbox/{number}")).text


@pytest.mark.parametrize(("reason", "kept"), [("resolved", "resolved"), ("spam", "spam"), ("lainnya", "resolved")])
async def test_closing_and_reopening(staging: Staging, reason: str, kept: str) -> None:
    number, sari = await start(staging)
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/tutup", reason=reason)
    assert (await staging.row(number))["closed_reason"] == kept
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/buka")
    assert (await staging.row(number))["state"] == "open"


async def test_handing_over_goes_to_colleagues_only(staging: Staging) -> None:
    number, sari = await start(staging)
    await staging.officer("3574", "Agus")
    await staging.officer("3514", "Tono")
    refused = await sari.deed(f"/inbox/{number}", f"/inbox/{number}/serah", to="Tono")
    assert refused.status == 409
    await sari.deed(f"/inbox/{number}", f"/inbox/{number}/serah", to="Agus")
    assert (await staging.row(number))["officer"] == "Agus"


async def test_an_answer_from_a_stale_page_is_refused_and_kept(staging: Staging) -> None:
    number, sari = await start(staging)
    shown = await sari.get(f"/inbox/{number}")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Jawaban Agus."), "Agus")
    form = {"csrf": shown.field("csrf"), "seen": shown.field("seen"), "text": "Jawaban Sari <lengkap>."}
    refused = await sari.post(f"/inbox/{number}/jawab", form)
    assert refused.status == 409
    assert "Belum dilakukan" in refused.text
    assert "Agus menjawab" in refused.text
    assert ">Jawaban Sari &lt;lengkap&gt;.</textarea>" in refused.text
    again = await sari.post(f"/inbox/{number}/jawab", {**form, "seen": refused.field("seen")})
    assert again.status == 303


@pytest.mark.parametrize("deed", ["ambil", "lepas", "tutup", "buka"])
async def test_no_deed_is_done_from_a_stale_page(staging: Staging, deed: str) -> None:
    number, sari = await start(staging)
    shown = await sari.get(f"/inbox/{number}")
    await staging.writes("tambahan: cabai rawit merah, untuk laporan")
    before = await staging.row(number)
    form = {"csrf": shown.field("csrf"), "seen": shown.field("seen")}
    refused = await sari.post(f"/inbox/{number}/{deed}", form)
    assert refused.status == 409
    assert "pengguna menulis" in refused.text
    assert await staging.row(number) == before


async def test_two_officers_at_the_same_moment_answer_once(staging: Staging) -> None:
    number, sari = await start(staging)
    agus = await staging.signed_in("3574", "Agus")
    texts = {"Jawaban Sari": sari, "Jawaban Agus": agus}
    pages = {text: await who.get(f"/inbox/{number}") for text, who in texts.items()}
    answers = await asyncio.gather(*(
        who.post(f"/inbox/{number}/jawab", {
            "csrf": pages[text].field("csrf"), "seen": pages[text].field("seen"), "text": text,
        })
        for text, who in texts.items()
    ))  # fmt: skip
    assert sorted(a.status for a in answers) == [303, 409]


async def test_the_same_form_sent_twice_answers_once(staging: Staging) -> None:
    number, sari = await start(staging)
    shown = await sari.get(f"/inbox/{number}")
    form = {"csrf": shown.field("csrf"), "seen": shown.field("seen"), "text": "Rp40.000."}
    assert [(await sari.post(f"/inbox/{number}/jawab", form)).status for _ in range(2)] == [303, 409]
    async with staging.world.service.database.read() as tx:
        lines = await records.transcript(tx, (await staging.row(number))["conversation_id"])
    assert [line["text"] for line in lines if line["author"] == "staff"] == ["Rp40.000."]


@pytest.mark.parametrize(("deed", "text"), [("jawab", ""), ("jawab", "kata " * 1500), ("catat", "  ")])
async def test_what_cannot_be_kept_is_said_and_the_page_comes_back(staging: Staging, deed: str, text: str) -> None:
    number, sari = await start(staging)
    refused = await sari.deed(f"/inbox/{number}", f"/inbox/{number}/{deed}", text=text)
    assert refused.status == 409
    assert text.strip() in refused.text


async def test_what_the_engine_refuses_is_said_in_its_words(staging: Staging) -> None:
    number, sari = await start(staging)
    answer = await sari.deed(f"/inbox/{number}", f"/inbox/{number}/buka")
    assert (answer.status, "Konsultasi masih terbuka." in answer.text) == (409, True)
