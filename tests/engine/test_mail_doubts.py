"""Mails that cannot be taken at their word: forged, locked, too large, in somebody else's thread, endless."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.core import events as ev
from bot.reader import Brain
from bot.settings import Settings
from bot.store.database import Database
from tests.engine.mail_scene import QUESTION, RINA, Scene, open_scene

OTHER_QUESTION = "Mohon petugas menjawab juga: berapa jumlah bengkel las per RT tahun 2018?"
FORGED = {"Authentication-Results": "mx.contoh.id; spf=fail smtp.mailfrom=warga.contoh.id; dmarc=fail"}


@pytest.fixture
async def scene(settings: Settings, brain: Brain, database: Database) -> Scene:
    return await open_scene(settings, brain, database)


# --- senders that failed authentication -------------------------------------------------------------------------------


async def test_a_forged_question_opens_a_consultation_and_nothing_goes_back(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION, headers=FORGED)

    sent = scene.sent()
    assert {d.purpose for d in sent} == {"staff"}
    assert "tidak terverifikasi" in sent[0].body
    (consultation,) = await scene.consultations()
    assert (consultation["state"], consultation["question"]) == ("open", QUESTION)
    assert [(line["author"], line["doubt"]) for line in await scene.lines(RINA)] == [("citizen", "unverified")]


@pytest.mark.parametrize("words", ["Tidak jadi, batalkan saja.", "HAPUS DATA", "sudah sesuai, terima kasih", "STATUS"])
async def test_a_forged_mail_closes_reveals_and_erases_nothing(scene: Scene, words: str) -> None:
    await scene.mail(RINA, QUESTION)
    scene.sent()

    await scene.mail(RINA, words, headers=FORGED)

    assert not scene.to_citizens()
    (consultation,) = await scene.consultations()
    assert consultation["state"] == "open"
    assert {n["kind"] for n in await scene.news()} == {"new", "message"}


async def test_a_forged_answer_to_an_answer_is_looked_at_by_staff(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION)
    number = (await scene.consultations())[0]["number"]
    await answer(scene, number)
    scene.sent()

    await scene.mail(RINA, "sudah sesuai", headers=FORGED)

    assert not scene.to_citizens()
    assert (await scene.consultations())[0]["state"] == "open"


async def answer(scene: Scene, number: str) -> None:
    officer = await scene.officer()
    await scene.world.service.engine.act(
        officer, number, lambda at, by: ev.Answered(at, by, "Bisa, lewat Silastik."), scene.world.now
    )
    await scene.world.run_until(scene.world.now + timedelta(seconds=5))


# --- mails that cannot be read ----------------------------------------------------------------------------------------


async def test_an_encrypted_mail_is_politely_asked_for_in_plain_text(scene: Scene) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = RINA, scene.office_address, "Rahasia"
    mail["Message-ID"] = "<e1@warga.contoh.id>"
    mail.set_content(b"\x30\x82", maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
    await scene.put(mail.as_bytes(), RINA)

    (reply,) = scene.to_citizens()
    assert "terenkripsi" in reply.body
    assert reply.headers["Auto-Submitted"] == "auto-replied"
    assert not await scene.consultations()
    assert (await scene.lines(RINA))[0]["text"] == "[e-mail terenkripsi]"


async def test_a_mail_that_is_too_large_is_heard_as_far_as_it_was_read(scene: Scene) -> None:
    await scene.put(scene.compose(RINA, QUESTION), RINA, {"too_large": "31000000"})

    (reply,) = scene.to_citizens()
    (consultation,) = await scene.consultations()
    assert "terlalu besar" in reply.body
    assert consultation["number"] in reply.body


async def test_a_file_in_outlook_s_wrapping_is_asked_for_again(scene: Scene) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = RINA, scene.office_address, "Data"
    mail["Message-ID"] = "<w1@warga.contoh.id>"
    mail.set_content(QUESTION)
    mail.add_attachment(b"\x78\x9f\x3e\x22xx", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    await scene.put(mail.as_bytes(), RINA)

    (reply,) = scene.to_citizens()
    assert "winmail.dat" in reply.body
    assert len(await scene.consultations()) == 1


# --- somebody else's thread -------------------------------------------------------------------------------------------


async def test_a_stranger_in_a_citizen_s_thread_learns_nothing_and_staff_are_told(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION)
    (ours,) = scene.to_citizens()
    number = (await scene.consultations())[0]["number"]

    await scene.mail("orang.lain@contoh.id", "status konsultasi saya?", answers=ours, subject=f"Re: [PST-{number}]")

    told = scene.sent()
    replies = [d for d in told if d.to == "orang.lain@contoh.id"]
    assert replies
    assert all(number not in d.body and "batik" not in d.body for d in replies)
    letters = [d for d in told if d.purpose == "staff"]
    assert any("orang.lain@contoh.id" in d.body and number in d.body for d in letters)
    assert (await scene.consultations())[0]["state"] == "open"
    assert not [d for d in told if d.to == RINA]


async def test_a_number_in_the_subject_proves_nothing(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION)
    number = (await scene.consultations())[0]["number"]
    scene.sent()

    await scene.mail("orang.lain@contoh.id", "sudah sesuai, tutup saja", subject=f"Re: Data [PST-{number}]")

    told = scene.sent()
    assert all(number not in d.body and number not in (d.subject or "") for d in told if d.purpose != "staff")
    assert any("menyebut nomor konsultasi" in d.body for d in told if d.purpose == "staff")
    assert (await scene.consultations())[0]["state"] == "open"


async def test_an_old_token_that_was_forwarded_opens_no_door(scene: Scene) -> None:
    """A colleague answers below a forwarded mail: he is a citizen of his own."""
    await scene.mail(RINA, QUESTION)
    (ours,) = scene.to_citizens()

    text = f"{OTHER_QUESTION}\n\n---------- Pesan terusan ---------\n{ours.body}"
    await scene.mail("rekan@contoh.id", text, answers=ours, subject="Trs: Data")

    consultations = await scene.consultations()
    assert [c["address"] for c in consultations] == [RINA, "rekan@contoh.id"]
    assert "batik" not in consultations[1]["question"]


async def test_the_writer_may_change_the_subject_and_ask_something_new_in_an_old_thread(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION)
    (ours,) = scene.to_citizens()
    number = (await scene.consultations())[0]["number"]
    await answer(scene, number)
    scene.sent()

    await scene.mail(RINA, OTHER_QUESTION, answers=ours, subject="Hal lain")

    (reply,) = scene.to_citizens()
    (consultation,) = await scene.consultations()
    assert (consultation["number"], consultation["state"]) == (number, "open")
    assert (reply.subject or "").startswith("Re: Hal lain")
    assert not any("alamat lain" in n["text"] for n in await scene.news())


async def test_an_answer_to_a_staff_notification_from_no_officer_s_address_goes_nowhere(scene: Scene) -> None:
    await scene.mail(RINA, QUESTION)
    notification = next(d for d in scene.sent() if d.purpose == "staff")

    await scene.mail("petugas.pribadi@contoh.id", "Silakan unduh di situs kami.", answers=notification)

    told = scene.sent()
    assert {d.purpose for d in told} == {"staff"}
    assert all(d.to != "petugas.pribadi@contoh.id" for d in told)
    assert "tidak terdaftar" in told[0].body
    consultations = await scene.consultations()
    assert [(c["address"], c["state"]) for c in consultations] == [(RINA, "open")]


# --- programs that never stop -----------------------------------------------------------------------------------------


async def test_the_same_words_are_answered_twice_a_day_and_then_only_kept(scene: Scene) -> None:
    words = "Terima kasih telah menulis kepada kami, tiket {n} Anda sedang kami kerjakan"
    for n in range(12):
        await scene.mail("robot@contoh.id", words.format(n=n * 7919))
        await scene.world.run_until(scene.world.now + timedelta(minutes=10))

    assert len(scene.to_citizens()) <= 2
    assert [line["author"] for line in await scene.lines("robot@contoh.id")].count("machine") >= 10
