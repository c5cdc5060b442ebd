"""A server that does what makes aioimaplib hang: the loop gets over it each time and loses nothing."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.imap_client import ImapDenied, ImapLost, Patience
from bot.channels.imap_mailbox import LOCKED_OUT
from bot.channels.mail_access import TokenError
from tests.channels.imap_scene import QUICK, Scene, letter, scene, within
from tests.standins.imap_scripted import Bye, Cut, Fault, Flood, HalfLiteral, Login, Say, ScriptedImap, Silence


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


@pytest.fixture
async def server() -> AsyncIterator[ScriptedImap]:
    async with ScriptedImap() as made:
        yield made


FAULTS: dict[str, tuple[str, Fault]] = {
    "says nothing to a new connection": ("GREETING", Silence()),
    "greets with BYE": ("GREETING", Say("* BYE terlalu banyak sambungan")),
    "hangs up at the greeting": ("GREETING", Cut()),
    "has no capabilities": ("CAPABILITY", Say("* CAPABILITY\r\n%s OK")),
    "says nothing to LOGIN": ("LOGIN", Silence()),
    "hangs up at LOGIN": ("LOGIN", Cut()),
    "has no time for LOGIN": ("LOGIN", Say("%s NO [UNAVAILABLE] nanti")),
    "says nothing to SELECT": ("SELECT", Silence()),
    "refuses SELECT": ("SELECT", Say("%s NO tidak ada")),
    "says BYE to SEARCH": ("UID SEARCH", Bye()),
    "answers somebody else's tag": ("UID SEARCH", Say("ZZZZ99 OK")),
    "sends a thousand lines and more": ("UID SEARCH", Flood(1500)),
    "says nothing to FETCH": ("UID FETCH", Silence()),
    "stops in the middle of a mail": ("UID FETCH", HalfLiteral()),
    "hangs up in FETCH": ("UID FETCH", Cut()),
    "says nothing to STORE": ("UID STORE", Silence()),
    "refuses STORE": ("UID STORE", Say("%s NO hanya baca")),
    "lets a line go dead in IDLE": ("IDLE", Silence()),
    "says BYE to IDLE": ("IDLE", Bye()),
    "hangs up in IDLE": ("IDLE", Cut()),
    "refuses IDLE": ("IDLE", Say("%s BAD apa itu")),
    "ends IDLE at once": ("IDLE", Say("+ menunggu\r\n%s OK selesai")),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_the_loop_gets_over_a_server_that(name: str, server: ScriptedImap, office: Scene) -> None:
    command, fault = FAULTS[name]
    server.misbehave(command, fault)
    server.deliver(letter(1), letter(2))
    mailbox = office.mailbox(Login(server.port), patience=Patience(0.3, 0.2, 0.2, round=0.2))
    async with office.reading(mailbox):
        await office.until_stored(2)
        server.deliver(letter(3))
        await office.until_stored(3)
    assert await office.subjects() == ["Tanya 1", "Tanya 2", "Tanya 3"]


async def test_every_mail_is_stored_when_each_fetch_breaks_twice(server: ScriptedImap, office: Scene) -> None:
    server.misbehave("UID FETCH", HalfLiteral(), Cut(), HalfLiteral(), Cut())
    server.deliver(*map(letter, range(10)))
    async with office.reading(office.mailbox(Login(server.port), patience=QUICK)):
        await office.until_stored(10)
    assert await office.subjects() == [f"Tanya {n}" for n in range(10)]


async def test_a_flood_of_lines_does_not_even_break_the_connection(server: ScriptedImap, office: Scene) -> None:
    server.misbehave("UID SEARCH", Flood(5000))
    server.deliver(letter(1))
    assert await office.mailbox(Login(server.port)).poll_once() == 1


async def test_a_mail_that_cannot_be_fetched_holds_up_no_other(server: ScriptedImap, office: Scene) -> None:
    server.deliver(*map(letter, range(3)))
    server.misbehave("UID FETCH", *[f for _ in range(3) for f in (Flood(0), Cut())])  # headlines, then the first mail
    async with office.reading(office.mailbox(Login(server.port), patience=QUICK)):
        await office.until_stored(2)
        await office.until(lambda: any("1 surel belum dapat diambil (di server 3" in n for n in office.notes))
    assert await office.subjects() == ["Tanya 1", "Tanya 2"]


async def test_a_push_ends_the_rest_at_once(server: ScriptedImap, office: Scene) -> None:
    async with office.reading(office.mailbox(Login(server.port), patience=Patience(round=600))):
        await within(server.idles.wait())
        server.deliver(letter(1))
        await within(office.until_stored(1), 2.0)


async def test_a_mail_that_comes_between_looking_and_resting_is_not_slept_over(
    server: ScriptedImap, office: Scene
) -> None:
    """Told outside of IDLE, a server does not tell it again in IDLE."""
    server.misbehave("UID SEARCH", Say("* SEARCH\r\n* 1 EXISTS\r\n%s OK"))
    mailbox = office.mailbox(Login(server.port), patience=Patience(answer=5.0, round=600))
    server.mails[1] = letter(1)
    async with office.reading(mailbox):
        await within(office.until_stored(1), 4.0)


async def test_without_idle_the_folder_is_looked_at_every_round(office: Scene) -> None:
    async with ScriptedImap(capabilities="IMAP4rev1") as server:
        async with office.reading(office.mailbox(Login(server.port), patience=Patience(round=0.02))):
            await within(office.until_stored(0))
            server.deliver(letter(1))
            await office.until_stored(1)
    assert not any(line.endswith("IDLE") for line in server.heard)


async def test_idle_that_fails_three_times_running_is_left_alone(server: ScriptedImap, office: Scene) -> None:
    server.misbehave("IDLE", *[Bye()] * 20)
    patience = Patience(5.0, 0.2, 0.05, round=0.02)
    async with office.reading(office.mailbox(Login(server.port), patience=patience)):
        await office.until(lambda: server.connections >= 4)
        server.deliver(letter(1))
        await office.until_stored(1)
    assert sum(line.endswith("IDLE") for line in server.heard) == 3


async def test_a_refused_login_is_repeated_only_every_five_minutes_and_told(
    server: ScriptedImap, office: Scene
) -> None:
    server.locked = True
    async with office.reading(office.mailbox(Login(server.port), patience=QUICK)):
        await office.until(lambda: len(office.waits) >= 2)
    assert office.waits[:2] == [LOCKED_OUT, LOCKED_OUT]
    assert "menolak nama pengguna" in office.notes[-1]


async def test_nobody_there_is_waited_for_longer_and_longer(server: ScriptedImap, office: Scene) -> None:
    async with ScriptedImap() as gone:
        pass
    async with office.reading(office.mailbox(Login(gone.port), patience=QUICK)):
        await office.until(lambda: len(office.waits) >= 6)
    assert office.waits[:6] == [1.0, 2.0, 5.0, 15.0, 60.0, 60.0]
    assert "tidak dapat dihubungi" in office.notes[-1]


# --- tokens --------------------------------------------------------------------------------------------------------


class Wallet:
    """Gives the old token until it is asked to renew it."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.renewals = 0

    async def __call__(self, *, renew: bool = False) -> str:
        self.renewals += renew
        return self.new if self.renewals else self.old


async def test_a_refused_token_is_renewed_once_and_at_once(server: ScriptedImap, office: Scene) -> None:
    wallet = Wallet("basi", "sah")
    server.deliver(letter(1))
    assert await office.mailbox(Login(server.port), tokens=wallet).poll_once() == 1
    assert (wallet.renewals, server.connections) == (1, 2)
    assert "" in server.heard  # the challenge was answered: nobody waits for a time-out


async def test_a_token_that_stays_bad_is_a_refusal(server: ScriptedImap, office: Scene) -> None:
    with pytest.raises(ImapDenied):
        await office.mailbox(Login(server.port), tokens=Wallet("basi", "basi")).poll_once()


async def test_a_server_that_hangs_after_its_challenge_is_left(server: ScriptedImap, office: Scene) -> None:
    server.misbehave("AUTHENTICATE", Say("+ eyJzdGF0dXMiOiI0MDEifQ==", last=True))
    with pytest.raises(ImapLost):
        await office.mailbox(Login(server.port), tokens=Wallet("basi", "sah"), patience=QUICK).poll_once()


@pytest.mark.parametrize(("permanent", "error"), [(True, ImapDenied), (False, ImapLost)])
async def test_without_a_token_there_is_no_connection(permanent: bool, error: Any, office: Scene) -> None:
    async def none(*, renew: bool = False) -> str:
        raise TokenError("token refused: invalid_grant", permanent=permanent)

    async with ScriptedImap() as server:
        with pytest.raises(error):
            await office.mailbox(Login(server.port), tokens=none, patience=QUICK).poll_once()
    assert server.connections == 0


async def test_neither_mail_nor_password_nor_token_reaches_a_log(
    server: ScriptedImap, office: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "aiosqlite")  # its own matter: at DEBUG it shows every parameter
    logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.DEBUG)
    server.deliver(letter(1))
    wallet = Wallet("token-basi", "sah")
    for tokens in (wallet, None):
        with pytest.raises(ImapLost):
            server.misbehave("UID FETCH", Cut())
            await office.mailbox(Login(server.port), tokens=tokens).poll_once()
    await office.mailbox(Login(server.port)).poll_once()
    blob = b64encode(b"user=pst@contoh.id\1auth=Bearer token-basi\1\1").decode()
    for secret in ("token-basi", blob, "rahasia", "inflasi", "rina@contoh.id"):
        assert secret not in caplog.text
