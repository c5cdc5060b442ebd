"""kill -9 at each step from a letter in the mailbox to the answer at the mail server: handled once, answered.

An answer of unknown outcome is looked for in the Sent folder; where it is not, it goes again with the same Message-ID,
so that the citizen's program can tell the double, and is flagged. (The steps of the intake itself: tests/channels/
test_imap_crashes.py.)
"""

from __future__ import annotations

import asyncio
import imaplib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.smtp import Envelope, Session

from bot.reader import Brain
from tests.channels.imap_scene import letter
from tests.robustness.scene import LATER, OFFICE, PATIENCE, Scene, dead, scene
from tests.standins.dovecot import PASSWORD, Account, Dovecot, NoDovecot
from tests.standins.smtp import Cut, PostOffice

pytestmark = pytest.mark.dovecot
CITIZEN = "rina@contoh.id"
QUESTION = "Bagaimana kerja sama riset panel rumah tangga dengan BPS? Mohon dijawab petugas."
STEPS = ("attending", "deciding", "decided", "claiming", "claimed", "answered-mail", "recording")
MAYBE_SENT = ("claimed", "answered-mail", "recording")  # to whoever comes afterwards
SENT = ("answered-mail", "recording")


class KillingPostOffice(PostOffice):
    """A mail server whose caller dies behind the last dot: `victim` is killed when a mail's content has arrived."""

    victim: Callable[[], None] | None = None

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        victim, self.victim = self.victim, None
        if victim is not None:
            victim()
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(autouse=True)
def kept(brain: Brain) -> None:
    """The processes find the brain on the disk."""


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    try:
        server = Dovecot()
    except NoDovecot as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@asynccontextmanager
async def mail_scene(folder: Path, account: Account, post: PostOffice) -> AsyncIterator[Scene]:
    person = f"{quote(account.user, safe='')}:{quote(PASSWORD, safe='')}"
    environ = {
        f"PST_{OFFICE}_IMAP_URL": f"imap://{person}@127.0.0.1:{account.port}/INBOX",
        f"PST_{OFFICE}_SMTP_URL": f"smtp://127.0.0.1:{post.port}", f"PST_{OFFICE}_MAIL_FROM": "pst@contoh.id",
    }  # fmt: skip
    async with scene(f"sqlite:///{folder}/pst.db", environ) as place:
        yield place


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_when_it_was(step: str, dovecot: Dovecot, tmp_path: Path) -> None:
    account = dovecot.account()
    async with KillingPostOffice() as post, mail_scene(tmp_path, account, post) as place:
        account.deliver(letter(1, sender=CITIZEN, body=QUESTION))
        async with place.life(step=step) as process:
            await dead(process)
        async with place.life(ahead=LATER):
            await _answered(place)
        await _handled_once(place)
        assert len(post.mails) == (2 if step in SENT else 1)
        await _same_mail(place, post, flagged=step in MAYBE_SENT)


@pytest.mark.parametrize(("kept_by_server", "copies"), [(True, 2), (False, 1)], ids=["taken", "not taken"])
async def test_killed_behind_the_last_dot(
    kept_by_server: bool, copies: int, dovecot: Dovecot, tmp_path: Path
) -> None:
    account = dovecot.account()
    async with KillingPostOffice() as post, mail_scene(tmp_path, account, post) as place:
        post.answer("CONTENT", Cut(kept=kept_by_server))
        account.deliver(letter(1, sender=CITIZEN, body=QUESTION))
        async with place.life() as process:
            post.victim = process.kill
            await dead(process)
        async with place.life(ahead=LATER):
            await _answered(place)
        await _handled_once(place)
        assert len(post.mails) == copies
        await _same_mail(place, post, flagged=True)


async def test_an_answer_found_in_the_sent_folder_is_not_sent_again(dovecot: Dovecot, tmp_path: Path) -> None:
    """As with Gmail and Exchange, whose servers put there what they have taken."""
    account = dovecot.account()
    async with KillingPostOffice() as post, mail_scene(tmp_path, account, post) as place:
        post.answer("CONTENT", Cut(kept=True))
        account.deliver(letter(1, sender=CITIZEN, body=QUESTION))
        async with place.life() as process:
            post.victim = process.kill
            await dead(process)
        await asyncio.to_thread(_file_as_sent, account, post.mails[0].raw)
        async with place.life(ahead=LATER):
            await _answered(place)
        await _handled_once(place)
        assert len(post.mails) == 1
        await _same_mail(place, post, flagged=False)


def _file_as_sent(account: Account, raw: bytes) -> None:
    with account.person() as imap:
        assert isinstance(imap, imaplib.IMAP4)
        imap.append("Sent", "", "", raw)  # type: ignore[arg-type]


async def _answered(place: Scene) -> None:
    """The letter was heard, and nothing is left to do."""
    async with asyncio.timeout(PATIENCE):
        while not await _replies(place):
            await asyncio.sleep(0.05)
    await place.settled()


async def _replies(place: Scene) -> list[dict[str, Any]]:
    return [row for row in await place.rows("outbound") if row["recipient"] == CITIZEN]


async def _handled_once(place: Scene) -> None:
    assert [(row["kind"], row["state"]) for row in await place.rows("inbound")] == [("message", "done")]
    assert [row["author"] for row in await place.rows("message")] == ["citizen", "bot"]
    assert [row["number"][-6:] for row in await place.rows("consultation")] == ["000001"]
    assert [row["state"] for row in await _replies(place)] == ["sent"]


async def _same_mail(place: Scene, post: PostOffice, *, flagged: bool) -> None:
    [reply] = await _replies(place)
    names = {message_from_bytes(mail.raw)["Message-ID"] for mail in post.mails}
    assert names == {reply["provider_id"]}
    assert len({mail.raw for mail in post.mails}) == 1, "a double is the same, byte for byte"
    assert reply["possibly_duplicate"] is flagged
