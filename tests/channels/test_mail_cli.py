"""`pst mail parse` and `pst mail trim` as acceptance runs call them."""

import io
import json
from pathlib import Path

import pytest

from bot.channels.mail_cli import parse_files, trim_files

FOLDER = Path(__file__).parent / "mail" / "parse"
GOLDEN = sorted(path.stem for path in FOLDER.glob("*.eml"))


def parsed(*paths: Path | str) -> tuple[int, list[dict[str, object]], str]:
    out, err = io.StringIO(), io.StringIO()
    status = parse_files([str(path) for path in paths], out, err)
    return status, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


@pytest.mark.parametrize("name", GOLDEN)
def test_a_mail_is_printed_as_agreed(name: str) -> None:
    status, (record,), _ = parsed(FOLDER / f"{name}.eml")
    expected = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))

    assert status == 0
    assert record | {"file": f"{name}.eml"} == expected


def test_keys_come_in_the_agreed_order() -> None:
    _, (record,), _ = parsed(FOLDER / f"{GOLDEN[0]}.eml")

    assert list(record) == [
        "file",
        "message_id",
        "in_reply_to",
        "references",
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "text",
        "quoted",
        "kind",
        "reply_allowed",
        "bounce",
        "attachments",
        "consultation",
        "authentication",
    ]


def test_a_file_that_cannot_be_read_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    empty, missing = tmp_path / "kosong.eml", tmp_path / "hilang.eml"
    empty.write_bytes(b"")
    status, records, err = parsed(FOLDER / f"{GOLDEN[0]}.eml", missing, empty, tmp_path, FOLDER / f"{GOLDEN[0]}.eml")

    assert status == 1
    assert ["error" in record for record in records] == [False, True, True, True, False]
    assert [list(record) for record in records[1:4]] == [["file", "error"]] * 3
    assert len(err.splitlines()) == 3


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Halo\r\n\r\n> lama\r\n", "Halo"),
        ("Données\n".encode("cp1252"), "Données"),
        ("﻿Halo".encode(), "Halo"),
        (b"", ""),
    ],
)
def test_a_body_of_any_character_set_is_trimmed(raw: bytes, text: str, tmp_path: Path) -> None:
    file = tmp_path / "isi.txt"
    file.write_bytes(raw)
    out = io.StringIO()

    assert trim_files([str(file)], True, out, io.StringIO()) == 0
    assert json.loads(out.getvalue()) == {"file": str(file), "text": text, "quoted": b">" in raw}


def test_without_json_the_trimmed_text_is_printed(tmp_path: Path) -> None:
    file = tmp_path / "isi.txt"
    file.write_text("Halo\n\n> lama\n", "utf-8")
    out, err = io.StringIO(), io.StringIO()

    assert trim_files([str(file), str(tmp_path / "hilang")], False, out, err) == 1
    assert out.getvalue().startswith("Halo\n")
    assert "hilang" in err.getvalue()
