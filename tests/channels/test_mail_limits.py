"""Hostile and enormous mails cost neither memory nor patience, and nothing but MailError is ever raised."""

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.mail_json import mail_to_json
from bot.channels.mime import MailError, parse_mail

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "mail"
MEGABYTE = 1_000_000
MOST_MEMORY = 200
linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's proc")
SEEDS = [path.read_bytes() for path in sorted([*FOLDER.glob("parse/*.eml"), *FOLDER.glob("bounces/*.eml")])]

MEASURE = """
import re, sys
from bot.channels.mime import parse_mail
mail = parse_mail(sys.stdin.buffer.read())
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
print(peak // 1024, mail.kind, len(mail.full_text), sum(a.size for a in mail.attachments))
"""


def measured(raw: bytes) -> tuple[int, str, int, int]:
    """Peak memory in MiB of a process that reads just this mail, then kind, length of text and size of files."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE], input=raw, capture_output=True, cwd=ROOT, check=True, timeout=60
    )
    memory, kind, text, files = run.stdout.decode().split()
    return int(memory), kind, int(text), int(files)


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    closing = b"".join(b"\r\n--b%d--\r\n" % n for n in reversed(range(depth)))
    return b"From: a@contoh.id\r\nSubject: x\r\n" + opening + b"Content-Type: text/plain\r\n\r\nhalo\r\n" + closing


def with_file(content: bytes, encoding: bytes) -> bytes:
    return (
        b"From: a@contoh.id\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalo\r\n--b\r\n"
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: "
        + encoding
        + b"\r\n\r\n"
        + content
        + b"\r\n--b--\r\n"
    )


def test_parts_are_read_thirty_levels_deep() -> None:
    assert parse_mail(nested(29)).text == "halo"


@linux
def test_three_thousand_nested_parts_are_survived() -> None:
    memory, kind, *_ = measured(nested(3000))

    assert kind == "message"
    assert memory < MOST_MEMORY


@linux
def test_a_mail_of_25_mb_is_read_within_200_mb() -> None:
    memory, _, text, files = measured(with_file(base64.encodebytes(os.urandom(18_500_000)), b"base64"))

    assert (text, files) == (4, 18_500_000)
    assert memory < MOST_MEMORY


@linux
@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@contoh.id\r\n\r\n" + b"halo dunia\n" * 2_200_000,
        with_file(b"#86%T\n" * 4_000_000, b"x-uuencode"),
        b"From: a@contoh.id\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 2_000_000,
        b"From: a@contoh.id\r\n" + b"To: x@contoh.id\r\n" * 1_400_000,
    ],
    ids=["text", "uuencode", "parts", "headers"],
)
def test_other_enormous_mails_stay_within_200_mb(raw: bytes) -> None:
    assert measured(raw)[0] < MOST_MEMORY


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "<",
        "<div>",
        "<blockquote>",
        "> ",
        "-",
        "*",
        "_",
        " ",
        "\n",
        "\n ",
        "wrote ",
        "On Mon, ",
        "Dari: a@b\n",
        "--\n",
        "a@",
        "a.",
        "5.1.1 ",
        "=?utf-8?b?",
        ":",
        '"',
        ";a=",
        "Terima kasih\n",
        "Hormat kami,\n",
        "&#",
        "<!--",
        "Final-Recipient: x\n\n",
        "550 ",
        "\u200b",
        "é",
        "[",
        "x,",
    ],
)
def test_no_repetition_makes_reading_slow(piece: str) -> None:
    text = (piece * (100_000 // len(piece))).encode()
    folded = text.replace(b"\n", b"\n ")[:50_000]
    started = time.perf_counter()
    for headers in (
        b"Content-Type: text/plain; format=flowed\n",
        b"Content-Type: text/html\n",
        b"From: mailer-daemon@contoh.id\n",
    ):
        parse_mail(b"From: a@contoh.id\n" + headers + b"\n" + text)
    parse_mail(
        b"X: y\nFrom: "
        + folded
        + b"\nSubject: "
        + folded
        + b"\nReferences: "
        + folded
        + b"\nContent-Type: "
        + folded
        + b"\n\nx"
    )

    assert time.perf_counter() - started < 4


def survives(raw: bytes) -> None:
    try:
        mail = parse_mail(raw)
    except MailError:
        return
    record = mail_to_json("x", mail)
    shown = repr(record)
    assert "\\x00" not in shown
    str(record).encode("utf-8")
    assert "\n" not in mail.subject
    assert mail.kind == "message" or not mail.reply_allowed or mail.kind == "encrypted"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(raw: bytes) -> None:
    survives(raw)
    survives(b"From: " + raw)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_mutated_mails_are_survived(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(SEEDS)))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        raw[start:end] = data.draw(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from(
                    [
                        b"\r\n\r\n",
                        b"--b1\r\n",
                        b"Content-Type: multipart/mixed; boundary=b1\r\n",
                        b"=?utf-8?b?",
                        b"\x00",
                        b"\xff\xfe",
                        b"",
                        b"<",
                        b"boundary=",
                        b"Content-Transfer-Encoding: base64\r\n",
                        b"charset=undefined",
                        b"Content-Type: message/rfc822\r\n",
                    ]
                ),
            )
        )
    survives(bytes(raw))


FIELDS = (
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Sender",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "Content-Disposition",
    "Content-Transfer-Encoding",
    "Authentication-Results",
    "Auto-Submitted",
    "Return-Path",
    "X-Loop",
    "Delivered-To",
    "X-Failed-Recipients",
    "Precedence",
    "List-Id",
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=60), min_size=1), st.text(max_size=200))
def test_any_header_values_are_survived(fields: dict[str, str], body: str) -> None:
    head = "\n".join(f"{name}: {value}" for name, value in fields.items())
    survives(f"{head}\n\n{body}".encode("utf-8", "replace"))


@linux
@pytest.mark.parametrize("kind", ["25 MB", "3,000 parts"])
def test_the_command_reads_it_in_a_process_below_200_mb(kind: str, tmp_path: Path) -> None:
    """`pst mail parse` as people run it; the figure is the kernel's for the finished child."""
    file = tmp_path / "mail.eml"
    file.write_bytes(
        nested(3000) if kind == "3,000 parts" else with_file(base64.encodebytes(os.urandom(18_500_000)), b"base64")
    )
    code = (
        "import resource, subprocess, sys; "
        "done = subprocess.run([sys.executable, '-m', 'bot', 'mail', 'parse', sys.argv[1]], capture_output=True); "
        "print(done.returncode, done.stdout.count(b'\\n'), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )

    status, lines, kilobytes = map(int, told.stdout.split())
    assert (status, lines) == (0, 1)
    assert kilobytes < 200_000
