"""Two programs that answer each other, and too much mail at once: it ends, and staff are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.arrivals import Received
from bot.core.mail_caps import MAILS_A_BURST, REPLIES_A_DAY, REPLIES_AN_HOUR, Restraint, Sent, restraint
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.store.database import Database
from tests.engine.mail_scene import OFFICE, QUESTION, RINA, Scene, open_scene


@pytest.mark.parametrize(
    ("sent", "is_reply", "verdict"),
    [
        (Sent(0, 0, 0), True, Restraint.NONE),
        (Sent(REPLIES_AN_HOUR - 1, REPLIES_A_DAY - 1, MAILS_A_BURST - 1), True, Restraint.NONE),
        (Sent(REPLIES_AN_HOUR, REPLIES_AN_HOUR, 0), True, Restraint.DROP),
        (Sent(0, REPLIES_A_DAY, 0), True, Restraint.DROP),
        (Sent(REPLIES_AN_HOUR, REPLIES_A_DAY, 0), False, Restraint.NONE),
        (Sent(0, 0, MAILS_A_BURST), True, Restraint.WAIT),
        (Sent(0, 0, MAILS_A_BURST), False, Restraint.WAIT),
    ],
)
def test_the_figures(sent: Sent, is_reply: bool, verdict: Restraint) -> None:
    assert restraint(sent, is_reply=is_reply) is verdict


@pytest.fixture
async def scene(settings: Settings, brain: Brain, database: Database) -> Scene:
    return await open_scene(settings, brain, database)


WORDS = [
    "batik", "tenun", "bordir", "logam", "kayu", "bambu", "rotan", "gerabah", "kulit", "perak", "lurik", "sulam",
    "anyam", "ukir", "kaca",
]  # fmt: skip


async def test_two_bots_that_answer_each_other_come_to_an_end(scene: Scene) -> None:
    """The other one says that it is none, and finds new words each time."""
    answered = 0
    await scene.mail("bot@contoh.id", QUESTION)
    for turn in range(60):
        replies = [d for d in scene.to_citizens() if d.to == "bot@contoh.id"]
        answered += len(replies)
        word, other = WORDS[turn % len(WORDS)], WORDS[turn // len(WORDS)]
        answers = replies[-1] if replies else None
        await scene.mail("bot@contoh.id", f"Kami mencatat soal {word} dan {other} itu, petugas.", answers=answers)
        await scene.world.run_until(scene.world.now + timedelta(seconds=30))

    assert 1 <= answered <= REPLIES_AN_HOUR
    assert any("dihentikan sementara" in n["text"] for n in await scene.news())
    await scene.mail(RINA, QUESTION)
    assert [d for d in scene.sent() if d.to == RINA], "others are served all the while"


async def test_an_officer_s_answer_is_never_held_back(scene: Scene) -> None:
    await scene.mail("bot@contoh.id", QUESTION)
    notification = next(d for d in scene.sent() if d.purpose == "staff")
    for turn in range(REPLIES_AN_HOUR + 2):
        await scene.mail("bot@contoh.id", f"Kami mencatat soal {WORDS[turn]} itu, petugas.")
    scene.sent()
    officer = await scene.officer()

    await scene.mail(officer.email, "Ada 12 pengrajin.", answers=notification)

    assert [d.purpose for d in scene.sent() if d.to == "bot@contoh.id"] == ["staff_answer"]


async def test_a_flood_from_everywhere_is_sent_little_by_little(scene: Scene) -> None:
    for n in range(MAILS_A_BURST + 10):
        raw = scene.compose(f"warga{n}@contoh.id", QUESTION)
        await receive(scene, raw, f"warga{n}@contoh.id")
    await scene.world.run_until(scene.world.now + timedelta(minutes=5))
    first = len(scene.to_citizens())
    await scene.world.run_until(scene.world.now + timedelta(minutes=30))
    later = len(scene.to_citizens())

    assert MAILS_A_BURST <= first <= MAILS_A_BURST + 20
    assert first + later >= MAILS_A_BURST + 10, "nothing is lost"
    assert any("ditahan" in n["text"] for n in await scene.news())


async def receive(scene: Scene, raw: bytes, sender: str) -> None:
    now = scene.world.now
    received = Received(OFFICE, Channel.EMAIL, "message", f"flood/{sender}", sender, now, now, {}, raw)
    await scene.world.service.engine.receive([received])


async def test_an_officer_s_responder_that_hides_is_not_answered_for_ever(scene: Scene) -> None:
    officer = (await scene.officer()).email
    for turn in range(REPLIES_AN_HOUR + 8):
        await scene.mail(officer, f"Sudah kami catat soal {WORDS[turn % 15]} nomor {turn}.")

    assert len([d for d in scene.sent() if d.to == officer]) <= REPLIES_AN_HOUR
