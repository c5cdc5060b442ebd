"""kill -9 at each step of the intake, against a real server: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.imap_crasher import STEPS
from tests.channels.imap_scene import letter, scene, within
from tests.standins.dovecot import Dovecot, NoDovecot

pytestmark = pytest.mark.dovecot
ROOT = Path(__file__).parent.parent.parent
MAILS = 4
LEFT_BEHIND = {"opened": 0, "listed": 0, "fetched": 2, "storing": 2, "stored": 3}


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    try:
        server = Dovecot()
    except NoDovecot as error:
        pytest.skip(str(error))
    yield server
    server.stop()


async def crash(folder: Path, port: int, user: str, step: str, passes: int) -> int:
    url = f"sqlite:///{folder}/pst.db"
    command = [sys.executable, "-m", "tests.channels.imap_crasher", url, str(port), user, step, str(passes)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    return int(await within(process.wait(), 30.0))


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_when_it_had(step: str, dovecot: Dovecot, tmp_path: Path) -> None:
    """Killed at the first passing, and where a step is passed for each mail, at the third."""
    account = dovecot.account()
    async with scene(tmp_path) as office:
        account.deliver(*map(letter, range(MAILS)))
        passes = 2 if step in ("fetched", "storing", "stored") else 0
        assert await crash(tmp_path, account.port, account.user, step, passes) == -signal.SIGKILL
        assert len(await office.stored()) == LEFT_BEHIND.get(step, MAILS)
        mailbox = office.mailbox(account)
        await mailbox.poll_once()
        assert sorted(await office.subjects()) == [f"Tanya {n}" for n in range(MAILS)]
        account.deliver(letter(MAILS))
        assert await mailbox.poll_once() == 1
        assert await mailbox.poll_once() == 0
        assert await office.copies() == 0
