"""The mail room measured as a whole: reports of many servers, unmarked machines, broken mails, each with a floor."""

import io
import json
import random
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels.mail_cli import parse_files
from bot.channels.mime import parse_mail

FOLDER = Path(__file__).parent / "mail"
REPORTS: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "reports" / "expected.toml").read_text("utf-8"))
SOURCES = sorted(FOLDER.glob("*/*.eml"))
BROKEN = 240


def read(folder: str, name: str) -> Any:
    return parse_mail((FOLDER / folder / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_of_any_server_is_one_and_its_status_is_read(name: str) -> None:
    mail, expected = read("reports", name), REPORTS[name]

    assert (mail.kind, mail.reply_allowed) == (expected["kind"], False), mail.reasons
    status = mail.bounce.recipients[0].status if mail.bounce else ""
    assert status.startswith(expected["status"])
    assert bool(mail.bounce and mail.bounce.recipients[0].recipient == "rina@tujuan.contoh.id") == (
        expected["kind"] == "bounce"
    )


@pytest.mark.parametrize("path", sorted((FOLDER / "automatic").glob("*.eml")), ids=lambda path: path.stem)
def test_a_machine_is_never_answered_whatever_it_leaves_out(path: Path) -> None:
    assert not parse_mail(path.read_bytes()).reply_allowed


# --- broken on purpose ----------------------------------------------------------------------------------------------


def cut_short(raw: bytes, dice: random.Random) -> bytes:
    return raw[: dice.randrange(len(raw))]


def flip_bytes(raw: bytes, dice: random.Random) -> bytes:
    broken = bytearray(raw)
    for _ in range(dice.randrange(1, 40)):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken)


def drop_lines(raw: bytes, dice: random.Random) -> bytes:
    return b"\n".join(line for line in raw.split(b"\n") if dice.random() > 0.25)


def shuffle_lines(raw: bytes, dice: random.Random) -> bytes:
    lines = raw.split(b"\n")
    dice.shuffle(lines)
    return b"\n".join(lines)


def lie_about_content(raw: bytes, dice: random.Random) -> bytes:
    lies = [
        b"Content-Type: multipart/mixed; boundary=nowhere", b"Content-Type: text/plain; charset=klingon",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: chaos", b"Content-Type: ;;;=",
        b"Content-Type: multipart/mixed; boundary=\"", b"Content-Type: message/rfc822", b"Content-Type: a/b/c/d",
        b"Content-Type: multipart/report; report-type=delivery-status", b"Content-Type: text/html; charset=utf-16",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%fe%00; filename*0*=x; filename*0=y",
    ]  # fmt: skip
    return b"\r\n".join(dice.sample(lies, 3)) + b"\r\n" + raw


def hostile_head(raw: bytes, dice: random.Random) -> bytes:
    heads = [
        b"Message-ID: <[weird]@x>", b"Subject: =?utf-8?q?halo=0D=0ABcc=3A_x?=", b"Date: 99 Foo 20266 25:61",
        b"From: \"unclosed <a@contoh.id", b"From: " + b"(" * 3000, b"To: " + b"a@contoh.id," * 3000,
        b"References: " + b"<x@contoh.id> " * 3000, b"Subject: =?x?b?====?=", b"\xff\xfe\x00: \x00",
        b"In-Reply-To: <a b c>", b"Subject:\r\n\r\n \r\n\t", b"Received: " + b"x" * 200_000,
    ]  # fmt: skip
    return b"\r\n".join(dice.sample(heads, 4)) + b"\r\n" + raw


def nest(raw: bytes, dice: random.Random) -> bytes:
    for level in range(dice.randrange(1, 60)):
        edge = f"b{level}".encode()
        raw = b"Content-Type: multipart/mixed; boundary=" + edge + b"\r\n\r\n--" + edge + b"\r\n" + raw
    return b"From: a@contoh.id\r\n" + raw


BREAKS: list[Callable[[bytes, random.Random], bytes]] = [
    cut_short, flip_bytes, drop_lines, shuffle_lines, lie_about_content, hostile_head, nest,
]  # fmt: skip


def test_each_broken_mail_gives_exactly_one_line_of_json(tmp_path: Path) -> None:
    paths = []
    for seed in range(BROKEN):
        dice = random.Random(seed)
        raw = SOURCES[seed % len(SOURCES)].read_bytes()
        for breaking in dice.sample(BREAKS, dice.randrange(1, 3)):
            raw = breaking(raw or b"x", dice)
        paths.append(tmp_path / f"{seed}.eml")
        paths[-1].write_bytes(raw)
    out = io.StringIO()

    parse_files(map(str, paths), out, io.StringIO())

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["file"] for line in lines] == [str(path) for path in paths]
    read_ones = [line for line in lines if "error" not in line]
    assert len(read_ones) >= BROKEN * 0.95
    assert all(set(line) == set(read_ones[0]) for line in read_ones)
