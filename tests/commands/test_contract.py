"""What the command line promises: one line out for each line in, clear lines on stderr, exit status 0, 1 or 2."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import cli

GOOD = {"id": "q1", "office": "3514", "channel": "whatsapp", "text": "jam buka hari jumat?"}
DUE = {"id": "d1", "office": "3574", "channel": "email", "received": "2026-11-20T16:30:00+07:00"}
STORY = """
office = "3574"
start = 2026-11-20T10:00:00+07:00
[citizens.c1]
channel = "whatsapp"
address = "+6281230000001"
name = "Rina"
[[step]]
citizen = "c1"
says = "jam buka hari jumat?"
expect = { reply_contains = ["%s"], consultations = 0 }
"""


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ended]


@pytest.fixture
def pst(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """The command in this process, as its entry point runs it, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["pst", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return Ended(int(ended.value.code or 0), told.out, told.err)

    yield run


def batch(*lines: object) -> str:
    return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)


BAD_LINES = ("kein json", "[1]", '"text"', "{", "null", json.dumps({"id": "x"}), "\u2028", '{"id": NaN, "office": 1}')


def test_ask_gives_one_line_for_each_and_goes_on_after_a_bad_one(pst: Run) -> None:
    wrong = [
        {**GOOD, "id": "o", "office": "9999"}, {**GOOD, "id": "c", "channel": "fax"}, {**GOOD, "id": "t", "text": 5},
    ]  # fmt: skip
    ended = pst("ask", "--batch", "-", stdin=batch(GOOD, *BAD_LINES, *wrong, {**GOOD, "id": "q2"}))
    assert ended.status == 0
    assert len(ended.lines) == 2 + len([line for line in BAD_LINES if line.strip()]) + len(wrong)
    assert [line["id"] for line in ended.lines if "error" not in line] == ["q1", "q2"]
    assert [line["id"] for line in ended.lines if "error" in line][-3:] == ["o", "c", "t"]
    assert all(line["error"] and "\n" not in line["error"] for line in ended.lines if "error" in line)


def test_an_answer_has_every_field_of_the_contract(pst: Run) -> None:
    (line,) = pst("ask", "--batch", "-", stdin=batch(GOOD)).lines
    assert list(line) == [
        "id", "office", "channel", "intent", "action", "confidence", "topics", "reply", "buttons", "sources",
        "elapsed_ms",
    ]  # fmt: skip
    assert (line["id"], line["intent"], line["action"]) == ("q1", "faq", "answer")
    assert 0 <= line["confidence"] <= 1
    assert 1 <= len(line["topics"]) <= 5
    assert line["topics"][0]["id"] == "jam-layanan"
    assert "16.00" in line["reply"]


def test_ask_for_a_person_to_read(pst: Run) -> None:
    ended = pst("ask", "--office", "3514", "jam buka hari jumat?")
    assert ended.status == 0
    assert "16.00" in ended.out
    (line,) = pst("ask", "--office", "3514", "--json", "jam buka hari jumat?").lines
    assert line["office"] == "3514"


def test_ask_stores_nothing(pst: Run, tmp_path: Path) -> None:
    pst("ask", "--office", "3514", "halo")
    assert list(tmp_path.iterdir()) == []


def test_a_batch_is_read_from_a_file_with_blank_lines_and_other_bytes(pst: Run, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\n" + batch(GOOD).encode() + b"\n\xff\xfe\n" + batch({**GOOD, "id": "q2"}).encode())
    ended = pst("ask", "--batch", str(path))
    assert [line.get("id") for line in ended.lines] == ["q1", None, "q2"]


def test_due_gives_one_line_for_each_and_goes_on_after_a_bad_one(pst: Run) -> None:
    wrong = [
        {**DUE, "id": 1, "received": "gestern"}, {**DUE, "id": 2, "received": "2026-11-20T16:30:00"},
        {**DUE, "id": 3, "kind": "never"}, {**DUE, "id": 4, "office": None}, {**DUE, "id": 5, "channel": []},
        {**DUE, "id": 6, "received": "9999-11-20T16:30:00+07:00"},
    ]  # fmt: skip
    ended = pst("due", "--batch", "-", stdin=batch(DUE, *BAD_LINES, *wrong, {**DUE, "id": "d2", "kind": "close"}))
    assert ended.status == 0
    assert [line["id"] for line in ended.lines if "error" not in line] == ["d1", "d2"]
    assert [line["id"] for line in ended.lines if "error" in line][-6:] == [1, 2, 3, 4, 5, 6]


def test_due_says_when_and_why(pst: Run) -> None:
    arguments = ("due", "--office", "3574", "--channel", "email", "--received", DUE["received"])
    assert pst(*arguments).out == "2026-11-25T15:30:00+07:00\n"
    (line,) = pst(*arguments, "--json").lines
    assert list(line) == ["kind", "received", "due", "working_days", "counted", "explanation"]
    assert line["counted"] == ["2026-11-23", "2026-11-24", "2026-11-25"]


def test_an_office_that_promises_no_closing_gives_none_with_the_reason(pst: Run) -> None:
    (line,) = pst("due", "--batch", "-", stdin=batch({**DUE, "office": "3514", "kind": "close"})).lines
    assert line["due"] is None
    assert line["explanation"]


def test_mail_goes_on_after_a_file_that_cannot_be_read(pst: Run, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: Rina <rina@contoh.id>\r\nSubject: Harga\r\n\r\nMohon data.\r\n")
    ended = pst("mail", "parse", "none.eml", "a.eml", "--json")
    assert ended.status == 1
    assert [("error" in line, line["file"]) for line in ended.lines] == [(True, "none.eml"), (False, "a.eml")]
    assert ended.lines[1]["text"] == "Mohon data."
    assert pst("mail", "parse", "a.eml").status == 0


def test_a_story_ends_with_what_staff_saw_and_the_log(pst: Run, tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(STORY % "16.00", encoding="utf-8")
    ended = pst("simulate", "good.toml", "--json")
    assert ended.status == 0
    assert [line.get("step") for line in ended.lines] == [1, None]
    assert set(ended.lines[-1]) == {"end", "staff_view", "log"}


def test_a_story_whose_expectation_fails_is_status_1(pst: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(STORY % "pukul tiga pagi", encoding="utf-8")
    ended = pst("simulate", "bad.toml", "--json")
    assert ended.status == 1
    assert ended.lines[0]["failed"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",), ("ask", "--office", "9999", "halo"), ("ask", "--office", "3514", "--channel", "fax", "halo"),
        ("ask", "--batch", "none.jsonl"), ("due", "--office", "3514"), ("due", "--office", "9999", "--received", "x"),
        ("due", "--office", "3514", "--received", "2026-11-20T10:00:00+07:00", "--kind", "never"),
        ("due", "--batch", "none.jsonl"), ("simulate", "none.toml"), ("serve", "--roles", "cook"),
        ("serve", "--roles", ""), ("restore", "none.tar.gz"), ("report", "--office", "9999", "--month", "2026-11"),
        ("staff", "add", "--office", "9999", "--name", "D", "--email", "d@contoh.id"), ("nonsense",),
        ("ask", "--nonsense"), ("replay", "x"), ("kb", "search", "--entries", "none", "--batch", "none"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_status_2_and_said_on_stderr(pst: Run, arguments: tuple[str, ...]) -> None:
    ended = pst(*arguments)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.strip()


@pytest.mark.parametrize(
    "arguments", [("replay", "77"), ("staff", "disable", "nobody@contoh.id")], ids=" ".join
)  # fmt: skip
def test_what_is_not_there_is_status_1_in_one_line(pst: Run, arguments: tuple[str, ...]) -> None:
    assert pst("db", "upgrade").status == 0
    ended = pst(*arguments)
    assert ended.status == 1
    assert len(ended.err.splitlines()) == 1


def test_accounts_are_made_once_and_with_a_real_password(pst: Run) -> None:
    new = ("staff", "add", "--office", "3574", "--name", "Dewi", "--email", "dewi@contoh.id")
    assert pst(*new, stdin="kurz\n").status == 2
    assert pst(*new, stdin="kata sandi panjang\n").status == 0
    assert pst(*new, stdin="kata sandi panjang\n").status == 1
    assert pst("staff", "password", "dewi@contoh.id", stdin="kata sandi lain lagi\n").status == 0
    assert pst("staff", "disable", "dewi@contoh.id").status == 0


def test_a_backup_goes_to_a_file_and_back(pst: Run, tmp_path: Path) -> None:
    pst("staff", "add", "--office", "3574", "--name", "D", "--email", "d@contoh.id", stdin="kata sandi panjang\n")
    assert pst("backup", "b.tar.gz").status == 0
    assert pst("restore", "b.tar.gz").status == 2
    assert pst("restore", "--force", "b.tar.gz").status == 0
    (tmp_path / "var" / "pst.db").unlink()
    assert pst("restore", "b.tar.gz").status == 0
    assert pst("staff", "disable", "d@contoh.id").status == 0
