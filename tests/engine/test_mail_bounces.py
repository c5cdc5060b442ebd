"""What comes back: matched to the mail it is about, final or not, and told."""

from __future__ import annotations

import pytest

from bot.channels.simulator import Delivery
from bot.reader import Brain
from bot.settings import Settings
from bot.store.database import Database
from tests.engine.mail_scene import QUESTION, RINA, Scene, open_scene

DAEMON = "mailer-daemon@mx.contoh.id"


@pytest.fixture
async def scene(settings: Settings, brain: Brain, database: Database) -> Scene:
    return await open_scene(settings, brain, database)


def report(message_id: str, action: str, status: str, *, to: str = "pst@contoh.id") -> bytes:
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON <{DAEMON}>\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\n'
        "I'm sorry to have to inform you\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.contoh.id\r\n\r\nFinal-Recipient: rfc822; {RINA}\r\nAction: {action}\r\n"
        f"Status: {status}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\n"
        "Subject: Data\r\n\r\nisi\r\n--b--\r\n"
    ).encode()


async def answered(scene: Scene) -> Delivery:
    """Rina asked, an officer answered: his answer as it left."""
    await scene.mail(RINA, QUESTION)
    officer = await scene.officer()
    notification = next(d for d in scene.sent() if d.to == officer.email and "Konsultasi baru" in (d.subject or ""))
    await scene.mail(officer.email, "Ada 12 pengrajin.", answers=notification)
    return next(d for d in scene.sent() if d.to == RINA)


@pytest.mark.parametrize(
    ("action", "status", "undeliverable", "words"),
    [
        ("failed", "5.1.1", True, "alamatnya tidak ada"),
        ("failed", "5.2.2", True, "penuh"),
        ("failed", "5.7.26", True, "ditolak oleh kebijakan"),
        ("failed", "4.4.7", True, "tidak dapat dihubungi"),
        ("delayed", "4.4.1", False, "masih mencoba"),
        ("delayed", "4.2.2", False, "masih mencoba"),
        ("delivered", "2.1.5", False, ""),
    ],
)
async def test_only_what_is_final_makes_a_consultation_undeliverable(
    scene: Scene, action: str, status: str, undeliverable: bool, words: str
) -> None:
    answer = await answered(scene)

    await scene.put(report(answer.provider_id, action, status), DAEMON)

    (consultation,) = await scene.consultations()
    assert consultation["undeliverable"] is undeliverable
    assert consultation["state"] == "answered"
    assert (consultation["closes_at"] is None) is undeliverable, "nobody is closed for not answering what he never got"
    told = [d for d in scene.sent() if d.purpose == "staff"]
    assert any("tidak sampai" in (d.subject or "") and words in d.body for d in told) is undeliverable
    machine = [line["text"] for line in await scene.lines(RINA) if line["author"] == "machine"]
    assert len(machine) == (0 if action == "delivered" else 1)
    assert all(words in text for text in machine)
    assert not [d for d in scene.world.network.deliveries if d.to == DAEMON], "a bounce is never answered"


async def test_the_same_report_twice_tells_once(scene: Scene) -> None:
    answer = await answered(scene)
    for _ in range(2):
        await scene.put(report(answer.provider_id, "failed", "5.1.1"), DAEMON)

    assert len([n for n in await scene.news() if n["kind"] == "undeliverable"]) == 1


async def test_a_report_of_a_mail_that_is_not_ours_changes_nothing(scene: Scene) -> None:
    await answered(scene)

    await scene.put(report("<77777777-7777-4777-8777-777777777777@contoh.id>", "failed", "5.1.1"), DAEMON)
    await scene.put(report("<entah@contoh.id>", "failed", "5.1.1"), DAEMON)

    (consultation,) = await scene.consultations()
    assert not consultation["undeliverable"]
    assert not scene.sent()


async def test_a_server_that_only_quotes_our_id_is_understood(scene: Scene) -> None:
    """Old servers put the whole mail below their words."""
    answer = await answered(scene)
    raw = (
        f"Return-Path: <>\r\nFrom: {DAEMON}\r\nTo: pst@contoh.id\r\nSubject: failure notice\r\n\r\n"
        "Hi. This is the qmail-send program at mx.contoh.id.\r\n\r\n"
        f"<{RINA}>:\r\n550 5.1.1 user unknown\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
        f"Message-ID: {answer.provider_id}\r\nSubject: Data\r\n\r\nisi\r\n"
    ).encode()

    await scene.put(raw, DAEMON)

    assert (await scene.consultations())[0]["undeliverable"]
