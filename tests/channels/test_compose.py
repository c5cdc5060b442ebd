"""Outgoing mails: the same bytes every time, readable by everybody's program, and no forged header."""

import email
import email.policy
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.compose import Mailbox, OutgoingFile, OutgoingMail, compose, html_view, plain_view
from bot.channels.mime import parse_mail

WIB = timezone(timedelta(hours=7))
MAIL = OutgoingMail(
    sender=Mailbox("pst3574@contoh.id", "PST BPS Kota Contoh"),
    to=Mailbox("rina@contoh.id", "Rina Melati"),
    subject="Data inflasi",
    text="Halo *Rina*,\n\nlihat https://contoh.id/a_b_c dan _penting_.\nBaris dua.",
    message_id="<t1.abc@contoh.id>",
    date=datetime(2026, 11, 20, 9, 0, tzinfo=WIB),
    number="3574-2026-000123",
)


def read(mail: OutgoingMail) -> EmailMessage:
    message = email.message_from_bytes(compose(mail), policy=email.policy.default)
    assert not message.defects
    return message


def part(mail: OutgoingMail, kind: str) -> str:
    body = read(mail).get_body((kind,))
    assert body is not None
    return cast(str, body.get_content()).replace("\r\n", "\n")


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert compose(MAIL) == compose(replace(MAIL))
    assert compose(MAIL) != compose(replace(MAIL, message_id="<t2.abc@contoh.id>"))


def test_lines_end_with_crlf_are_ascii_and_short_enough() -> None:
    raw = compose(
        replace(
            MAIL,
            text="é" * 5000,
            subject="subjek " * 40,
            references=tuple(f"<{'x' * 60}{n}@contoh.id>" for n in range(20)),
        )
    )

    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_headers_of_an_answer() -> None:
    mail = read(
        replace(
            MAIL,
            subject="RE: Re: Data inflasi [PST-3574-2026-000123]",
            reply_to=Mailbox("pst+tok@contoh.id"),
            in_reply_to="<q@x.id>",
            references=("<1@x.id>",),
        )
    )

    assert mail["Subject"] == "Re: Data inflasi [PST-3574-2026-000123]"
    assert (mail["Reply-To"], mail["In-Reply-To"], mail["References"]) == (
        "pst+tok@contoh.id",
        "<q@x.id>",
        "<1@x.id> <q@x.id>",
    )
    assert (mail["Date"], mail["Content-Language"]) == ("Fri, 20 Nov 2026 09:00:00 +0700", "id")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (None, None)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("automatic", ["auto-replied", "auto-generated"])
def test_only_automatic_mails_say_so(automatic: str) -> None:
    mail = read(replace(MAIL, automatic=automatic))  # type: ignore[arg-type]

    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (automatic, "All")


def test_our_own_automatic_mail_is_not_answered_by_ourselves() -> None:
    assert not parse_mail(compose(replace(MAIL, automatic="auto-replied"))).reply_allowed


def test_a_long_chain_keeps_both_ends() -> None:
    chain = tuple(f"<{n}@x.id>" for n in range(15))

    assert read(replace(MAIL, references=chain, in_reply_to="<q@x.id>"))["References"].split() == [
        *chain[:5],
        *chain[11:],
        "<q@x.id>",
    ]


@pytest.mark.parametrize(
    ("subject", "answered", "shown"),
    [
        ("Data", False, "Data [PST-3574-2026-000123]"),
        ("Data", True, "Re: Data [PST-3574-2026-000123]"),
        ("Bls: Data", True, "Re: Data [PST-3574-2026-000123]"),
        ("[PST-3574-2026-000123] Data [PST-3574-2026-000123]", True, "Re: Data [PST-3574-2026-000123]"),
        ("Données – é", True, "Re: Données – é [PST-3574-2026-000123]"),
        ("a\r\nBcc: korban@contoh.id", False, "a Bcc: korban@contoh.id [PST-3574-2026-000123]"),
        ("", True, "Re: [PST-3574-2026-000123]"),
        ("İstanbul: Re", True, "Re: İstanbul: Re [PST-3574-2026-000123]"),
    ],
)
def test_the_subject_keeps_the_words_and_carries_the_number_once(subject: str, answered: bool, shown: str) -> None:
    assert read(replace(MAIL, subject=subject, in_reply_to="<q@x.id>" if answered else None))["Subject"] == shown


def test_a_long_subject_is_cut_before_the_number() -> None:
    subject = str(read(replace(MAIL, subject="kata " * 100))["Subject"])

    assert len(subject) <= 200
    assert subject.endswith(" [PST-3574-2026-000123]")


def test_text_and_html_say_the_same_with_and_without_marks() -> None:
    mail = replace(MAIL, options_intro="Balas dengan kata:", options=("YA", "TIDAK"))

    assert part(mail, "plain") == (
        "Halo Rina,\n\nlihat https://contoh.id/a_b_c dan penting.\nBaris dua.\n\nBalas dengan kata:\n- YA\n- TIDAK\n"
    )
    assert (
        "<p>Halo <b>Rina</b>,</p>\n"
        '<p>lihat <a href="https://contoh.id/a_b_c">https://contoh.id/a_b_c</a> dan <i>penting</i>.<br>'
        in part(mail, "html")
    )
    assert "- <b>YA</b><br>" in part(mail, "html")


@pytest.mark.parametrize(
    ("text", "plain", "markup"),
    [
        ("2 * 3 * 4", "2 * 3 * 4\n", "2 * 3 * 4"),
        ("nama_berkas_ini", "nama_berkas_ini\n", "nama_berkas_ini"),
        ("*tebal*", "tebal\n", "<b>tebal</b>"),
        ("<b>x</b> & 'y'", "<b>x</b> & 'y'\n", "&lt;b&gt;x&lt;/b&gt; &amp; &#x27;y&#x27;"),
        (
            'https://contoh.id/?a=1&b="x',
            'https://contoh.id/?a=1&b="x\n',
            '<a href="https://contoh.id/?a=1&amp;b=">https://contoh.id/?a=1&amp;b=</a>&quot;x',
        ),
        ("(https://contoh.id).", "(https://contoh.id).\n", '(<a href="https://contoh.id">https://contoh.id</a>).'),
        ("javascript:alert(1)", "javascript:alert(1)\n", "javascript:alert(1)"),
    ],
)
def test_marks_and_links_are_drawn_and_everything_else_escaped(text: str, plain: str, markup: str) -> None:
    assert plain_view(text) == plain
    assert f"<p>{markup}</p>" in html_view(text, "id").replace('b="x', 'b="x')


def test_files_go_along_with_their_names() -> None:
    mail = read(
        replace(
            MAIL,
            attachments=(
                OutgoingFile("jadwal.ics", "text/calendar; charset=utf-8; method=PUBLISH", b"BEGIN:VCALENDAR"),
                OutgoingFile('données "é".pdf', "application/pdf", b"%PDF"),
                OutgoingFile("x", "a/b\r\nBcc: y", b""),
            ),
        )
    )

    assert [(f.get_filename(), f.get_content_type()) for f in mail.iter_attachments()] == [
        ("jadwal.ics", "text/calendar"),
        ("données _é_.pdf", "application/pdf"),
        ("x", "application/octet-stream"),
    ]
    assert [
        f.filename
        for f in parse_mail(
            compose(replace(MAIL, attachments=(OutgoingFile("données.pdf", "application/pdf", b"%PDF"),)))
        ).attachments
    ] == ["données.pdf"]


def test_a_name_of_any_kind_is_only_a_name() -> None:
    mail = read(replace(MAIL, to=Mailbox("rina@contoh.id", 'Rina "R" <x@y.id>\r\nBcc: z@contoh.id, – é')))

    assert mail["Bcc"] is None
    assert [str(a.addr_spec) for a in mail["To"].addresses] == ["rina@contoh.id"]


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "tanpa kurung"},
        {"message_id": "<a b@x>"},
        {"message_id": "<a@x>\r\nBcc: y"},
        {"in_reply_to": "<a@x>\nBcc: y"},
        {"to": Mailbox("rina@contoh.id\r\nBcc: x@contoh.id")},
        {"to": Mailbox("")},
        {"to": Mailbox("a b@contoh.id")},
        {"to": Mailbox("a@contoh.id>, <b@contoh.id")},
        {"date": datetime(2026, 11, 20)},
    ],
)
def test_what_would_make_no_mail_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"mail|message id"):
        compose(replace(MAIL, **change))  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(
    subject=st.text(max_size=80),
    text=st.text(max_size=200),
    name=st.text(max_size=40),
    option=st.text(max_size=20),
    file=st.text(max_size=30),
)
def test_no_text_can_add_a_header(subject: str, text: str, name: str, option: str, file: str) -> None:
    raw = compose(
        replace(
            MAIL,
            subject=subject,
            text=text,
            to=Mailbox("rina@contoh.id", name),
            options=(option,),
            in_reply_to="<q@x.id>",
            attachments=(OutgoingFile(file, "text/plain", b"x"),),
        )
    )
    message = email.message_from_bytes(raw)

    assert message.keys() == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ]
    assert len(list(message.walk())) == 5
    assert parse_mail(raw).reply_allowed
