"""Files that came along: names that can be stored, types that the content shows, and what staff should not open."""

import io
import zipfile

import pytest

from bot.channels.attachments import DOCX, XLSX, ZIP, Attachment, safe_filename, sniff
from bot.channels.mime import parse_mail


def archive(*names: str, size: int = 10, encrypted: bool = False) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), b"0" * size, zipfile.ZIP_DEFLATED)
    data = buffer.getvalue()
    return (
        data.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
        if encrypted
        else data
    )


def attached(content: bytes, name: str, content_type: str = "application/octet-stream", extra: str = "") -> Attachment:
    raw = (
        (
            f"From: a@contoh.id\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalo\r\n--b\r\n"
            f'Content-Type: {content_type}\r\nContent-Disposition: attachment; filename="{name}"\r\n{extra}'
            "Content-Transfer-Encoding: binary\r\n\r\n"
        ).encode()
        + content
        + b"\r\n--b--\r\n"
    )
    return parse_mail(raw).attachments[0]


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"%PDF-1.7 x", "surat.pdf", ""),
        (b"\xff\xd8\xff\xe0", "foto.jpg", ""),
        (b"\x89PNG\r\n\x1a\n", "peta.png", ""),
        (b"a,b\n1,2", "data.csv", ""),
        (b"catatan", "catatan.txt", ""),
        (archive("word/document.xml"), "surat.docx", ""),
        (archive("xl/workbook.xml"), "data.xlsx", ""),
        (archive("a.pdf"), "a.zip", ""),
        (b"MZ\x90\x00", "surat.pdf", "kind"),
        (b"MZ\x90\x00", "setup.exe", "kind"),
        (b"<html><script>", "surat.txt", "kind"),
        (b"<svg onload=x>", "logo.png", "kind"),
        (b"Rar!\x1a\x07\x00", "a.rar", "kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "lama.doc", "kind"),
        (b"L\x00\x00\x00\x01\x14\x02\x00", "a.lnk", "kind"),
        (b"alert(1)", "a.js", "disguised"),
        (b"%PDF-", "a.pdf.exe", "disguised"),
        (b"[InternetShortcut]", "a.url", "disguised"),
        (archive("word/document.xml", "word/vbaProject.bin"), "surat.docx", "macros"),
        (archive("word/x.xml"), "surat.docm", "disguised"),
        (archive("lagi.zip"), "a.zip", "archive_nested"),
        (archive("setup.exe"), "a.zip", "kind"),
        (archive("besar.txt", size=2_000_000), "bom.zip", "archive_too_large"),
        (archive("a.txt", encrypted=True), "a.zip", "encrypted"),
        (b"PK\x03\x04rusak", "a.zip", "kind"),
        (b"\x78\x9f\x3e\x22x", "winmail.dat", "unreadable_winmail"),
        (b"\x00\x01\x02", "a.pdf", "kind"),
    ],
)
def test_the_content_decides_whether_staff_may_open_a_file(content: bytes, name: str, refusal: str) -> None:
    file = attached(content, name)

    assert (file.refusal, file.allowed) == (refusal, not refusal)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (archive("word/document.xml"), DOCX),
        (archive("xl/workbook.xml"), XLSX),
        (archive("a.txt"), ZIP),
        (b"", "text/plain"),
        (b"GIF89a", "image/gif"),
        (b"  <!DOCTYPE html>", "text/html"),
    ],
)
def test_the_first_bytes_show_the_type(content: bytes, kind: str) -> None:
    assert sniff(content, "application/octet-stream") == kind


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("laporan akhir.pdf", "laporan akhir.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Data\\surat.pdf", "surat.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("", "lampiran-3.pdf"),
        ("..", "lampiran-3.pdf"),
        (".htaccess", "htaccess"),
        ("CON.txt", "_CON.txt"),
        ("=?utf-8?Q?data=2Epdf?=", "data.pdf"),
        ("a<b>|c.pdf", "a_b__c.pdf"),
        ("données.pdf", "données.pdf"),
    ],
)
def test_file_names_are_safe_to_store_and_to_show(declared: str, name: str) -> None:
    assert safe_filename(declared, "application/pdf", 3) == name


def test_a_very_long_file_name_keeps_its_ending() -> None:
    name = safe_filename("é" * 300 + ".pdf", "application/pdf", 1)

    assert len(name.encode()) <= 200
    assert name.endswith(".pdf")


def test_a_small_inline_picture_is_a_logo_and_a_large_one_a_file() -> None:
    raw = (
        b"From: a@contoh.id\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/html\r\n\r\n<p>Halo</p>\r\n"
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\n\r\n\x89PNG\r\n\x1a\n\r\n"
        b"--b\r\nContent-Type: image/png; name=foto.png\r\nContent-ID: <foto>\r\n\r\n\x89PNG\r\n\x1a\n"
        + b"x" * 30_000
        + b"\r\n--b--"
    )

    assert [(a.logo, a.filename) for a in parse_mail(raw).attachments] == [
        (True, "lampiran-1.png"),
        (False, "foto.png"),
    ]


def test_the_eleventh_file_is_kept_but_refused() -> None:
    part = "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename={}.csv\r\n\r\n1,2\r\n"
    raw = (
        "From: a@contoh.id\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + "".join(part.format(n) for n in range(12))
        + "--b--"
    )
    files = parse_mail(raw.encode()).attachments

    assert [file.refusal for file in files] == [""] * 10 + ["too_many"] * 2


def test_size_is_counted_after_decoding() -> None:
    raw = (
        b"From: a@contoh.id\r\nContent-Type: text/csv; name=a.csv\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nMSwyCg==\r\n"
    )

    assert [(a.size, a.content) for a in parse_mail(raw).attachments] == [(4, b"1,2\n")]
