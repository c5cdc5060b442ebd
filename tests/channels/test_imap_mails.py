"""Which mails are the same mail, when one counts as received, and what is left of one that is too large."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.imap_mails import LONGEST_FOLDER, Place, arrival, beginning

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLACE = Place("INBOX", 7, 5)
RAW = b"From: Rina <rina@contoh.id>\r\nMessage-ID: <1@contoh.id>\r\nSubject: x\r\n\r\nhalo  dunia\r\n\r\n"


def digest(raw: bytes) -> str:
    return arrival(raw, PLACE, "3574", internal_date=None, now=NOW).digest


@pytest.mark.parametrize(
    "same",
    [
        RAW.replace(b"\r\n", b"\n"),
        RAW.replace(b"halo  dunia", b"halo dunia "),
        RAW + b"\r\n\r\n",
        b"Received: x\r\n" + RAW,
        RAW.replace(b"Subject: x", b"Subject: [SPAM?] x"),
        RAW.replace(b"rina@contoh", b"RINA@Contoh"),
        RAW.replace(b"Message-ID: <1", b"message-id:\r\n <1"),
    ],
)
def test_what_servers_do_on_the_way_makes_no_other_mail(same: bytes) -> None:
    assert digest(same) == digest(RAW)


@pytest.mark.parametrize(
    "other",
    [
        RAW.replace(b"<1@", b"<2@"),
        RAW.replace(b"rina@", b"budi@"),
        RAW.replace(b"dunia", b"dunia!"),
        RAW.replace(b"halo  dunia", b"halodunia"),
        RAW.replace(b"halo  ", b"halo\r\n"),
    ],
)
def test_another_id_writer_or_word_makes_another_mail(other: bytes) -> None:
    assert digest(other) != digest(RAW)


@given(st.binary(max_size=400))
def test_any_bytes_can_be_taken_in(raw: bytes) -> None:
    mail = arrival(raw, PLACE, "3574", internal_date=None, now=NOW)
    assert len(mail.digest) == 64
    assert mail.received.raw == raw
    assert mail.received.address
    text = f"{mail.received.address}{mail.received.fields}"
    assert "\0" not in text
    text.encode()


PIECES = [b"From: ", b"rina@contoh.id", b"\0", b"\xff", b"\r\n", b"<", b"Message-ID: <", b"=?x?b?AA==?="]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_head_can_be_stored(pieces: list[bytes]) -> None:
    mail = arrival(b"".join(pieces), PLACE, "3574", internal_date=None, now=NOW)
    text = f"{mail.received.address}{mail.received.fields}"
    assert "\0" not in text
    text.encode()


@pytest.mark.parametrize(
    ("internal", "received"),
    [
        (NOW - timedelta(hours=3), NOW - timedelta(hours=3)),
        (NOW - timedelta(days=29), NOW - timedelta(days=29)),
        (NOW - timedelta(days=31), NOW),
        (NOW + timedelta(hours=1), NOW),
        (None, NOW),
    ],
)
def test_the_clock_starts_when_the_server_had_the_mail(internal: datetime | None, received: datetime) -> None:
    mail = arrival(RAW, PLACE, "3574", internal_date=internal, now=NOW)
    assert (mail.received.received_at, mail.received.ready_at) == (received, NOW)


def test_a_key_fits_its_column() -> None:
    key = Place("x" * 300, 2**32 - 1, 2**32 - 1).key
    assert len(key) <= LONGEST_FOLDER + 22 <= 200
    assert key.endswith("/4294967295/4294967295")


HEAD = (
    b'From: r@contoh.id\r\nContent-Type: multipart/mixed;\r\n boundary="m"\r\nSubject: x\r\n'
    b"Content-Transfer-Encoding: 7bit\r\nMIME-Version: 1.0\r\n\r\n"
)


def test_the_beginning_of_a_large_mail_is_a_mail() -> None:
    part = b"Content-Type: text/plain;\r\n charset=utf-8\r\nContent-ID: <1>\r\n\r\n"
    assert beginning(HEAD, part, b"halo") == (
        b"From: r@contoh.id\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain;\r\n charset=utf-8\r\nContent-ID: <1>\r\n\r\nhalo"
    )


def test_a_large_mail_that_begins_with_a_file_keeps_its_head() -> None:
    made = beginning(HEAD, b"Content-Type: application/zip\r\n\r\n", b"PK\x03\x04")
    assert made.endswith(b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n")


def test_a_large_mail_without_parts_keeps_its_own_description() -> None:
    head = HEAD.replace(b"multipart/mixed", b"text/html")
    made = beginning(head, head, b"<p>")
    assert b"Content-Type: text/html" in made
    assert made.count(b"Content-Transfer-Encoding") == 1
