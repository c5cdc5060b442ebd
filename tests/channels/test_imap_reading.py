"""What a server's lines say, in all the shapes that servers give them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.channels.imap_reading import (
    Folder,
    Headline,
    folders,
    headlines,
    junk_folder,
    moment,
    number,
    response_code,
    search_date,
    section,
    sent_folder,
    takes_keywords,
    uids,
    wire_name,
)

NINE = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HEAD = b'1 FETCH (UID 5 RFC822.SIZE 310 INTERNALDATE "20-Nov-2026 09:00:00 +0700" FLAGS (\\Seen $DiprosesBot))'


def test_a_headline_has_its_parts_in_any_order() -> None:
    other = b'2 FETCH (FLAGS () INTERNALDATE " 1-Nov-2026 09:00:00 +0000" RFC822.SIZE 7 UID 3)'
    found = headlines([HEAD, other])
    assert [h.uid for h in found] == [3, 5]
    assert found[1] == Headline(5, 310, NINE, frozenset({"\\seen", "$diprosesbot"}))


def test_news_of_other_mails_is_no_headline() -> None:
    assert [h.uid for h in headlines([b"9 FETCH (FLAGS (\\Seen))", HEAD, b"8 FETCH (UID 8 FLAGS ())"])] == [5]


MAIL = b"From: a\r\n\r\nhalo (\r\n* BYE\r\nx {3}"
SECTIONS: dict[str, list[Any]] = {
    "as a literal": [b"1 FETCH (UID 5 BODY[] {%d}" % len(MAIL), bytearray(MAIL), b")"],
    "with the uid behind": [b"1 FETCH (BODY[] {%d}" % len(MAIL), bytearray(MAIL), b" UID 5)"],
    "with flags between": [b"1 FETCH (UID 5 FLAGS (\\Seen) BODY[] {%d}" % len(MAIL), bytearray(MAIL), b")"],
    "with other mails around": [
        b"7 FETCH (FLAGS (\\Seen))", b"2 FETCH (UID 6 BODY[] {3}", bytearray(b"abc"), b")",
        b"1 FETCH (UID 5 BODY[] {%d}" % len(MAIL), bytearray(MAIL), b")", b"7 FETCH (UID 7 FLAGS ())",
    ],
    "as bytes": [b"1 FETCH (UID 5 BODY[] {%d}" % len(MAIL), MAIL, b")"],
}  # fmt: skip


@pytest.mark.parametrize("name", SECTIONS)
def test_a_mail_is_found(name: str) -> None:
    assert section(SECTIONS[name], 5, "") == MAIL


def test_a_literal_that_looks_like_an_answer_is_none() -> None:
    fake = b"9 FETCH (UID 9 BODY[] {3}"
    lines: list[Any] = [b"1 FETCH (UID 5 BODY[] {%d}" % len(fake), bytearray(fake), b")"]
    assert section(lines, 9, "") is None


@pytest.mark.parametrize(
    ("line", "content"),
    [
        (b'1 FETCH (UID 5 BODY[1]<0> "ab \\"c\\" \\\\")', b'ab "c" \\'),
        (b"1 FETCH (UID 5 BODY[1] NIL)", None),
        (b'1 FETCH (UID 5 BODY[1] "")', b""),
        (b"1 FETCH (UID 5 FLAGS ())", None),
        (b'1 FETCH (UID 6 BODY[1] "x")', None),
        (b'1 FETCH (UID 5 BODY[1.MIME] "x")', None),
    ],
)
def test_a_short_section_may_come_without_a_literal(line: bytes, content: bytes | None) -> None:
    assert section([line], 5, "1") == content


def test_uids_are_sorted_and_single() -> None:
    assert uids([b"5 3 5", b"", b"1 (MODSEQ 917)"]) == [1, 3, 5]


def test_figures_are_found_by_their_name() -> None:
    lines = [b"3 EXISTS", b"OK [UIDVALIDITY 1234] UIDs valid", b"OK [uidnext 9] next"]
    assert (number(lines, "UIDVALIDITY"), number(lines, "UIDNEXT"), number(lines, "UNSEEN")) == (1234, 9, None)


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        (b"OK [PERMANENTFLAGS (\\Seen \\*)] x", True),
        (b"OK [PERMANENTFLAGS (\\Seen $diprosesbot)] x", True),
        (b"OK [PERMANENTFLAGS (\\Seen)] x", False),
        (b"OK [PERMANENTFLAGS ()] x", False),
        (b"3 EXISTS", False),
    ],
)
def test_whether_a_keyword_may_be_set(line: bytes, allowed: bool) -> None:
    assert takes_keywords([b"FLAGS (\\*)", line], "$DiprosesBot") is allowed


LISTED = [
    b'(\\HasNoChildren) "/" INBOX', b'(\\HasNoChildren \\Sent) "/" "Surat \\"keluar\\""', b'(\\Noselect) "/" "[Gmail]"',
    b'(\\HasNoChildren \\Junk) "." {4}', b"Spam", b"(\\HasNoChildren) NIL Arsip", b"bukan daftar",
]  # fmt: skip


def test_folders_are_read_in_every_spelling() -> None:
    assert [f.name for f in folders(LISTED)] == ["INBOX", 'Surat "keluar"', "[Gmail]", "Spam", "Arsip"]


@pytest.mark.parametrize(
    ("known", "sent", "junk"),
    [
        ([("INBOX", ""), ("Keluar", "\\sent"), ("Sampah", "\\junk")], "Keluar", "Sampah"),
        ([("INBOX", ""), ("INBOX.Sent", ""), ("INBOX.spam", "")], "INBOX.Sent", "INBOX.spam"),
        ([("[Gmail]/Sent Mail", ""), ("[Gmail]/Spam", "")], "[Gmail]/Sent Mail", "[Gmail]/Spam"),
        ([("Terkirim", ""), ("Email Sampah", "")], "Terkirim", "Email Sampah"),
        ([("Sent", ""), ("Keluar", "\\sent")], "Keluar", None),
        ([("Sent", "\\noselect"), ("INBOX", "")], None, None),
    ],
)
def test_folders_are_known_by_their_role_or_their_name(
    known: list[tuple[str, str]], sent: str | None, junk: str | None
) -> None:
    found = [Folder(name, frozenset(attributes.split())) for name, attributes in known]
    names = [folder.name if folder else None for folder in (sent_folder(found), junk_folder(found))]
    assert names == [sent, junk]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"20-Nov-2026 09:00:00 +0700", NINE),
        (b"19-Nov-2026 21:30:00 -0430", NINE),
        (b" 1-jan-2026 00:00:00 +0000", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"31-Feb-2026 00:00:00 +0000", None),
        (b"20-Nop-2026 09:00:00 +0700", None),
        (b"20-Nov-2026 09:00:00 +9900", None),
        (b"", None),
    ],
)
def test_the_moment_of_arrival(text: bytes, expected: datetime | None) -> None:
    assert moment(text) == expected


def test_a_search_date_is_english_whatever_the_machine_speaks() -> None:
    assert [search_date(date(2026, month, 1)) for month in (5, 8, 10, 12)] == [
        "1-May-2026", "1-Aug-2026", "1-Oct-2026", "1-Dec-2026",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wire"), [("INBOX", "INBOX"), ("A & B", "A &- B"), ("Télé", "T&AOk-l&AOk-"), ("日本語", "&ZeVnLIqe-")]
)
def test_other_letters_in_a_folders_name(name: str, wire: str) -> None:
    assert wire_name(name) == wire


def test_only_the_code_of_an_answer_is_shown() -> None:
    assert response_code([b"[AUTHENTICATIONFAILED] rina@contoh.id ditolak"]) == "AUTHENTICATIONFAILED"
    assert response_code([b"[ALERT some words] x"]) == "ALERT"
    assert response_code([b"ditolak"]) == ""
    assert response_code([]) == ""
