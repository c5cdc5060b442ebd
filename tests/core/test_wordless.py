"""Messages without words: asked about, kept for what follows, or simply received."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import events as ev
from bot.core.model import Office, Waiting
from intents.meaning import Action, Cue, Intent
from tests.core.test_conversation import ANSWERABLE, PERSON, THANKS, UNKNOWN, keys, says, talk


def file(text: str = "[gambar: foto.jpg]", attachments: int = 1) -> ev.Heard:
    return replace(says(Intent.ATTACHMENT_ONLY, Action.CLARIFY, text=text), attachments=attachments)


def question(outcome: object) -> str:
    c = outcome.conversation.consultation  # type: ignore[attr-defined]
    return c.question if c else ""


def test_a_file_is_asked_about_and_goes_along_with_the_answer(offices: dict[str, Office]) -> None:
    asked = talk(offices["3574"], file())
    assert keys(asked)[0] == "what_is_it_for"
    assert asked.conversation.talk.waiting is Waiting.PURPOSE
    told = talk(offices["3574"], file(), UNKNOWN)
    assert question(told) == f"{UNKNOWN.text}\n[gambar: foto.jpg]"


def test_several_files_are_one_matter(offices: dict[str, Office]) -> None:
    told = talk(offices["3574"], file(), file("[dokumen: surat.pdf]"), UNKNOWN)
    assert question(told) == f"{UNKNOWN.text}\n[gambar: foto.jpg]\n[dokumen: surat.pdf]"


@pytest.mark.parametrize(
    "words",
    [
        says(Intent.CHIT_CHAT, Action.REPLY, text="ini tabel yang mau saya tanyakan ke petugas, tolong dicek"),
        says(Intent.OUT_OF_SCOPE, Action.REPLY, text="untuk skripsi saya"),
        says(Intent.CORRECTION, Action.REPLY, text="bukan, ini untuk laporan"),
    ],
)
def test_nearly_anything_says_what_it_is_for(offices: dict[str, Office], words: ev.Heard) -> None:
    assert words.text in question(talk(offices["3574"], file(), words))


def test_a_wish_for_staff_takes_the_file_along(offices: dict[str, Office]) -> None:
    assert question(talk(offices["3574"], file(), PERSON)) == "[gambar: foto.jpg]"


def test_a_courtesy_says_nothing_yet(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], file(), THANKS)
    assert keys(outcome) == ["what_is_it_for"]
    assert question(talk(offices["3574"], file(), THANKS, UNKNOWN)).endswith("[gambar: foto.jpg]")


@pytest.mark.parametrize(
    ("heard", "key"),
    [
        (ANSWERABLE, "faq"),
        (says(Intent.DENY, Action.REPLY, text="tidak jadi"), "fine"),
        (says(Intent.MENU, Action.REPLY, text="menu"), "menu"),
        (says(Intent.OPT_OUT, Action.CLOSE, text="berhenti"), "opted_out"),
    ],
)
def test_what_is_something_else_stays_something_else(offices: dict[str, Office], heard: ev.Heard, key: str) -> None:
    outcome = talk(offices["3574"], file(), heard)
    assert key in keys(outcome)
    assert question(outcome) == ""


def test_a_voice_note_is_kept_for_staff_on_one_tap(offices: dict[str, Office]) -> None:
    outcome = talk(offices["3574"], file("[pesan suara]"))
    assert keys(outcome)[0] == "voice_note"
    tap = replace(says(Intent.CHIT_CHAT, Action.REPLY, text="Tanya petugas"), button="staff")
    assert question(talk(offices["3574"], file("[pesan suara]"), tap)) == "[pesan suara]"


@pytest.mark.parametrize(("text", "key"), [("[stiker]", "sticker"), ("[pesan jenis lain]", "unknown_kind")])
def test_what_asks_for_nothing_changes_nothing(offices: dict[str, Office], text: str, key: str) -> None:
    before = talk(offices["3574"], ANSWERABLE)
    outcome = talk(offices["3574"], file(text, 0), start=before.conversation)
    assert keys(outcome) == [key]
    assert outcome.conversation.talk == before.conversation.talk


def test_a_sticker_is_no_addition_to_a_consultation(offices: dict[str, Office]) -> None:
    opened = talk(offices["3574"], UNKNOWN)
    after = talk(offices["3574"], file("[stiker]", 0), start=opened.conversation)
    assert after.conversation.consultation == opened.conversation.consultation
    assert not [e for e in after.effects if type(e).__name__ == "NotifyStaff"]


def test_a_file_during_a_consultation_reaches_staff(offices: dict[str, Office]) -> None:
    opened = talk(offices["3574"], UNKNOWN)
    after = talk(offices["3574"], file("[lokasi: Kantor (-7.6, 112.9)]", 0), start=opened.conversation)
    assert keys(after) == ["added"]
    assert [e for e in after.effects if type(e).__name__ == "NotifyStaff"]


def test_taking_it_back_ends_the_question(offices: dict[str, Office]) -> None:
    heard = says(Intent.CHIT_CHAT, Action.REPLY, text="tidak jadi deh", cues=frozenset({Cue.WITHDRAW}))
    assert question(talk(offices["3574"], file(), heard)) == ""
