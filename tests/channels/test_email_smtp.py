"""Sending, against a server that answers what it is told: the verdict each time, and never two mails for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.email import MOST_MAILS, Mail, Pace, scheduled
from bot.channels.email_verdicts import words
from bot.channels.email_wire import Limits
from bot.channels.mail_access import Server
from bot.channels.mailing import Postmark, write_mail
from bot.channels.port import DeliveryError, File, Letter, Verdict
from tests.standins.certificate import Certificate, NoCertificate, make_certificate
from tests.standins.imap_scripted import Login, Word
from tests.standins.smtp import PASSWORD, USER, Cut, Fault, PostOffice, Silence

MARK = Postmark("pst@contoh.id", "PST Contoh")
T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TRY, NO, OURS, WHO_KNOWS = Verdict.TRY_AGAIN, Verdict.REFUSED, Verdict.CONFIGURATION, Verdict.UNCERTAIN
SHORT = 0.3  # seconds for the stage that is made to be silent; all others have all the time they may need
HASTY = {
    "dial": Pace(limits=Limits(dial=SHORT)), "envelope": Pace(limits=Limits(envelope=SHORT)),
    "content": Pace(limits=Limits(content=SHORT)),
}  # fmt: skip
PART = {"GREETING": "dial", "EHLO": "dial", "AUTH": "dial", "CONTENT": "content"}


@dataclass(frozen=True)
class Account:
    smtp: Server
    imap: Server | None = None
    sender: str = "pst@contoh.id"


@dataclass
class Office:
    """One office's channel at a server; `notes`: what the health page was told."""

    post: PostOffice
    notes: list[str] = field(default_factory=list)

    def mail(self, security: str = "plain", user: str = USER, password: str = PASSWORD, **known: Any) -> Mail:
        login = Login(self.post.port, user=user, password=Word(password), security=security)
        return Mail(Account(login), MARK, office="3574", beat=self._beat, **known)

    async def _beat(self, name: str, note: str) -> None:
        assert name == "channel:3574:smtp"
        self.notes.append(note)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with PostOffice() as post:
        yield Office(post)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    try:
        return make_certificate(tmp_path_factory.mktemp("certificate"))
    except NoCertificate as error:
        pytest.skip(str(error))


def letter(number: int = 1, text: str = "Inflasi Oktober 0,3 persen.") -> Letter:
    token = f"{number:08x}-1111-4111-8111-111111111111"
    return Letter(token, "3574", "rina@contoh.id", text, T0, subject="Jawaban", number="3574-2026-000001")


async def failure(mail: Mail, to_send: Letter | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await mail.send(to_send or letter())
    return caught.value


async def test_a_mail_arrives_as_it_was_written(office: Office) -> None:
    mail, sent = office.mail(), letter(text="Baris satu\n.\n..dua titik\n" + "é" * 5000)
    receipt = await mail.send(sent)
    await mail.close()
    [taken] = office.post.mails
    assert taken.raw == write_mail(sent, MARK)
    assert (taken.sender, taken.recipients) == ("pst@contoh.id", ("rina@contoh.id",))
    assert (receipt.provider_id, receipt.readable) == (f"<{sent.token}@contoh.id>", True)
    assert office.post.heard[0] == "EHLO contoh.id", "the machine's own name is nobody's business"
    assert office.notes == [""]


ANSWERS: list[tuple[str, Fault, Verdict, str]] = [
    ("GREETING", "421 4.3.2 sibuk", TRY, "later"),
    ("GREETING", "554 5.7.1 diblokir", OURS, "connection"),
    ("GREETING", Cut(), TRY, "unreachable"),
    ("GREETING", Silence(), TRY, "unreachable"),
    ("EHLO", "421 4.3.2 sibuk", TRY, "later"),
    ("EHLO", Silence(), TRY, "unreachable"),
    ("AUTH", "421 4.7.0 nanti", TRY, "later"),
    ("AUTH", Cut(), TRY, "unreachable"),
    ("AUTH", Silence(), TRY, "unreachable"),
    ("MAIL", "421 4.7.0 nanti", TRY, "later"),
    ("MAIL", "451 4.3.0 nanti", TRY, "later"),
    ("MAIL", "550 5.7.30 tanpa kata sandi", OURS, "login"),
    ("MAIL", "553 5.7.1 bukan alamat Anda", OURS, "sender"),
    ("MAIL", "552 5.3.4 besar", NO, "too_large"),
    ("MAIL", Cut(), TRY, "unreachable"),
    ("MAIL", Silence(), TRY, "unreachable"),
    ("RCPT", "421 4.7.0 nanti", TRY, "later"),
    ("RCPT", "450 4.2.0 abu-abu", TRY, "later"),
    ("RCPT", "451 4.7.1 abu-abu", TRY, "later"),
    ("RCPT", "452 4.2.2 penuh", TRY, "later"),
    ("RCPT", "550 5.1.1 tidak ada", NO, "address"),
    ("RCPT", "552 5.2.2 penuh", NO, "full"),
    ("RCPT", "554 5.7.1 ditolak", NO, "policy"),
    ("RCPT", Cut(), TRY, "unreachable"),
    ("RCPT", Silence(), TRY, "unreachable"),
    ("DATA", "421 4.3.0 nanti", TRY, "later"),
    ("DATA", "451 4.3.0 nanti", TRY, "later"),
    ("DATA", "554 5.5.1 tidak ada penerima", NO, "other"),
    ("DATA", Cut(), TRY, "unreachable"),
    ("DATA", Silence(), TRY, "unreachable"),
    ("CONTENT", "421 4.3.0 nanti", TRY, "later"),
    ("CONTENT", "452 4.3.1 penuh", TRY, "later"),
    ("CONTENT", "550 5.7.26 tanpa DKIM", NO, "policy"),
    ("CONTENT", "552 5.3.4 besar", NO, "too_large"),
    ("CONTENT", "554 5.6.0 isi", NO, "other"),
    ("CONTENT", "bukan jawaban", WHO_KNOWS, "uncertain"),
    ("CONTENT", Cut(kept=True), WHO_KNOWS, "uncertain"),
    ("CONTENT", Cut(), WHO_KNOWS, "uncertain"),
    ("CONTENT", Silence(kept=True), WHO_KNOWS, "uncertain"),
]


@pytest.mark.parametrize(("stage", "answer", "verdict", "meaning"), ANSWERS)
async def test_at(stage: str, answer: Fault, verdict: Verdict, meaning: str, office: Office) -> None:
    office.post.answer(stage, answer)
    mail = office.mail(pace=HASTY[PART.get(stage, "envelope")])
    error = await failure(mail)
    await mail.close()
    assert (error.verdict, error.words) == (verdict, words(meaning))
    assert len(office.post.mails) == getattr(answer, "kept", False)
    assert office.notes == ([error.words] if verdict is OURS else [])


@pytest.mark.parametrize(("stage", "answer"), [(s, a) for s, a, v, _ in ANSWERS if v is TRY and s != "GREETING"])
async def test_what_went_wrong_before_goes_right_the_second_time(stage: str, answer: Fault, office: Office) -> None:
    mail = office.mail(pace=replace(HASTY[PART.get(stage, "envelope")], unreachable=0.0))
    office.post.answer(stage, answer)
    await failure(mail)
    await mail.send(letter())
    await mail.close()
    assert len(office.post.mails) == 1


# --- one connection for many -----------------------------------------------------------------------------------------


async def test_mails_share_a_connection_in_turn(office: Office) -> None:
    mail = office.mail()
    await asyncio.gather(*(mail.send(letter(n)) for n in range(MOST_MAILS + 5)))
    await mail.close()
    assert len({m.raw for m in office.post.mails}) == MOST_MAILS + 5
    assert office.post.connections == 2


async def test_an_unused_connection_is_given_back(office: Office) -> None:
    mail = office.mail(pace=Pace(idle=0.01))
    await mail.send(letter(1))
    await office.post.reached("QUIT")
    await mail.send(letter(2))
    await mail.close()
    assert office.post.connections == 2


STALE: dict[str, Callable[[PostOffice], None]] = {
    "closed": lambda post: post.hang_up(),
    "refused with 421 at MAIL": lambda post: post.answer("MAIL", "421 4.4.2 terlalu lama diam"),
    "cut at MAIL": lambda post: post.answer("MAIL", Cut()),
    "dead": lambda post: post.answer("MAIL", Silence()),
    "cut at DATA": lambda post: post.answer("DATA", Cut()),
}


@pytest.mark.parametrize("name", STALE)
async def test_a_connection_that_aged_is_replaced_without_a_word(name: str, office: Office) -> None:
    mail = office.mail(pace=HASTY["envelope"])
    await mail.send(letter(1))
    STALE[name](office.post)
    await mail.send(letter(2))
    await mail.close()
    assert (len(office.post.mails), office.post.connections) == (2, 2)


async def test_after_the_dot_nothing_is_repeated_by_itself(office: Office) -> None:
    mail = office.mail()
    await mail.send(letter(1))
    office.post.answer("CONTENT", Cut(kept=True))
    assert (await failure(mail, letter(2))).verdict is WHO_KNOWS
    await mail.send(letter(2))
    await mail.close()
    assert len(office.post.mails) == 3
    assert office.post.mails[1].raw == office.post.mails[2].raw, "the double is recognised by its identical bytes"


async def test_a_refused_recipient_leaves_no_trace_on_the_next_mail(office: Office) -> None:
    office.post.answer("RCPT", "550 5.1.1 tidak ada")
    mail = office.mail()
    assert (await failure(mail, replace(letter(1), recipient="salah@contoh.id"))).verdict is NO
    await mail.send(letter(2))
    await mail.close()
    assert [m.recipients for m in office.post.mails] == [("rina@contoh.id",)]


async def test_a_slow_server_makes_the_others_wait_for_their_turn_only_so_long(office: Office) -> None:
    office.post.answer("CONTENT", Silence())
    mail = office.mail(pace=replace(HASTY["content"], turn=0.05))
    slow = asyncio.create_task(failure(mail, letter(1)))
    await office.post.reached("CONTENT")
    error = await failure(mail, letter(2))
    assert (error.verdict, error.code) == (TRY, "antre")
    assert (await slow).verdict is WHO_KNOWS
    await mail.close()


async def test_a_server_that_is_gone_is_asked_once_for_all(office: Office) -> None:
    async with PostOffice() as gone:
        pass
    mail = Office(gone).mail()
    errors = await asyncio.gather(*(failure(mail, letter(n)) for n in range(20)))
    assert {e.verdict for e in errors} == {TRY}
    assert {e.words for e in errors} == {words("unreachable")}


async def test_a_sender_that_is_stopped_in_the_middle_leaves_the_line_clean(office: Office) -> None:
    office.post.answer("CONTENT", Silence())
    mail = office.mail()
    task = asyncio.create_task(mail.send(letter(1)))
    await office.post.reached("CONTENT")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await mail.send(letter(2))
    await mail.close()
    assert len(office.post.mails) == 1


# --- secrets and encryption ------------------------------------------------------------------------------------------


async def test_a_wrong_password_stops_the_channel_and_is_not_tried_again_at_once(office: Office) -> None:
    mail = office.mail(password="salah")
    errors = [await failure(mail, letter(n)) for n in range(3)]
    assert {(e.verdict, e.words) for e in errors} == {(OURS, words("login"))}
    assert office.post.connections == 1
    assert set(office.notes) == {words("login")}


async def test_without_a_user_nobody_signs_in(office: Office) -> None:
    mail = office.mail(user="")
    await mail.send(letter())
    await mail.close()
    assert not any(line.startswith("AUTH") for line in office.post.heard)


async def test_starttls_is_insisted_on(office: Office) -> None:
    error = await failure(office.mail("starttls"))
    assert (error.verdict, error.words) == (OURS, words("no_tls"))
    assert office.post.mails == []
    assert not any(line.startswith(("AUTH", "MAIL")) for line in office.post.heard)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mails_leave_encrypted(security: str, certificate: Certificate) -> None:
    async with PostOffice(tls=certificate.server(), wrapped=security == "tls") as post:
        mail = Office(post).mail(security, tls=certificate.client())
        await mail.send(letter())
        await mail.close()
    assert [m.encrypted for m in post.mails] == [True]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_is_not_trusted_stops_the_channel(security: str, certificate: Certificate) -> None:
    async with PostOffice(tls=certificate.server(), wrapped=security == "tls") as post:
        error = await failure(Office(post).mail(security))
    assert (error.verdict, error.words) == (OURS, words("certificate"))
    assert post.mails == []


async def test_a_refused_token_is_renewed_once(office: Office) -> None:
    asked: list[bool] = []

    async def tokens(*, renew: bool = False) -> str:
        asked.append(renew)
        return "sah" if renew else "basi"

    mail = office.mail(tokens=tokens)
    await mail.send(letter())
    await mail.close()
    assert asked == [False, True]


async def test_a_token_that_stays_bad_stops_the_channel(office: Office) -> None:
    async def tokens(*, renew: bool = False) -> str:
        return "basi"

    assert (await failure(office.mail(tokens=tokens))).verdict is OURS


async def test_no_log_names_the_citizen_or_what_he_is_told(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "pst")
    caplog.set_level(logging.DEBUG, "aiosmtplib")
    office.post.answer("RCPT", "550 5.1.1 rina@contoh.id tidak ada")
    mail = office.mail()
    await failure(mail)
    mine = [r for r in caplog.records if not r.name.startswith("mail.")]  # the stand-in logs what it hears
    assert any(r.__dict__.get("recipient") == "r***@contoh.id" for r in mine if r.name == "pst.mail")
    shown = " ".join(f"{r.getMessage()} {r.__dict__}" for r in mine)
    for secret in ("rina@", "Inflasi", PASSWORD):
        assert secret not in shown


# --- what cannot be sent ---------------------------------------------------------------------------------------------


NO_ADDRESSES = ["rina", "rina @contoh.id", "rina@contoh.id\r\nBcc: x@contoh.id", "<rina@contoh.id>", "rína@x.id", ""]


@pytest.mark.parametrize("address", NO_ADDRESSES)
async def test_an_address_that_is_none_is_refused_before_anything_is_said(address: str, office: Office) -> None:
    error = await failure(office.mail(), replace(letter(), recipient=address))
    assert error.verdict is NO
    assert office.post.mails == []


async def test_a_large_file_goes_out_whole(office: Office) -> None:
    file = File("data.xlsx", "application/octet-stream", bytes(range(256)) * 20_000)
    mail = office.mail()
    await mail.send(replace(letter(), files=(file,)))
    await mail.close()
    assert len(office.post.mails[0].raw) > 6_900_000


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 60), (1, 300), (2, 900), (3, 3_600)])
def test_the_next_try_is_set_by_the_number_of_tries(attempts: int, seconds: float) -> None:
    tried = replace(letter(), attempts=attempts)
    assert scheduled(DeliveryError(TRY, "421", "nanti"), tried).retry_after == seconds
    assert scheduled(DeliveryError(NO, "550", "x"), tried).retry_after is None


async def test_the_account_can_be_checked_without_sending(office: Office, tmp_path: Path) -> None:
    await office.mail().check()
    with pytest.raises(DeliveryError):
        await office.mail(password="salah").check()
    assert office.post.mails == []
