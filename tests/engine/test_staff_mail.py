"""Staff by e-mail, sentence by sentence: who may, what reaches the citizen, what never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.channels.mime import parse_mail
from bot.channels.simulator import Delivery
from bot.core.arrivals import Received
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.store import people
from bot.store.database import Database
from tests.engine.mail_scene import OFFICE, QUESTION, RINA, Scene, open_scene

FAILED = {"Authentication-Results": "mx.contoh.id; dmarc=fail header.from=contoh.id"}
SIGNED = "\n\n-- \nPetugas\nBPS Kota Contoh\n0812 0000 0000"


@pytest.fixture
async def scene(settings: Settings, brain: Brain, database: Database) -> Scene:
    """Rina has asked, and the officer has been notified."""
    opened = await open_scene(settings, brain, database)
    await opened.mail(RINA, QUESTION)
    return opened


async def notified(scene: Scene) -> tuple[str, Delivery, str]:
    """The officer's address, the notification he got, and the consultation's number."""
    officer = await scene.officer()
    number = (await scene.consultations())[0]["number"]
    mails = [d for d in scene.sent() if d.to == officer.email and number in (d.subject or "")]
    return officer.email, mails[0], number


def quoted(notification: Delivery) -> str:
    lines = "\n".join(f"> {line}" for line in notification.body.splitlines())
    return f"\n\nPada Jum, 20 Nov 2026 pukul 09.00 PST <pst@contoh.id> menulis:\n{lines}\n"


async def state(scene: Scene) -> str:
    return str((await scene.consultations())[0]["state"])


async def test_a_reply_reaches_the_citizen_without_quotation_and_signature(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, f"Ada 12 pengrajin.{SIGNED}{quoted(notification)}", answers=notification)

    told = scene.sent()
    (answer,) = [d for d in told if d.to == RINA]
    assert "Ada 12 pengrajin." in answer.body
    assert "0812" not in answer.body
    assert "pengrajin batik" not in answer.body
    assert "Auto-Submitted" not in answer.headers
    assert await state(scene) == "answered"


async def test_the_confirmation_shows_what_the_citizen_received(scene: Scene) -> None:
    officer, notification, number = await notified(scene)

    await scene.mail(officer, "Ada 12 pengrajin.", answers=notification)

    told = scene.sent()
    (answer,) = [d for d in told if d.to == RINA]
    (confirmation,) = [d for d in told if d.to == officer]
    assert answer.body.strip().splitlines()[0].strip("*") in confirmation.body
    assert "Ada 12 pengrajin." in confirmation.body
    assert number in (confirmation.subject or "")
    assert confirmation.headers["Auto-Submitted"] == "auto-replied"
    assert confirmation.headers["In-Reply-To"].startswith("<m")


@pytest.mark.parametrize("mark", ["#catatan", "#Catatan:", "#CATATAN -", "#catatan\n"])
async def test_a_note_stays_inside(scene: Scene, mark: str) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, f"{mark} Orang ini sudah datang kemarin.", answers=notification)

    told = scene.sent()
    assert not [d for d in told if d.to == RINA]
    assert "Catatan disimpan" in (told[0].subject or "")
    notes = [line for line in await scene.lines(RINA) if line["author"] == "note"]
    assert [note["text"] for note in notes] == ["Orang ini sudah datang kemarin."]
    assert await state(scene) == "open"


async def test_a_mark_further_down_is_no_note(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, "Lihat #catatan kaki pada tabel.", answers=notification)

    assert await state(scene) == "answered"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Auto-Submitted": "auto-replied"}, "Saya sedang cuti."),
        ({"X-Auto-Response-Suppress": "All"}, "Saya sedang dinas luar."),
        ({}, "Saya sedang dinas luar dan akan kembali pada tanggal 30 November."),
        ({}, "I am currently out of the office."),
    ],
)
async def test_an_absence_notice_never_reaches_the_citizen(scene: Scene, headers: dict[str, str], text: str) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, text, answers=notification, headers=headers, subject="Balasan: Konsultasi baru")

    assert not scene.sent()
    assert await state(scene) == "open"
    assert any("Balasan otomatis dari surel petugas" in n["text"] for n in await scene.news())


async def test_without_the_thread_nothing_is_passed_on(scene: Scene) -> None:
    officer, _, number = await notified(scene)

    await scene.mail(officer, "Ada 12 pengrajin.", subject=f"Re: Konsultasi baru {number}")

    told = scene.sent()
    assert [d.to for d in told] == [officer]
    assert "tidak dapat dihubungkan" in told[0].body
    assert await state(scene) == "open"


async def test_a_forged_officer_reaches_nobody(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, "Transfer ke rekening ini.", answers=notification, headers=FAILED)

    told = scene.sent()
    assert [d.to for d in told] == [officer]
    assert "tidak dapat memastikan" in told[0].body
    assert "Transfer" not in told[0].body
    assert await state(scene) == "open"


@pytest.mark.parametrize(("field", "passes"), [("mx.contoh.id; dmarc=pass", True), ("mx.contoh.id; none", False)])
async def test_where_the_server_checks_senders_it_must_vouch_for_the_officer(
    scene: Scene, field: str, passes: bool
) -> None:
    officer, notification, _ = await notified(scene)
    marks = scene.world.service.marks
    strict = replace(marks[OFFICE], authserv=frozenset({"mx.contoh.id"}), vouches=True)
    marks[OFFICE] = strict  # type: ignore[index]

    await scene.mail(officer, "Ada 12.", answers=notification, headers={"Authentication-Results": field})

    assert (await state(scene) == "answered") is passes


async def test_a_disabled_officer_is_a_stranger(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)
    async with scene.world.service.database.write() as tx:
        await people.disable(tx, officer)

    await scene.mail(officer, "Ada 12 pengrajin.", answers=notification)

    assert not [d for d in scene.sent() if d.to in (RINA, officer)]
    assert [c["address"] for c in await scene.consultations()] == [RINA]
    assert await state(scene) == "open"


async def test_a_reply_without_a_word_of_his_own_is_told_so(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)

    await scene.mail(officer, quoted(notification).strip(), answers=notification)

    told = scene.sent()
    assert [d.to for d in told] == [officer]
    assert "tidak berisi jawaban" in told[0].body
    assert await state(scene) == "open"


async def test_what_cannot_be_done_is_explained(scene: Scene) -> None:
    """A linked consultation was opened since: the answer belongs there."""
    officer, notification, number = await notified(scene)
    await scene.mail(RINA, "Tidak jadi, batalkan saja.")
    await scene.world.run_until(scene.world.now + timedelta(days=20))
    await scene.mail(RINA, QUESTION.replace("2019", "2020"))
    assert len({c["number"] for c in await scene.consultations()}) == 2
    scene.sent()

    await scene.mail(officer, "#catatan sudah lama", answers=notification)

    told = [d for d in scene.sent() if d.to == officer]
    assert any("lebih baru" in d.body and number in d.body for d in told)


async def test_his_files_go_along(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = officer, scene.office_address, "Re: Konsultasi"
    mail["Message-ID"], mail["In-Reply-To"] = "<f1@contoh.id>", notification.provider_id
    mail.set_content("Tabelnya terlampir.")
    mail.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="tabel.pdf")
    mail.add_attachment(b"MZ\x90", maintype="application", subtype="octet-stream", filename="alat.exe")

    await scene.put(mail.as_bytes(), officer)

    told = scene.sent()
    (answer,) = [d for d in told if d.to == RINA]
    assert [a.filename for a in parse_mail(answer.raw).attachments] == ["tabel.pdf"]
    (confirmation,) = [d for d in told if d.to == officer]
    assert "tabel.pdf" in confirmation.body
    assert "tidak aman: alat.exe" in confirmation.body


async def test_the_same_mail_is_passed_on_once(scene: Scene) -> None:
    officer, notification, _ = await notified(scene)
    raw = scene.compose(officer, "Ada 12.", {"In-Reply-To": notification.provider_id})
    await scene.put(raw, officer)
    (first,) = [d for d in scene.sent() if d.to == RINA]

    await scene.world.service.engine.attend_all(scene.world.now)

    assert first
    assert not scene.sent()


async def test_an_answer_to_a_conversation_on_whatsapp_leaves_there(scene: Scene) -> None:
    """The notification names the channel; the officer does not have to know."""
    now, phone = scene.world.now, "+6281230000001"
    scene.world.network.heard(OFFICE, phone)
    fields = {"text": QUESTION, "button": None, "media": [], "profile_name": "Budi", "phone": phone}
    await scene.world.service.engine.receive([
        Received(OFFICE, Channel.WHATSAPP, "message", "SM1", phone, now, now, fields)
    ])  # fmt: skip
    await scene.world.run_until(now + timedelta(seconds=5))
    officer = await scene.officer()
    number = (await scene.consultations())[-1]["number"]
    notification = next(d for d in scene.sent() if d.to == officer.email and number in (d.subject or ""))

    await scene.mail(officer.email, "Ada 12 pengrajin.", answers=notification)

    told = scene.sent()
    assert [d.channel for d in told if d.to == phone] == [Channel.WHATSAPP]
    assert "lewat WhatsApp" in next(d for d in told if d.to == officer.email).body
