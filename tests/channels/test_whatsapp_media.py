"""Attachments: fetched with credentials that go no further than they must, within limits, typed by their bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import twilio_media
from bot.channels.port import DeliveryError, File, Media, Verdict
from bot.channels.twilio_http import Wire
from bot.channels.whatsapp_media_types import LONGEST_NAME, default_name, file_name, names_a_file, sniff
from tests.channels.whatsapp_scene import ACCOUNT, Scene, scene
from tests.standins.twilio_model import Message

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50
PDF = b"%PDF-1.7 and more"
OFFICE = "application/vnd.openxmlformats-officedocument."


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg", "image/jpeg"),
        (PNG, "image/jpeg", "image/png"),
        (PDF, "image/jpeg", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "image/webp"),
        (b"OggS\x00", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"#!AMR\n", "audio/amr", "audio/amr"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "audio/mp4", "audio/mp4"),
        (b"\x00\x00\x00\x18ftyp3gp4", "image/png", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypM4A ", "video/mp4", "audio/mp4"),
        (zipped("[Content_Types].xml", "word/document.xml"), "application/zip", OFFICE + "wordprocessingml.document"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "x", OFFICE + "spreadsheetml.sheet"),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), "x", OFFICE + "presentationml.presentation"),
        (zipped("word/a.exe"), OFFICE + "wordprocessingml.document", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel", "application/vnd.ms-excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "image/png", "application/msword"),
        (b"BEGIN:VCARD\nFN:Rina", "text/x-vcard", "text/vcard"),
        (b"nama;umur\nRina;20", "text/csv", "text/csv"),
        (b"<html><script>alert(1)</script>", "text/plain", "application/octet-stream"),
        (b"<svg onload=x>", "image/png", "application/octet-stream"),
        (b"MZ\x90\x00", "application/pdf", "application/octet-stream"),
        (b"\x00\x01", "text/plain", "application/octet-stream"),
        (b"", "", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, declared: str, expected: str) -> None:
    assert sniff(content, declared) == expected


@pytest.mark.parametrize(
    ("wished", "kind", "expected"),
    [
        ("surat.pdf", "application/pdf", "surat.pdf"),
        ("../../etc/passwd", "application/pdf", "passwd.pdf"),
        ("C:\\Users\\rina\\foto.jpg", "image/jpeg", "foto.jpg"),
        ("surat.pdf.exe", "application/pdf", "surat.pdf.exe.pdf"),
        ("tabel\u202efdp.exe", "image/png", "tabel fdp.exe.png"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("a\nb\x00c.txt", "text/plain", "a b c.txt"),
        ("", "image/jpeg", "foto.jpg"),
        ("///", "audio/ogg", "suara.ogg"),
        ("data", "application/octet-stream", "data.bin"),
        ('<"x">|?*.png', "image/png", "x .png"),
    ],
)
def test_a_name_is_safe_and_fits_its_type(wished: str, kind: str, expected: str) -> None:
    assert file_name(wished, kind) == expected


@given(st.text(max_size=300), st.sampled_from(["image/png", "application/pdf", "text/plain", "", "x/y"]))
def test_no_name_whatever_is_a_path_or_hidden(wished: str, kind: str) -> None:
    name = file_name(wished, kind)
    assert 0 < len(name) <= LONGEST_NAME
    assert not set(name) & set('/\\<>:"|?*\x00\n\u202e')
    assert not name.startswith(".")


@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_bytes_whatever_break_the_sniffing(content: bytes, declared: str) -> None:
    assert sniff(content, declared)


def test_a_caption_that_is_only_the_documents_name() -> None:
    assert names_a_file("surat izin.PDF", "application/pdf")
    assert not names_a_file("lihat surat.pdf ya", "application/pdf")
    assert not names_a_file("surat.pdf", "image/jpeg")
    assert not names_a_file("", "x/y")
    assert default_name("text/x-vcard") == "kontak.vcf"


# --- fetching -----------------------------------------------------------------------------------------------------


async def arrived(s: Scene, content: bytes, declared: str = "image/jpeg", missing: int = 0) -> tuple[Media, Message]:
    """A file that a citizen has sent, as the webhook tells of it."""
    await s.rina.sends_file(content, declared, missing=missing)
    message = s.provider.messages[-1]
    url = f"https://api.twilio.com{message.path}/Media/{message.media[0].sid}"
    return Media(url, declared, "foto.jpg"), message


@pytest.mark.asyncio
async def test_a_file_is_fetched_and_typed() -> None:
    async with scene() as s:
        media, _ = await arrived(s, PNG)
        assert await s.channel().fetch(media) == File("foto.png", "image/png", PNG)


@pytest.mark.asyncio
async def test_the_store_behind_the_redirect_never_sees_the_credentials() -> None:
    """The played store answers 400 to who shows any."""
    async with scene() as s:
        media, message = await arrived(s, PDF)
        await s.channel().fetch(media)
        assert s.provider.requests[-1] == ("GET", f"/store/{message.media[0].sid}")


@pytest.mark.asyncio
async def test_a_file_that_comes_later_than_its_message_is_waited_for() -> None:
    async with scene() as s:
        media, _ = await arrived(s, PDF, missing=3)
        assert (await s.channel().fetch(media)).content == PDF
        assert s.clock.waits == [1.0, 2.0, 4.0]


@pytest.mark.asyncio
async def test_a_file_that_does_not_come_is_gone() -> None:
    async with scene() as s:
        media, _ = await arrived(s, PDF, missing=9)
        await refused(s, media, Verdict.REFUSED, "media_gone")


@pytest.mark.asyncio
async def test_a_file_that_is_too_large_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene() as s:
        monkeypatch.setattr(twilio_media, "LARGEST", 1000)
        media, _ = await arrived(s, PDF + b"0" * 2000)
        await refused(s, media, Verdict.REFUSED, "media_too_large")


@pytest.mark.asyncio
async def test_an_empty_file_is_none() -> None:
    async with scene() as s:
        media, _ = await arrived(s, b"")
        await refused(s, media, Verdict.REFUSED, "media_empty")


@pytest.mark.asyncio
async def test_wrong_credentials_are_our_own_fault() -> None:
    async with scene() as s:
        media, _ = await arrived(s, PDF)
        s.provider.default.tokens[:] = ["another"]
        await refused(s, media, Verdict.CONFIGURATION, "401")


@pytest.mark.parametrize(
    "url",
    ["https://example.com/a.jpg", "http://169.254.169.254/latest", "file:///etc/passwd", "", "nonsense",
     "https://api.twilio.com.example.com/x"],
)  # fmt: skip
@pytest.mark.asyncio
async def test_credentials_are_shown_to_the_provider_only(url: str) -> None:
    async with scene() as s:
        await refused(s, Media(url, "image/png"), Verdict.REFUSED, "media_address")
        assert not s.provider.requests


def test_without_an_override_only_twilios_own_hosts_are_the_provider() -> None:
    wire = Wire()
    assert wire.is_provider(f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1")
    assert wire.is_provider("https://mcs.us1.twilio.com/v1/Media")
    for url in ("http://api.twilio.com/x", "https://twilio.com.example/x", "https://eviltwilio.com/x"):
        assert not wire.is_provider(url)


async def refused(s: Scene, media: Media, verdict: Verdict, code: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        await s.channel().fetch(media)
    assert (caught.value.verdict, caught.value.code) == (verdict, code)
