"""How long to wait, and what to tell."""

from __future__ import annotations

import pytest

from bot.channels.imap_intake import Tally
from bot.channels.imap_mailbox import BACK_OFF, JITTER, back_off, note


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 5), (4, 15), (5, 60), (6, 60), (1000, 60)])
def test_the_wait_grows_up_to_a_minute(failures: int, seconds: float) -> None:
    assert back_off(failures, 0.0) == seconds
    assert seconds < back_off(failures, 0.5) < seconds * (1 + JITTER)
    assert seconds in BACK_OFF


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(3, 3, 0), []),
        (Tally(3, 3, None), []),
        (Tally(3, 1, 0), ["2 surel belum dapat diambil (di server 3, pada kami 1)"]),
        (Tally(3, 3, 4), ["4 surel belum dibaca di folder Spam"]),
        (Tally(3, 2, 4), ["1 surel belum dapat diambil", "4 surel belum dibaca di folder Spam"]),
    ],
)
def test_only_what_asks_for_a_hand_is_told(tally: Tally, words: list[str]) -> None:
    text = note(tally)
    assert all(word in text for word in words)
    assert bool(text) == bool(words)
