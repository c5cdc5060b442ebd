"""Complaints, appointments, requests under the data protection act, messages that failed, and files."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest

from bot.channels.simulator import Delivery
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.store import conversations, inbound, records
from tests.web.staging import RINA, Staging

COMPLAINT = "pelayanannya lama sekali, saya mau mengadu: kemarin telepon tidak diangkat"


async def test_a_complaint_is_listed_and_marked_as_handled(staging: Staging) -> None:
    await staging.writes(COMPLAINT)
    sari, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Tono")
    assert "telepon tidak diangkat" in (await sari.get("/inbox/pengaduan")).text
    assert "telepon tidak diangkat" not in (await stranger.get("/inbox/pengaduan")).text
    await stranger.deed("/inbox/", "/inbox/pengaduan/1/selesai")
    assert "Tandai sudah ditangani" in (await sari.get("/inbox/pengaduan")).text
    await sari.deed("/inbox/pengaduan", "/inbox/pengaduan/1/selesai")
    page = await sari.get("/inbox/pengaduan")
    assert "ditangani Sari" in page.text
    assert "Tandai sudah ditangani" not in page.text


async def test_appointments_stand_in_the_order_of_time(staging: Staging) -> None:
    await staging.writes("mau ketemu petugas hari Rabu jam 10", office="3514")
    page = await (await staging.signed_in("3514", "Sari")).get("/inbox/janji")
    assert "Rabu 25 November 2026 pukul 10.00 WIB" in page.text
    assert "terjadwal" in page.text


async def test_where_no_appointment_is_promised_the_wish_is_listed(staging: Staging) -> None:
    await staging.writes("mau buat janji ketemu petugas hari Rabu jam 10")
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/janji")
    assert "tidak menjanjikan janji temu" in page.text
    assert "permintaan" in page.text


async def test_only_the_head_approves_a_deletion_and_after_a_second_look(staging: Staging) -> None:
    await staging.writes("halo")
    await staging.writes("HAPUS DATA", name="Rina Wulandari")
    sari, dewi = await staging.signed_in("3574", "Sari"), await staging.signed_in("3574", "Dewi", "head")
    listed = await sari.get("/inbox/data")
    assert "2 hari lagi" in listed.text or "3 hari lagi" in listed.text or "71 jam" in listed.text
    assert "menunggu persetujuan kepala" in listed.text
    assert (await sari.get("/inbox/data/1/hapus")).status == 404
    refused = await sari.deed("/inbox/data", "/inbox/data/1/hapus")
    assert refused.status == 403
    assert "tidak dapat dibatalkan" in (await dewi.get("/inbox/data/1/hapus")).text
    done = await dewi.deed("/inbox/data/1/hapus", "/inbox/data/1/hapus")
    assert done.location == "/inbox/data?kabar=dihapus"
    assert "(data dihapus)" in (await dewi.get("/inbox/data")).text
    again = await dewi.deed("/inbox/data", "/inbox/data/1/hapus")
    assert again.status == 409


async def test_a_wish_to_see_ones_data_is_ticked_off_and_an_erasure_is_not(staging: Staging) -> None:
    for kind, phone in (("see", RINA), ("erase", "+6281230000002")):
        await staging.writes("halo", phone=phone)
        async with staging.world.service.database.write() as tx:
            stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, phone, staging.world.now)
            await records.request_data(tx, stored, kind, staging.world.now, staging.world.now + timedelta(hours=72))
    sari, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Tono")
    assert (await stranger.deed("/inbox/", "/inbox/data/1/selesai")).status == 404
    assert (await sari.deed("/inbox/data", "/inbox/data/1/selesai")).status == 303
    assert (await sari.deed("/inbox/data", "/inbox/data/2/selesai")).status == 404
    assert "oleh Sari" in (await sari.get("/inbox/data")).text


def to_citizens(staging: Staging) -> list[Delivery]:
    return [d for d in staging.world.network.deliveries if d.purpose != "staff"]


async def asked_for_his_data(staging: Staging, email: str | None) -> None:
    await staging.writes("tolong teruskan ke petugas: ada data panti asuhan per kelurahan?")
    await staging.writes("nama Rina Wulandari" + (f", {email}, data" if email else ", data"))
    await staging.writes("DATA SAYA")


async def test_a_copy_of_his_data_goes_to_the_address_that_he_gave_as_a_file(staging: Staging) -> None:
    await asked_for_his_data(staging, "rina@contoh.id")
    sari, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Tono")
    refused = await stranger.deed("/inbox/", "/inbox/data/1/kirim")
    assert "tidak ada atau sudah diselesaikan" in refused.text
    assert (await sari.deed("/inbox/data", "/inbox/data/1/kirim")).location == "/inbox/data?kabar=data"
    await staging.passes(seconds=5)
    mailed = next(d for d in to_citizens(staging) if d.to == "rina@contoh.id")
    told = next(d for d in reversed(to_citizens(staging)) if d.to == RINA)
    assert "rina@contoh.id" in told.body
    copy = next(part for part in message_from_bytes(mailed.raw).walk() if part.get_filename() == "data-saya.txt")
    text = copy.get_payload(decode=True).decode("utf-8-sig")  # type: ignore[union-attr]
    for words in ("Nama: Rina Wulandari", "E-mail: rina@contoh.id", RINA, "panti asuhan", "3574-2026-000001"):
        assert words in text
    assert "oleh Sari" in (await sari.get("/inbox/data")).text
    again = await sari.deed("/inbox/data", "/inbox/data/1/kirim")
    assert again.status == 409


async def test_without_an_address_the_copy_is_told_in_short(staging: Staging) -> None:
    await asked_for_his_data(staging, None)
    sari = await staging.signed_in("3574", "Sari")
    await sari.deed("/inbox/data", "/inbox/data/1/kirim")
    await staging.passes(seconds=5)
    told = to_citizens(staging)[-1]
    assert told.to == RINA
    assert "Nama: Rina Wulandari" in told.body
    assert "1 konsultasi" in told.body
    assert "alamat e-mail" in told.body


async def test_the_survey_shows_the_quarters_index_to_its_own_office(staging: Staging) -> None:
    await staging.writes("halo")
    async with staging.world.service.database.write() as tx:
        stored = await conversations.lock(tx, "3574", Channel.WHATSAPP, RINA, staging.world.now)
        for scores in ((4, 4, 3, 4, 4, 4, 4, 3, 4), (3,) * 9):
            await records.answer_survey(tx, stored, scores, staging.world.now)
    page = await (await staging.signed_in("3574", "Sari")).get("/inbox/kepuasan")
    assert "Triwulan IV 2026" in page.text
    assert "<b>84,72</b>" in page.text
    assert "<b>B</b> (baik) · 2 responden" in page.text
    assert "Belum ada jawaban pada triwulan ini" in page.text, "the quarters before"
    assert "84,72" not in (await (await staging.signed_in("3514", "Tono")).get("/inbox/kepuasan")).text


async def test_a_quarantined_message_is_shown_and_replayed_by_its_office_only(staging: Staging) -> None:
    number = await quarantined(staging)
    sari, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Tono")
    page = await sari.get("/inbox/gagal")
    assert f"Pesan nomor {number}" in page.text
    assert "ValueError: rusak" in page.text
    assert "Gagal diproses" not in (await stranger.get("/inbox/")).text
    assert (await stranger.deed("/inbox/", f"/inbox/gagal/{number}/ulang")).status == 404
    assert (await sari.deed("/inbox/gagal", f"/inbox/gagal/{number}/ulang")).status == 303
    await staging.passes(seconds=5)
    assert "jam buka" in (await sari.get("/inbox/percakapan/1")).text


async def quarantined(staging: Staging) -> int:
    """A message that broke the engine often enough."""
    now = staging.world.now
    fields: dict[str, Any] = {"text": "jam buka?", "button": None, "media": [], "profile_name": "Rina", "phone": RINA}
    message = Received("3574", Channel.WHATSAPP, "message", "SMx", RINA, now, now + timedelta(hours=1), fields)
    staging.world.network.heard("3574", RINA)
    async with staging.world.service.database.write() as tx:
        await inbound.add(tx, [message])
        waiting = await inbound.of_sender(tx, inbound.Sender("3574", Channel.WHATSAPP, RINA))
        for _ in range(inbound.MOST_ATTEMPTS):
            await inbound.failed(tx, [waiting[0].id], "ValueError: rusak", now)
    return waiting[0].id


@pytest.mark.parametrize("name", ["tabel harga.csv", "laporan é.pdf"])
async def test_a_file_is_a_download_and_never_a_page(staging: Staging, name: str) -> None:
    content = b"%PDF-1.4 isi" if name.endswith("pdf") else b"a;b\n1;2\n"
    await staging.mails("Harga", "mohon data harga cabai, format terlampir", file=(name, content))
    sari, stranger = await staging.signed_in("3574", "Sari"), await staging.signed_in("3514", "Tono")
    file = await sari.get("/inbox/lampiran/1/0")
    assert file.status == 200
    assert file.content == content
    assert file.headers["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    assert (await stranger.get("/inbox/lampiran/1/0")).status == 404
    assert (await sari.get("/inbox/lampiran/1/7")).status == 404
    assert (await staging.visitor().get("/inbox/lampiran/1/0")).status == 303


async def test_a_dangerous_file_is_not_handed_out(staging: Staging) -> None:
    await staging.mails("Harga", "mohon data harga cabai", file=("data.exe", b"MZ" + b"x" * 100))
    answer = await (await staging.signed_in("3574", "Sari")).get("/inbox/lampiran/1/0")
    assert answer.status == 403
    assert "ditahan" in answer.text
