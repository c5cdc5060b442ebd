"""Reading mails as they really come: character sets, HTML, hostile headers, files, limits."""

import base64
from datetime import UTC, datetime

import pytest

from bot.channels.headers import decode_words, parse_addresses, parse_date, parse_ids, parse_parameters
from bot.channels.mime import Mail, MailError, parse_mail

HEAD = "From: Rina <rina@contoh.id>\r\nTo: pst@contoh.id\r\nSubject: Data\r\nMIME-Version: 1.0\r\n"


def mail(headers: str = "", body: str | bytes = b"", head: str = HEAD) -> Mail:
    content = body.encode() if isinstance(body, str) else body
    return parse_mail((head + headers + "\r\n\r\n").replace("\r\n\r\n\r\n", "\r\n\r\n").encode() + content)


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=utf-8", "Harga cabai – naik".encode(), "Harga cabai – naik"),
        ("text/plain; charset=iso-8859-1", "Données".encode("latin-1"), "Données"),
        ("text/plain; charset=iso-8859-1", "Données".encode(), "Données"),
        ("text/plain; charset=us-ascii", "Données".encode(), "Données"),
        ("text/plain", "Données".encode(), "Données"),
        ("text/plain", "Données".encode("cp1252"), "Données"),
        ("text/plain; charset=windows-1252", "“kutip”".encode("cp1252"), "“kutip”"),
        ("text/plain; charset=x-tidak-ada", "Données".encode(), "Données"),
        ("text/plain; charset=unknown-8bit", "Données".encode("cp1252"), "Données"),
        ("text/plain; charset=utf8mb4", "Données".encode(), "Données"),
        ('text/plain; charset=""', b"halo", "halo"),
        ("text/plain; charset=punycode", b"halo", "halo"),
        ("text/plain; charset=gb2312", "数据".encode("gb18030"), "数据"),
        ("text/plain; charset=iso-2022-jp", "統計".encode("iso2022_jp"), "統計"),
        ("text/plain", "統計".encode("iso2022_jp"), "統計"),
        ("text/plain; charset=koi8-r", "Данные".encode("koi8-r"), "Данные"),
        ("text/plain; charset=utf-16", "halo".encode("utf-16"), "halo"),
        ("text/plain", b"a\x00b\xe2\x80\x8bc\xe2\x80\xaed\xc2\xa0e", "abcd e"),
        ("text/plain", b"\xef\xbb\xbfhalo", "halo"),
        ("teks", b"halo", "halo"),
        ("", b"halo", "halo"),
    ],
)
def test_text_is_readable_whatever_is_declared(content_type: str, body: bytes, text: str) -> None:
    assert mail(f"Content-Type: {content_type}" if content_type else "X-A: b", body).text == text


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("quoted-printable", b"Harga ca=\r\nbai naik 5=25 =E2=80=93 ya", "Harga cabai naik 5% – ya"),
        ("quoted-printable", b"rusak =ZZ tetap=", "rusak =ZZ tetap"),
        ("base64", base64.b64encode("Halo – ya".encode()), "Halo – ya"),
        ("base64", b"SGFsbyB\r\nkdW5p$$YQ", "Halo dunia"),
        ("BASE64 ", b"SGFsbw==", "Halo"),
        ("8bit", "Halo –".encode(), "Halo –"),
        ("aneh", b"Halo", "Halo"),
        ("x-uuencode", b"begin 644 a\n$2&%L;P  \n`\nend\n", "Halo"),
    ],
)
def test_transfer_encodings_are_undone_also_broken_ones(encoding: str, body: bytes, text: str) -> None:
    assert mail(f"Content-Transfer-Encoding: {encoding}", body).text == text


def test_flowed_paragraphs_are_one_line_again() -> None:
    body = b"Kalimat yang \r\npanjang sekali.\r\n\r\n baris\r\n> kutipan yang \r\n> dipatahkan\r\n-- \r\nRina"

    assert mail("Content-Type: text/plain; format=flowed", body).full_text == (
        "Kalimat yang panjang sekali.\n\nbaris\n> kutipan yang dipatahkan\n-- \nRina"
    )


def test_flowed_text_with_delsp_loses_the_break_space() -> None:
    assert mail("Content-Type: text/plain; format=flowed; delsp=yes", "統 \r\n計".encode()).text == "統計"


PLAIN = "--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n"
HTML = "--b\r\nContent-Type: text/html\r\n\r\n{}\r\n"
ALTERNATIVE = "Content-Type: multipart/alternative; boundary=b"


@pytest.mark.parametrize(
    ("plain", "markup", "text", "html_only"),
    [
        ("Halo polos", "<p>Halo HTML</p>", "Halo polos", False),
        ("", "<p>Halo HTML</p>", "Halo HTML", True),
        ("Your client does not support HTML messages.", "<p>Halo HTML</p>", "Halo HTML", True),
        ("Program surel Anda tidak mendukung HTML", "<p>Halo HTML</p>", "Halo HTML", True),
    ],
)
def test_plain_text_is_preferred_unless_it_says_nothing(plain: str, markup: str, text: str, html_only: bool) -> None:
    read = mail(ALTERNATIVE, PLAIN.format(plain) + HTML.format(markup) + "--b--")

    assert (read.text, read.html_only) == (text, html_only)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Halo<br>dunia</p><p>lagi</p>", "Halo\ndunia\n\nlagi"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<ul><li>satu</li><li>dua</li></ul>", "- satu\n- dua"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a  b\nc"),
        ("<script>x()</script><style>y</style><head><title>z</title></head>Halo", "Halo"),
        ("Halo<div style='display:none'>rahasia</div><span hidden>x</span>", "Halo"),
        ("a &amp; b&nbsp;c &lt;d&gt;", "a & b c <d>"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<a href='https://contoh.id/x'>tabel ini</a>", "tabel ini <https://contoh.id/x>"),
        ("<a href='https://contoh.id/'>contoh.id</a>", "contoh.id"),
        ("Halo<img src='http://lacak.contoh.id/p.gif'>", "Halo"),
        ("<p>tak ditutup <b>tebal<p>lagi", "tak ditutup tebal\n\nlagi"),
        ("<?xml version='1.0' encoding='utf-16'?><html><body>Halo</body></html>", "Halo"),
        ("<!-- rahasia -->Halo<!--[if mso]>x<![endif]-->", "Halo"),
    ],
)
def test_html_becomes_text(markup: str, text: str) -> None:
    assert mail("Content-Type: text/html; charset=utf-8", markup).full_text == text


GMAIL = (
    '<div dir="ltr">Jawaban baru</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "Pada Sen, 5 Okt 2026 "
    'pukul 11.20 PST &lt;<a href="mailto:pst@contoh.id">pst@contoh.id</a>&gt; menulis:<br></div>'
    '<blockquote class="gmail_quote" style="margin:0;border-left:1px solid">lama</blockquote></div>'
)


@pytest.mark.parametrize(
    "markup",
    [
        GMAIL,
        '<div>Jawaban baru</div><div id="appendonsend"></div><hr>'
        '<div id="divRplyFwdMsg"><b>Dari:</b> PST<br><b>Dikirim:</b> Senin'
        "</div><div>lama</div>",
        '<p>Jawaban baru</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt">'
        "<p><b>From:</b> PST<br><b>Sent:</b> x"
        "</p></div><p>lama</p>",
        '<div>Jawaban baru</div><div class="yahoo_quoted"><div>Pada Senin, PST menulis:</div><div>lama</div></div>',
        '<p>Jawaban baru</p><div class="moz-cite-prefix">Pada 05/10/2026 11.20, PST menulis:<br></div>'
        '<blockquote type="cite">lama</blockquote>',
        '<div>Jawaban baru</div><br><blockquote type="cite"><div>On 5 Oct 2026, at 11:20, '
        "PST &lt;pst@contoh.id&gt; wrote:</div>"
        "lama</blockquote>",
        '<div>Jawaban baru</div><div class="protonmail_quote">On Monday, 5 October 2026 at 11:20, '
        "PST &lt;pst@contoh.id&gt; wrote:<br>"
        '<blockquote class="protonmail_quote" type="cite">lama</blockquote></div>',
    ],
    ids=["gmail", "outlook_web", "outlook_desktop", "yahoo", "thunderbird", "apple", "proton"],
)
def test_an_older_mail_in_html_is_cut_off_but_kept_in_the_full_text(markup: str) -> None:
    read = mail("Content-Type: text/html; charset=utf-8", markup)

    assert (read.text, read.quoted, read.html_only) == ("Jawaban baru", True, True)
    assert "lama" in read.full_text


def test_answers_between_html_quotes_keep_what_they_answer() -> None:
    read = mail(
        "Content-Type: text/html",
        GMAIL.replace("Jawaban baru", "").replace(
            "</blockquote>",
            "</blockquote><div>ya</div><blockquote class='gmail_quote'>tahun?</blockquote><div>2025</div>",
        ),
    )

    assert read.text == "> lama\n\nya\n\n> tahun?\n\n2025"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("=?utf-8?Q?Data_kemiskinan_=E2=80=93_2025?=", "Data kemiskinan – 2025"),
        ("=?utf-8?B?RGF0YQ==?= =?utf-8?B?IGJhcnU=?=", "Data baru"),
        ("=?utf-8?B?4oA=?= =?utf-8?B?kw==?=", "–"),
        ("=?utf-8?q?halo=0D=0ABcc:_korban@contoh.id?=", "halo Bcc: korban@contoh.id"),
        ("=?x-aneh?q?halo?=", "halo"),
        ("=?utf-8?B?rusak", "=?utf-8?B?rusak"),
        ("=?utf-8?B?%%%?= x", "x"),
        ("a\r\n b\r\n\tc", "a b c"),
        ("x" * 500, "x" * 200),
        ("a\u202eb\u0000c", "abc"),
    ],
)
def test_subjects_are_decoded_cleaned_and_bounded(subject: str, text: str) -> None:
    assert mail(head=f"From: a@contoh.id\r\nSubject: {subject}\r\n").subject == text


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Rina <rina@contoh.id>", [("Rina", "rina@contoh.id")]),
        (
            '"Melati, Rina" <rina@contoh.id>, budi@contoh.id',
            [("Melati, Rina", "rina@contoh.id"), ("", "budi@contoh.id")],
        ),
        ("=?utf-8?Q?Melati=2C_Rina?= <rina@contoh.id>", [("Melati, Rina", "rina@contoh.id")]),
        ("rina@contoh.id (Rina Melati)", [("Rina Melati", "rina@contoh.id")]),
        ("grup: a@contoh.id, b@contoh.id;", [("", "a@contoh.id"), ("", "b@contoh.id")]),
        ("undisclosed-recipients:;", []),
        ("<>", []),
        ("", []),
        ("(" * 5000, []),
        ('"tak ditutup <rina@contoh.id>', [("tak ditutup", "rina@contoh.id")]),
        ("Rina <rina@contoh.id", [("Rina", "rina@contoh.id")]),
        ('"palsu@bank.contoh.id" <rina@contoh.id>', [("palsu@bank.contoh.id", "rina@contoh.id")]),
        ("'Rina' <rina@contoh.id>", [("Rina", "rina@contoh.id")]),
    ],
)
def test_addresses_are_read(field: str, found: list[tuple[str, str]]) -> None:
    assert [(a.name, a.address) for a in parse_addresses(field)] == found


@pytest.mark.parametrize(
    ("field", "ids"),
    [
        ("<a@x>", ("<a@x>",)),
        ("<a@x> <b@x>\t<a@x>", ("<a@x>", "<b@x>")),
        ("<[aneh]@x>", ("<[aneh]@x>",)),
        ("a@x", ("<a@x>",)),
        ("tanpa id", ()),
        ("<<a@x>>", ("<a@x>",)),
    ],
)
def test_message_ids_are_read(field: str, ids: tuple[str, ...]) -> None:
    assert parse_ids(field) == ids


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("Mon, 5 Oct 2026 11:20:00 +0700", datetime(2026, 10, 5, 4, 20, tzinfo=UTC)),
        ("Mon, 5 Oct 2026 11:20:00 -0000", datetime(2026, 10, 5, 11, 20, tzinfo=UTC)),
        ("5 Oct 26 11:20 +0700 (WIB)", datetime(2026, 10, 5, 4, 20, tzinfo=UTC)),
        ("not a date", None),
        ("", None),
        ("Mon, 99 Foo 99999 99:99:99 +9999", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
    ],
)
def test_dates_are_read_or_absent(field: str, moment: datetime | None) -> None:
    assert parse_date(field) == moment


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename=a.pdf; size=3", "a.pdf"),
        ("attachment; filename*=utf-8''donn%C3%A9es.pdf", "données.pdf"),
        ('attachment; filename*0="laporan "; filename*1="akhir.pdf"', "laporan akhir.pdf"),
        ("attachment; filename*0*=utf-8''a%20; filename*1*=b.pdf", "a b.pdf"),
        ("attachment; filename*=x-aneh''a.pdf", "a.pdf"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
    ],
)
def test_file_names_are_read_in_every_notation(field: str, name: str) -> None:
    assert parse_parameters(field)[1]["filename"] == name


def test_words_of_other_programs_are_decoded_in_file_names_too() -> None:
    assert decode_words("=?utf-8?Q?a=2Epdf?=") == "a.pdf"


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\x89PNG\r\n\x1a\n\x00\x00", b"hanya teks tanpa kepala surat\n"])
def test_what_is_no_mail_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(MailError):
        parse_mail(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@contoh.id",
        b"From:",
        b"X:\n",
        b"From a@contoh.id Mon Oct 5\nFrom: a@contoh.id\n\nhalo",
        b"From: a@contoh.id\nContent-Type: multipart/mixed; boundary=b\n\n--b",
        b"From: a@contoh.id\nContent-Type: multipart/mixed\n\nx",
        b"From: a@contoh.id\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhalo",
        b"From: a@contoh.id\ntanpa titik dua\n\nhalo",
        b"\n\nFrom: a@contoh.id\n\nhalo",
        b"From: a@contoh.id\r\rhalo",
        b"From: a@contoh.id\nContent-Type: message/rfc822\n\n",
        b"From: a@contoh.id\nContent-Type: ;;;===\nContent-Transfer-Encoding: =?\n\n\xff\xfe\x00",
        b"Received\xff: x\nFrom: a@b\n\n",
        b"From: =?utf-8?b?////?= <@>\nTo: ,,,;;<>\nDate: \x00\nReferences: <\nMessage-ID: <[]@\n\n",
    ],
)
def test_broken_mails_are_read_as_far_as_they_go(raw: bytes) -> None:
    assert parse_mail(raw).kind


def test_a_header_without_empty_line_below_ends_where_the_text_begins() -> None:
    assert mail(head="From: a@contoh.id\nSubject: x\nIni teksnya.\nLagi.\n").full_text.startswith("Ini teksnya.")


def test_threading_values_are_given_as_they_stand() -> None:
    read = mail(
        head="From: a@contoh.id\r\nMessage-ID: <m@x>\r\nIn-Reply-To: <r@x>\r\nReferences: <1@x>\r\n\t<r@x>\r\n"
        "Subject: Re: Fwd: [PST-3574-2026-000123] Data\r\nTo: pst+t0k3n@contoh.id\r\nReply-To: b@contoh.id\r\n"
    )

    assert (read.message_id, read.in_reply_to, read.references) == ("<m@x>", "<r@x>", ("<1@x>", "<r@x>"))
    assert (read.consultation, read.thread_subject, read.reply_tokens) == ("3574-2026-000123", "data", ("t0k3n",))
    assert read.answer_to.address == "b@contoh.id"


def test_a_mail_forwarded_as_a_file_is_listed_and_its_text_read_one_level_deep() -> None:
    read = mail(
        "Content-Type: multipart/mixed; boundary=b",
        PLAIN.format("Mohon dilihat.") + "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Budi <budi@contoh.id>\r\n"
        "Subject: Asli\r\n\r\nisi asli\r\n--b--",
    )

    assert (read.text, [a.filename for a in read.attachments]) == ("Mohon dilihat.", ["Asli.eml"])
    assert [(e.sender.name, e.subject, e.text) for e in read.enclosed] == [("Budi", "Asli", "isi asli")]


@pytest.mark.parametrize(
    ("subject", "body", "forwarded"),
    [
        ("Fwd: Data", "x", True),
        ("Trs: Data", "x", True),
        ("TR: Data", "x", True),
        ("WG: Data", "x", True),
        ("Re: Fwd: Data", "x", False),
        ("Data", "x", False),
        ("Data", "---------- Forwarded message ---------\nDari: x", True),
    ],
)
def test_a_forward_is_marked(subject: str, body: str, forwarded: bool) -> None:
    assert mail(head=f"From: a@contoh.id\r\nSubject: {subject}\r\n", body=body).forwarded is forwarded
