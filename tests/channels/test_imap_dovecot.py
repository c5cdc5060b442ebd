"""The intake against a real server, with other people in the same mailbox."""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.channels.email import Mail
from bot.channels.imap_client import KEYWORD, ImapDenied, ImapRefused, ImapUntrusted, Patience
from bot.channels.mailing import Postmark, read_mail, write_mail
from bot.channels.port import Letter
from bot.core.arrivals import Received
from bot.store.mail_ledger import MailLedger
from bot.store.mail_tables import mail_seen
from bot.store.tables import inbound
from tests.channels.imap_scene import OFFICE, Scene, letter, scene
from tests.standins.certificate import Certificate, NoCertificate, make_certificate
from tests.standins.dovecot import Account, Dovecot, NoDovecot, Word

pytestmark = pytest.mark.dovecot
MARK = Postmark("pst@contoh.id", "PST Contoh")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    try:
        return make_certificate(tmp_path_factory.mktemp("certificate"))
    except NoCertificate as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    try:
        server = Dovecot(certificate)
    except NoDovecot as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    return dovecot.account()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


def append(imap: imaplib.IMAP4, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
    when = imaplib.Time2Internaldate(at) if at else ""
    assert imap.append(folder, "", when, raw)[0] == "OK"


class Interfering(MailLedger):
    """Somebody does something the moment after the first mail was taken."""

    def interfere(self, deed: Callable[[], None]) -> Interfering:
        self.deed: Callable[[], None] | None = deed
        return self

    async def take(self, folder: str, uidvalidity: int, uid: int, digest: str, received: Received) -> bool:
        new = await super().take(folder, uidvalidity, uid, digest, received)
        deed, self.deed = self.deed, None
        if deed:
            await asyncio.to_thread(deed)
        return new


# --- what is stored ------------------------------------------------------------------------------------------------


async def test_a_mail_is_stored_as_it_came_and_then_marked(account: Account, office: Scene) -> None:
    raw = letter(1, sender="Rina.M@contoh.id") + b"\r\n(tutup ( kurung {5}\r\n* BYE\r\nA1 OK\r\n+ x\r\n\xff\r\n"
    arrived = datetime(2026, 11, 20, 2, 0, 0, tzinfo=UTC)
    office.now = lambda: arrived + timedelta(hours=1)
    with account.person() as person:
        append(person, raw, at=arrived)
        assert await office.mailbox(account).poll_once() == 1
        person.noop()
        flags = person.uid("FETCH", "1", "(FLAGS)")[1][0]
    [row] = await office.stored()
    assert row["raw"] == raw
    assert row["received_at"] == arrived
    assert row["ready_at"] == office.now()
    assert (row["kind"], row["channel"], row["state"]) == ("message", "email", "new")
    assert row["address"] == "rina.m@contoh.id"
    assert row["provider_key"].startswith("INBOX/")
    assert row["provider_key"].endswith("/1")
    assert row["fields"]["sha256"] == hashlib.sha256(raw).hexdigest()
    assert row["fields"]["message_id"] == "<1@contoh.id>"
    assert datetime.fromisoformat(row["fields"]["internal_date"]) == arrived
    assert KEYWORD.encode() in flags
    assert b"\\Seen" not in flags


async def test_whether_somebody_has_read_a_mail_does_not_matter(account: Account, office: Scene) -> None:
    with account.person() as person:
        append(person, letter(1))
        person.uid("STORE", "1", "+FLAGS", "(\\Seen \\Answered $DiprosesBot)")
    assert await office.mailbox(account).poll_once() == 1


async def test_three_hundred_mails_at_once(account: Account, office: Scene) -> None:
    account.deliver(*map(letter, range(300)))
    assert await office.mailbox(account).poll_once() == 300
    assert sorted(await office.subjects(), key=lambda s: int(s.split()[1])) == [f"Tanya {n}" for n in range(300)]


async def test_a_mail_of_24_megabytes_is_taken_whole(account: Account, office: Scene) -> None:
    raw = letter(1, body="data " * 4_800_000)
    account.deliver(raw)
    assert await office.mailbox(account).poll_once() == 1
    [row] = await office.stored()
    assert row["raw"] == raw
    assert "too_large" not in row["fields"]


LARGE = (
    "From: rina@contoh.id\r\nSubject: Berkas\r\nMessage-ID: <b@contoh.id>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed;\r\n boundary="m"\r\n\r\nabaikan\r\n--m\r\n{head}\r\n\r\n{body}\r\n'
    '--m\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n{file}\r\n--m--\r\n'
)
TEXT = (
    "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable",
    "Mohon=20data =E9",
)
BOTH = (
    'Content-Type: multipart/alternative; boundary="a"',
    "--a\r\nContent-Type: text/plain\r\n\r\nMohon data é\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--a--",
)
FILE = ("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64", "UEsDBA==")


@pytest.mark.parametrize(("part", "words"), [(TEXT, "Mohon data é"), (BOTH, "Mohon data é"), (FILE, "")])
async def test_of_a_mail_that_is_too_large_the_words_are_taken(
    part: tuple[str, str], words: str, account: Account, office: Scene
) -> None:
    raw = LARGE.format(head=part[0], body=part[1], file="QUJD" * 100_000).encode()
    account.deliver(raw)
    assert await office.mailbox(account, largest=100_000).poll_once() == 1
    [row] = await office.stored()
    read = read_mail(row["raw"], MARK)
    assert (read.text, read.subject, read.files) == (words, "Berkas", ())
    assert row["fields"]["too_large"] == str(len(raw))
    assert len(row["raw"]) < 1000


async def test_a_large_mail_in_one_piece_is_cut(account: Account, office: Scene) -> None:
    account.deliver(letter(1, body="kata " * 1_000_000))
    assert await office.mailbox(account, largest=100_000).poll_once() == 1
    [row] = await office.stored()
    assert read_mail(row["raw"], MARK).text.startswith("kata kata")
    assert 1_000_000 < len(row["raw"]) < 1_001_000


async def test_a_quick_push_and_a_quick_answer(account: Account, office: Scene) -> None:
    async with office.reading(office.mailbox(account, patience=Patience(round=600))):
        await office.until(lambda: len(office.notes) >= 2)  # looked and reconciled
        began = time.monotonic()
        account.deliver(letter(1))
        await office.until_stored(1)
    assert time.monotonic() - began < 2.0


# --- other people ----------------------------------------------------------------------------------------------------


def deletes(account: Account, uid: str) -> Callable[[], None]:
    def deed() -> None:
        with account.person() as person:
            person.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
            person.expunge()

    return deed


def moves(account: Account, uid: str, folder: str) -> Callable[[], None]:
    def deed() -> None:
        with account.person() as person:
            assert person.uid("MOVE", uid, folder)[0] == "OK"

    return deed


async def test_what_somebody_takes_away_under_our_hands_holds_up_nothing(account: Account, office: Scene) -> None:
    for number, deed in ((1, deletes(account, "2")), (4, moves(account, "5", "Junk"))):
        account.deliver(*map(letter, range(number, number + 3)))
        ledger = Interfering(office.database, OFFICE).interfere(deed)
        assert await office.mailbox(account, ledger=ledger).poll_once() == 2
    assert len(await office.stored()) == 4


async def test_a_mail_that_is_moved_away_and_back_is_handled_once(account: Account, office: Scene) -> None:
    account.deliver(letter(1))
    box = office.mailbox(account)
    assert await box.poll_once() == 1
    moves(account, "1", "Junk")()
    with account.person() as person:
        person.select("Junk")
        person.uid("MOVE", "1", "INBOX")
    assert await box.poll_once() == 0
    assert (len(await office.stored()), await office.copies()) == (1, 1)


async def test_a_mail_that_is_rescued_from_spam_is_handled(account: Account, office: Scene) -> None:
    box = office.mailbox(account)
    await box.poll_once()
    with account.person() as person:
        append(person, letter(1), "Junk", at=datetime.now(UTC) - timedelta(days=60))
        person.select("Junk")
        person.uid("MOVE", "1", "INBOX")
    assert await box.poll_once() == 1
    [row] = await office.stored()
    assert datetime.now(UTC) - row["received_at"] < timedelta(minutes=1), "its clock starts now, not two months ago"


SAME: dict[str, tuple[bytes, bytes, int]] = {
    "the same mail": (letter(1), letter(1), 1),
    "delivered over another way": (letter(1), b"Received: from lain\r\n" + letter(1).replace(b"?", b"? "), 1),
    "the same id with other words": (letter(1), letter(1, body="Dan inflasi September?"), 2),
    "the same words with another id": (letter(1), letter(1).replace(b"<1@", b"<2@"), 2),
    "without id, the same": (letter(1).replace(b"Message-ID", b"X"), letter(1).replace(b"Message-ID", b"X"), 1),
    "without id, on another day": (
        letter(1).replace(b"Message-ID", b"X"),
        letter(1).replace(b"Message-ID", b"X").replace(b"20 Nov", b"21 Nov"),
        2,
    ),
    "without id and date": (b"From: r@contoh.id\r\n\r\nhalo\r\n", b"From: r@contoh.id\r\nX: 1\r\n\r\nhalo\r\n", 2),
}


@pytest.mark.parametrize("name", SAME)
async def test_two_deliveries_of(name: str, account: Account, office: Scene) -> None:
    first, second, count = SAME[name]
    account.deliver(first, second)
    assert await office.mailbox(account).poll_once() == count


async def test_two_processes_on_one_mailbox_take_each_mail_once(account: Account, office: Scene) -> None:
    account.deliver(*map(letter, range(40)))
    taken = await asyncio.gather(*(office.mailbox(account).poll_once() for _ in range(3)))
    assert sum(taken) == 40
    assert (len(await office.stored()), await office.copies()) == (40, 0)


# --- numbers and days ------------------------------------------------------------------------------------------------


async def test_a_new_mailbox_is_not_answered_from_its_beginning(account: Account, office: Scene) -> None:
    with account.person() as person:
        append(person, letter(1), at=datetime.now(UTC) - timedelta(days=10))
        append(person, letter(2))
        append(person, letter(3), at=datetime.now(UTC) - timedelta(days=3))
    box = office.mailbox(account)
    assert await box.poll_once() == 1
    assert await office.subjects() == ["Tanya 2"]
    assert await box.poll_once() == 0
    tally = await box.reconcile()
    assert (tally.theirs, tally.ours) == (1, 1), "history from before us is nobody's debt"


async def test_a_folder_with_new_numbers_is_looked_through_again(dovecot: Dovecot, office: Scene) -> None:
    account = dovecot.account()
    here = replace(account, folder="Konsultasi é & dél")
    name = '"Konsultasi &AOk- &- d&AOk-l"'
    old = datetime.now(UTC) - timedelta(days=20)
    with account.person() as person:
        person.create(name)
        append(person, letter(1), name)
        append(person, letter(2), name)
    box = office.mailbox(here)
    assert await box.poll_once() == 2
    with account.person() as person:
        person.delete(name)
        person.create(name)
        for number, at in ((0, old), (2, None), (1, None), (3, None)):
            append(person, letter(number), name, at)
    assert await box.poll_once() == 1
    with account.person() as person:
        append(person, letter(4), name, old)
    assert await box.poll_once() == 1
    assert await office.subjects() == ["Tanya 1", "Tanya 2", "Tanya 3", "Tanya 4"]
    assert len({row["provider_key"].split("/")[1] for row in await office.stored()}) == 2


async def test_an_inbox_whose_index_was_lost_is_looked_through_again(account: Account, office: Scene) -> None:
    account.deliver(letter(1), letter(2))
    box = office.mailbox(account)
    assert await box.poll_once() == 2
    for file in account.maildir.glob("dovecot*"):
        file.unlink()
    (account.maildir / "dovecot-uidlist").write_text("3 V77 N1 G0123456789abcdef0123456789abcdef\n")
    account.deliver(letter(3))
    assert await box.poll_once() == 1
    assert {row["provider_key"].split("/")[1] for row in await office.stored()} >= {"77"}
    assert await office.copies() == 2


async def test_what_came_while_we_were_down_is_taken_with_its_own_time(account: Account, office: Scene) -> None:
    box = office.mailbox(account)
    await box.poll_once()
    friday = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    with account.person() as person:
        append(person, letter(1), at=friday)
    assert await box.poll_once() == 1
    assert (await office.stored())[0]["received_at"] == friday


async def test_a_reconciliation_finds_what_was_missed(account: Account, office: Scene) -> None:
    box = office.mailbox(account)
    await box.poll_once()
    account.deliver(*map(letter, range(60)))
    assert await box.poll_once() == 60
    async with office.database.write() as tx:  # as if UID 2 had appeared long after its turn
        await tx.execute(delete(mail_seen).where(mail_seen.c.uid == 2))
        await tx.execute(delete(inbound).where(inbound.c.provider_key.endswith("/2")))
    assert await box.poll_once() == 0
    tally = await box.reconcile()
    assert (tally.theirs, tally.ours, len(await office.stored())) == (60, 60, 60)
    state = (await office.states())["INBOX"]
    assert (state.server_count, state.our_count) == (60, 60)


async def test_a_mail_that_shows_up_a_little_late_is_found_by_the_next_look(account: Account, office: Scene) -> None:
    box = office.mailbox(account)
    await box.poll_once()
    account.deliver(*map(letter, range(30)))
    await box.poll_once()
    async with office.database.write() as tx:
        await tx.execute(delete(mail_seen).where(mail_seen.c.uid == 2))
        await tx.execute(delete(inbound).where(inbound.c.provider_key.endswith("/2")))
    assert await box.poll_once() == 1


async def test_unread_mails_in_spam_are_told_and_left_alone(account: Account, office: Scene) -> None:
    with account.person() as person:
        append(person, letter(1), "Junk")
        append(person, letter(2), "Junk")
        tally = await office.mailbox(account).reconcile()
        assert tally.spam == 2
        person.select("Junk", readonly=True)
        assert KEYWORD.encode() not in person.uid("FETCH", "1", "(FLAGS)")[1][0]
    assert "2 surel belum dibaca di folder Spam" in office.notes[-1]
    assert (await office.states())["Junk"].server_count == 2
    assert await office.stored() == []


# --- broken connections ----------------------------------------------------------------------------------------------


async def test_a_server_that_is_killed_in_the_middle_and_comes_back_costs_nothing(office: Scene) -> None:
    server = Dovecot()
    try:
        account = server.account()
        account.deliver(*map(letter, range(30)))

        def restart() -> None:
            server.kill()
            server.start()

        ledger = Interfering(office.database, OFFICE).interfere(restart)
        async with office.reading(office.mailbox(account, ledger=ledger)):
            await office.until_stored(30)
            server.kill()
            await office.until(lambda: "tidak dapat dihubungi" in office.notes[-1])
            server.start()
            account.deliver(letter(30))
            await office.until_stored(31)
        assert len(set(await office.subjects())) == 31
        assert await office.copies() == 0
    finally:
        server.stop()


async def test_a_database_that_fails_for_a_while_loses_nothing(account: Account, office: Scene) -> None:
    def fail() -> None:
        raise OSError("disk full")

    account.deliver(letter(1), letter(2))
    ledger = Interfering(office.database, OFFICE).interfere(fail)
    async with office.reading(office.mailbox(account, ledger=ledger)):
        await office.until_stored(2)
    assert sorted(await office.subjects()) == ["Tanya 1", "Tanya 2"]


async def test_a_wrong_password_is_told(account: Account, office: Scene) -> None:
    wrong = replace(account, password=Word("salah"))
    with pytest.raises(ImapDenied):
        await office.mailbox(wrong).check()


async def test_a_folder_that_is_not_there_is_told(account: Account, office: Scene) -> None:
    wrong = replace(account, folder="Tidak Ada")
    with pytest.raises(ImapRefused):
        await office.mailbox(wrong).check()


async def test_over_tls_only_the_right_server_is_talked_to(
    dovecot: Dovecot, certificate: Certificate, office: Scene
) -> None:
    account = dovecot.account(tls=True)
    await office.mailbox(account, tls=certificate.client()).check()
    with pytest.raises(ImapUntrusted):
        await office.mailbox(account).check()


# --- the Sent folder -------------------------------------------------------------------------------------------------


class Letterbox:
    """Access to an account whose SMTP server is never asked."""

    def __init__(self, imap: Account | None) -> None:
        self.imap, self.sender = imap, "pst@contoh.id"

    @property
    def smtp(self) -> Account:
        raise AssertionError("nothing is sent here")


def sent_letter(token: str) -> Letter:
    return Letter(token, OFFICE, "rina@contoh.id", "Jawaban.", datetime.now(UTC), subject="Jawaban")


async def test_an_uncertain_mail_is_found_in_the_sent_folder(account: Account) -> None:
    there, missing = (sent_letter(f"{digit * 8}-1111-4111-8111-111111111111") for digit in "12")
    with account.person() as person:
        append(person, write_mail(there, MARK), "Sent")
    mail = Mail(Letterbox(account), MARK, office=OFFICE)
    assert await mail.find(there, there.created_at) == f"<{there.token}@contoh.id>"
    assert await mail.find(missing, there.created_at) is None
    assert await Mail(Letterbox(None), MARK, office=OFFICE).find(there, there.created_at) is None
