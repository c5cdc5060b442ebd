"""Files that an officer adds to an answer: they travel as attachments of the mail, and nothing dangerous does."""

from __future__ import annotations

import pytest

from bot.channels.mime import parse_mail
from bot.web.inbox_uploads import LARGEST_TOGETHER, MOST_FILES
from tests.web.staging import BUDI, Answer, Staging, Visitor

PDF = b"%PDF-1.7 tabel"
QUESTION = "Mohon petugas menjawab: berapa jumlah pengrajin batik per RT tahun 2019?"
Upload = tuple[str, str, bytes]


async def start(staging: Staging) -> tuple[str, Visitor]:
    return await staging.consults_by_mail("Data batik", QUESTION), await staging.signed_in("3574", "Sari")


async def answer(visitor: Visitor, number: str, text: str, *files: Upload) -> Answer:
    page = await visitor.get(f"/inbox/{number}")
    fields = {"csrf": page.field("csrf"), "seen": page.field("seen"), "text": text}
    pieces = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}'.encode() for n, v in fields.items()]
    pieces += [
        f'Content-Disposition: form-data; name="berkas"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + body
        for name, kind, body in files
    ]
    content = b"".join(b"--kotak\r\n" + piece + b"\r\n" for piece in pieces) + b"--kotak--\r\n"
    return await visitor.send(
        f"/inbox/{number}/jawab", content, Content_Type="multipart/form-data; boundary=kotak"
    )  # fmt: skip


async def test_files_go_with_the_mail_and_stand_in_the_transcript(staging: Staging) -> None:
    number, sari = await start(staging)

    done = await answer(
        sari, number, "Tabelnya terlampir.", ("tabel 2019.pdf", "application/pdf", PDF), ("a.csv", "text/csv", b"x;1\n")
    )
    await staging.passes(seconds=1)

    assert done.location == f"/inbox/{number}?kabar=dijawab"
    mail = parse_mail(staging.received(BUDI)[-1].raw)
    assert "Tabelnya terlampir." in mail.full_text
    assert [(a.filename, a.content) for a in mail.attachments] == [("tabel 2019.pdf", PDF), ("a.csv", b"x;1\n")]
    page = await sari.get(f"/inbox/{number}")
    assert "tabel 2019.pdf" in page.text
    link = page.text.split('href="/inbox/lampiran/')[1].split('"')[0]
    file = await sari.get(f"/inbox/lampiran/{link}")
    assert (file.content, file.headers["content-type"]) == (PDF, "application/octet-stream")


async def test_a_name_cannot_climb_out_of_its_folder(staging: Staging) -> None:
    number, sari = await start(staging)

    await answer(sari, number, "Terlampir.", ("../../etc/tabel.pdf", "application/pdf", PDF))
    await staging.passes(seconds=1)

    assert [a.filename for a in parse_mail(staging.received(BUDI)[-1].raw).attachments] == ["tabel.pdf"]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("program.pdf", "application/pdf", b"MZ\x90")], "program.pdf tidak dapat dikirim"),
        ([("halaman.txt", "text/plain", b"<!doctype html><script>")], "tidak dapat dikirim"),
        ([("kosong.pdf", "application/pdf", b"")], "kosong"),
        ([(f"{n}.pdf", "application/pdf", PDF) for n in range(MOST_FILES + 1)], "Paling banyak 5"),
        ([("besar.pdf", "application/pdf", PDF + b"x" * LARGEST_TOGETHER)], "paling banyak 10 MB"),
    ],
)
async def test_what_must_not_leave_is_refused_and_the_text_kept(
    staging: Staging, files: list[Upload], words: str
) -> None:
    number, sari = await start(staging)
    sent = len(staging.received(BUDI))

    refused = await answer(sari, number, "Tabelnya terlampir.", *files)
    await staging.passes(seconds=1)

    assert refused.status == 409
    assert words in refused.text
    assert "Tabelnya terlampir." in refused.text
    assert len(staging.received(BUDI)) == sent


async def test_on_whatsapp_an_answer_is_words_alone(staging: Staging) -> None:
    number = await staging.consults(QUESTION)
    sari = await staging.signed_in("3574", "Sari")
    page = await sari.get(f"/inbox/{number}")
    assert 'type="file"' not in page.text
    assert "Lampiran hanya dapat dikirim lewat e-mail" in page.text

    refused = await answer(sari, number, "Terlampir.", ("tabel.pdf", "application/pdf", PDF))

    assert refused.status == 409
    assert (await staging.row(number))["state"] == "open"


async def test_nobody_uploads_without_a_session(staging: Staging) -> None:
    number, _ = await start(staging)
    content = b"--kotak\r\n" + b"x" * 300_000

    turned = await staging.visitor().send(
        f"/inbox/{number}/jawab", content, Content_Type="multipart/form-data; boundary=kotak"
    )

    assert turned.status == 413
