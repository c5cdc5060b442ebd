"""A consultation by e-mail alone, through real servers: asked, notified, answered by reply, come back as undeliverable.

The service runs as a process of its own between Dovecot and a mail server; its clock stands on a working morning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.channels.mime import parse_mail
from bot.core.model import Office
from bot.reader import Brain
from bot.store import people
from tests.channels.imap_scene import letter
from tests.robustness.scene import OFFICE, PATIENCE, Scene
from tests.robustness.test_mail_crashes import KillingPostOffice, mail_scene
from tests.standins.dovecot import Dovecot, NoDovecot

pytestmark = pytest.mark.dovecot
CITIZEN, OFFICER = "rina@contoh.id", "dewi@contoh.id"
QUESTION = "Bagaimana kerja sama riset panel rumah tangga dengan BPS? Mohon dijawab petugas."


@pytest.fixture(autouse=True)
def kept(brain: Brain) -> None:
    """The process finds the brain on the disk."""


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    try:
        server = Dovecot()
    except NoDovecot as error:
        pytest.skip(str(error))
    yield server
    server.stop()


def seconds_to_a_working_morning(office: Office) -> float:
    now = datetime.now(UTC)
    local = now.astimezone(ZoneInfo("Asia/Jakarta"))
    opening = office.calendar.now_or_next_opening(local)
    return max(0.0, (opening - local).total_seconds()) + timedelta(minutes=5).total_seconds()


def reply(to: Message, text: str) -> bytes:
    identifier = to["Message-ID"]
    return (
        f"From: Dewi <{OFFICER}>\r\nTo: pst@contoh.id\r\nSubject: Re: Konsultasi\r\nMessage-ID: <d1@contoh.id>\r\n"
        f"In-Reply-To: {identifier}\r\nReferences: {identifier}\r\n\r\n{text}\r\n"
    ).encode()


def come_back(mail: Message) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON <mailer-daemon@mx.contoh.id>\r\nTo: pst@contoh.id\r\n"
        'Subject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\n\r\nmaaf\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.contoh.id\r\n\r\n"
        f"Final-Recipient: rfc822; {CITIZEN}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
        f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {mail['Message-ID']}\r\n\r\nisi\r\n--b--\r\n"
    ).encode()


async def mailbox_known(place: Scene) -> None:
    """What lies there before the first look is history, and by the process's clock some days old."""
    async with asyncio.timeout(PATIENCE):
        while not await place.rows("mailbox"):
            await asyncio.sleep(0.05)


async def arrives(post: KillingPostOffice, address: str, fits: Callable[[str], bool]) -> Message:
    """The first mail to that address whose subject and text together fit."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                for mail in post.mails:
                    read = parse_mail(mail.raw)
                    if read.to[0].address == address and fits(f"{read.subject}\n{read.full_text}"):
                        return message_from_bytes(mail.raw)
                await asyncio.sleep(0.05)
    except TimeoutError:
        seen = [(m["To"], m["Subject"]) for m in (message_from_bytes(mail.raw) for mail in post.mails)]
        raise AssertionError(f"no such mail to {address} among {seen}") from None


async def test_a_consultation_by_mail_from_the_question_to_the_bounce(
    dovecot: Dovecot, tmp_path: Path, offices: dict[str, Office]
) -> None:
    account = dovecot.account()
    async with KillingPostOffice() as post, mail_scene(tmp_path, account, post) as place:
        async with place.database.write() as tx:
            await people.add(tx, OFFICE, "Dewi", OFFICER, "officer", "!", datetime.now(UTC))
        async with place.life(ahead=seconds_to_a_working_morning(offices[OFFICE])):
            await mailbox_known(place)
            account.deliver(letter(1, sender=CITIZEN, body=QUESTION))
            notification = await arrives(post, OFFICER, lambda text: "Konsultasi baru" in text)

            account.deliver(reply(notification, "Silakan ajukan surat kerja sama."))
            answer = await arrives(post, CITIZEN, lambda text: "surat kerja sama" in text)
            await arrives(post, OFFICER, lambda text: "Inilah yang ia terima" in text and "kerja sama" in text)

            account.deliver(come_back(answer))
            await arrives(post, OFFICER, lambda text: "tidak sampai" in text and "alamatnya tidak ada" in text)
            await place.settled()

        (consultation,) = await place.rows("consultation")
        assert (consultation["state"], consultation["undeliverable"]) == ("answered", True)
        assert answer["Auto-Submitted"] is None
        assert {mail["To"] for mail in (message_from_bytes(m.raw) for m in post.mails)} == {CITIZEN, OFFICER}
