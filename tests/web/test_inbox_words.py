"""Moments and messages as officers read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.model import Office
from bot.web import words
from bot.web.inbox_lines import citizen, due_mark, window_mark
from bot.web.marks import marked, plain

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=WIB)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=30), "kurang dari 1 menit"), (timedelta(minutes=59, seconds=59), "59 menit"),
        (timedelta(hours=1), "1 jam"), (timedelta(hours=47), "47 jam"), (timedelta(days=2), "2 hari"),
        (timedelta(days=9, hours=20), "9 hari"),
    ],
)  # fmt: skip
def test_spans_are_said_as_coarsely_as_people_do(length: timedelta, said: str) -> None:
    assert words.span(length) == said


@pytest.mark.parametrize(
    ("hours", "said", "tone"),
    [(-3, "lewat 3 jam", "late"), (2, "2 jam lagi", "soon"), (5.5, "5 jam lagi", "soon"), (30, "30 jam lagi", "calm")],
)
def test_a_due_time_says_how_long_still_in_words_and_tone(
    offices: dict[str, Office], hours: float, said: str, tone: str
) -> None:
    mark = due_mark(NOW + timedelta(hours=hours), offices["3574"], NOW)
    assert (mark.text, mark.tone) == (said, tone)
    assert "WIB" in mark.full


@pytest.mark.parametrize(
    ("channel", "state", "until", "said"),
    [
        ("whatsapp", "open", timedelta(hours=5, minutes=10), "jendela WA 5 jam lagi"),
        ("whatsapp", "open", timedelta(minutes=9), "jendela WA tertutup"),  # ten minutes are kept as a margin
        ("whatsapp", "answered", None, "jendela WA tertutup"),
        ("whatsapp", "closed", timedelta(hours=5), None),
        ("email", "open", None, None),
    ],
)
def test_the_window_is_said_where_there_is_one(
    channel: str, state: str, until: timedelta | None, said: str | None
) -> None:
    mark = window_mark({"channel": channel, "state": state, "window_until": until and NOW + until}, NOW)
    assert (mark.text if mark else None) == said


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"details": {"name": "Rina"}, "known": {}, "name": "R", "profile_name": None}, "Rina"),
        ({"details": {}, "known": {"name": "Rina W"}, "name": None, "profile_name": "x"}, "Rina W"),
        ({"details": {}, "known": None, "name": None, "profile_name": "rin ✨"}, "rin ✨"),
        ({"details": {}, "known": None, "name": None, "profile_name": None}, "+62812•••0001"),
    ],
)  # fmt: skip
def test_lists_show_a_name_or_a_masked_address(row: dict[str, object], shown: str) -> None:
    assert citizen({"address": "+6281230000001", **row}) == shown


def test_an_erased_citizen_has_no_name() -> None:
    assert citizen({"address": "erased:7", "name": None, "profile_name": None}) == "(data dihapus)"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*tebal* dan _miring_", "<strong>tebal</strong> dan <em>miring</em>"),
        ("2*3*4 snake_case_x", "2*3*4 snake_case_x"),
        ("*a* ~b~\nc", "<strong>a</strong> <s>b</s><br>c"),
        ("<b>*x*</b>", "&lt;b&gt;<strong>x</strong>&lt;/b&gt;"),
        ("lihat https://bps.go.id/a_b_c.",
         'lihat <a href="https://bps.go.id/a_b_c" target="_blank" rel="noopener noreferrer">https://bps.go.id/a_b_c</a>.'),
        ("_Sumber: A (https://a.id/x_y)_",
         '<em>Sumber: A (<a href="https://a.id/x_y" target="_blank" rel="noopener noreferrer">https://a.id/x_y</a>)</em>'),
        ('https://x.id/"onload=', None),
    ],
)  # fmt: skip
def test_whatsapp_marks_become_html_and_nothing_else_does(text: str, html: str | None) -> None:
    drawn = str(marked(text))
    assert drawn == html if html is not None else '"onload' not in drawn


def test_a_citizens_words_are_never_html() -> None:
    assert str(plain("<script>*a*</script>\nhttp://x.id")) == "&lt;script&gt;*a*&lt;/script&gt;<br>http://x.id"
