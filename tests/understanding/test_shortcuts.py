"""Messages that need no classifier."""

from __future__ import annotations

import pytest

from intents.meaning import Action, Intent
from intents.shortcuts import shortcut


@pytest.mark.parametrize(
    ("message", "intent", "action"),
    [
        ("MENU", Intent.MENU, Action.REPLY),
        ("0", Intent.MENU, Action.REPLY),
        ("5", Intent.RATING, Action.REPLY),
        ("STOP", Intent.OPT_OUT, Action.CLOSE),
        ("berhenti", Intent.OPT_OUT, Action.CLOSE),
        ("hapus data", Intent.DELETE_MY_DATA, Action.FORM),
        ("petugas", Intent.HUMAN, Action.ESCALATE),
        ("👍", Intent.AFFIRM, Action.REPLY),
        ("🙏", Intent.THANKS, Action.REPLY),
        ("[gambar]", Intent.ATTACHMENT_ONLY, Action.CLARIFY),
        ("", Intent.ATTACHMENT_ONLY, Action.CLARIFY),
    ],
)
def test_words_that_the_bot_taught(message: str, intent: Intent, action: Action) -> None:
    assert shortcut(message) == (intent, action)


@pytest.mark.parametrize("message", ["jam buka", "menu makan siang petugas apa", "berapa 5 tambah 5"])
def test_anything_else_has_to_be_understood(message: str) -> None:
    assert shortcut(message) is None
