"""The phone and the mailbox: what is written there takes the real walk, and what comes back is shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.mime import parse_mail
from bot.channels.simulator import READ
from bot.core import events as ev
from bot.core.model import Channel
from bot.store import desk
from tests.web.staging import Staging, Visitor

HERE = {"office": "3574", "owner": "rina"}


async def tell(visitor: Visitor, path: str, **said: Any) -> int:
    body = json.dumps(said).encode()
    return (await visitor.send(f"/simulator/{path}", body, Content_Type="application/json")).status


async def reply(visitor: Visitor, answered: str, text: str, owner: str = "rina") -> None:
    assert await tell(visitor, "surat", owner=owner, reply_to=answered, subject="Re: tadi", text=text) == 200


async def chat(visitor: Visitor, office: str = "3574", owner: str = "rina") -> list[dict[str, Any]]:
    answer = await visitor.get(f"/simulator/ponsel?office={office}&owner={owner}")
    return list(json.loads(answer.text)["messages"])


async def mails(visitor: Visitor, owner: str = "rina") -> dict[str, list[dict[str, Any]]]:
    return dict(json.loads((await visitor.get(f"/simulator/surat?owner={owner}")).text))


async def test_the_page_stands_alone(staging: Staging) -> None:
    page = await staging.visitor().get("/simulator/")
    assert page.status == 200
    assert "http://" not in page.text
    assert "https://" not in page.text


async def test_a_message_goes_out_with_ticks_and_its_answer_comes_back_with_buttons(staging: Staging) -> None:
    visitor = staging.visitor()
    assert await tell(visitor, "ponsel", **HERE, text="jam buka hari jumat? <b>") == 200
    assert [(m["mine"], m["ticks"], m["html"]) for m in await chat(visitor)] == [
        (True, "sent", "jam buka hari jumat? &lt;b&gt;")
    ]
    await staging.passes(seconds=3)
    own, answer = await chat(visitor)
    assert own["ticks"] == "read"
    assert not answer["mine"]
    assert answer["buttons"]
    assert "<strong>" in answer["html"]


async def test_a_tapped_button_is_sent_with_its_key(staging: Staging) -> None:
    visitor = staging.visitor()
    await tell(visitor, "ponsel", **HERE, text="jam buka hari jumat?")
    await staging.passes(seconds=3)
    key, title = (await chat(visitor))[-1]["buttons"][0]
    await tell(visitor, "ponsel", **HERE, text=title, button=key)
    await staging.passes(seconds=3)
    said = await chat(visitor)
    assert said[1]["tapped"] == title
    assert said[-2]["html"] == title
    assert not said[-1]["mine"]


async def test_what_the_phone_shows_is_reported_as_read(staging: Staging) -> None:
    visitor = staging.visitor()
    await tell(visitor, "ponsel", **HERE, text="jam buka?")
    await staging.passes(seconds=3)
    assert await tell(visitor, "ponsel/dibaca", **HERE) == 200
    assert [d.rank for d in staging.received()] == [READ]
    assert await tell(visitor, "ponsel/dibaca", **HERE) == 200
    assert len(staging.world.network.take_reports()) == 1


async def test_each_chat_is_its_own(staging: Staging) -> None:
    visitor = staging.visitor()
    await tell(visitor, "ponsel", **HERE, text="jam buka?")
    await staging.passes(seconds=3)
    assert await chat(visitor, office="3514") == []
    assert await chat(visitor, owner="bayu") == []


async def test_a_file_is_sent_by_name_and_size(staging: Staging) -> None:
    visitor = staging.visitor()
    file = {"name": "../tabel harga.pdf", "type": "application/pdf", "size": 48_200}
    await tell(visitor, "ponsel", **HERE, files=[file, "kosong", {"name": "x"}])
    await staging.passes(seconds=3)
    own = (await chat(visitor))[0]
    assert own["files"] == [["tabel harga.pdf", "48 KB"]]
    assert own["html"] == ""


async def test_after_the_window_a_template_knocks_with_its_own_words(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru?")
    await staging.until("2026-11-23T10:00:00+07:00")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Rp40.000 per kilogram."))
    visitor = staging.visitor()
    knock = (await chat(visitor))[-1]
    assert "Rp40.000" not in knock["html"]
    assert number in knock["html"]
    assert knock["buttons"][0][0] == "release"
    await tell(visitor, "ponsel", **HERE, text="Lihat jawaban", button="release")
    await staging.passes(seconds=3)
    assert "Rp40.000" in (await chat(visitor))[-1]["html"]


async def test_nothing_new_is_not_sent_again(staging: Staging) -> None:
    visitor = staging.visitor()
    await tell(visitor, "ponsel", **HERE, text="jam buka?")
    first = json.loads((await visitor.get("/simulator/ponsel?office=3574&owner=rina")).text)
    again = json.loads((await visitor.get(f"/simulator/ponsel?office=3574&owner=rina&had={first['has']}")).text)
    assert "messages" not in again
    assert again["clock"] == "Jum 20 Nov 2026 10.00 WIB"
    assert again["state"] == "Kantor buka sampai 16.00"


async def test_a_whole_consultation_by_mail(staging: Staging) -> None:
    visitor = staging.visitor()
    text = "Selamat pagi, saya ingin bertanya kepada petugas tentang metode penghitungan garis kemiskinan."
    await tell(visitor, "surat", owner="rina", office="3574", subject="Garis kemiskinan", text=text)
    await staging.passes(seconds=3)
    box = await mails(visitor)
    assert [m["subject"] for m in box["sent"]] == ["Garis kemiskinan"]
    first = box["received"][0]
    assert first["unread"]
    if await staging.number("3574", "rina.wulandari@contoh.id") is None:
        await reply(visitor, first["id"], "tanya petugas")
        await staging.passes(seconds=3)
    number = await staging.number("3574", "rina.wulandari@contoh.id")
    assert number is not None
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Garis kemiskinan dihitung dari Susenas."))
    answer = (await mails(visitor))["received"][0]
    assert "dihitung dari Susenas" in answer["html"]
    await tell(visitor, "surat/dibaca", owner="rina", id=answer["id"])
    assert not (await mails(visitor))["received"][0]["unread"]
    await reply(visitor, answer["id"], "Sudah sesuai")
    await staging.passes(seconds=3)
    assert (await staging.row(number))["state"] == "closed"
    sent = (await mails(visitor))["sent"][0]
    assert sent["html"].startswith("Sudah sesuai")
    assert "Susenas" not in sent["html"]  # the quoted mail is cut off


async def test_a_reply_carries_the_thread(staging: Staging) -> None:
    visitor = staging.visitor()
    await tell(visitor, "surat", owner="rina", office="3574", subject="Jam", text="jam buka kantor hari jumat?")
    await staging.passes(seconds=3)
    answered = staging.received("rina.wulandari@contoh.id")[-1]
    await reply(visitor, answered.token, "kalau hari senin jam berapa?")
    async with staging.world.service.database.read() as tx:
        mail = parse_mail(await desk.raw_mail(tx, "3574", 2) or b"")
    assert mail.in_reply_to == answered.provider_id
    assert mail.references[-1] == answered.provider_id
    assert mail.text == "kalau hari senin jam berapa?"


async def test_an_officer_answers_a_notification_by_mail(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru?")
    page = await staging.visitor().get("/simulator/")
    owner = page.text.partition('value="petugas-')[2].partition('"')[0]
    visitor = staging.visitor()
    offices = {key: await mails(visitor, f"petugas-{key}") for key in (owner, str(int(owner) + 1))}
    key, box = next((key, box) for key, box in offices.items() if box["received"])
    notice = next(m for m in box["received"] if number in m["subject"])
    await reply(visitor, notice["id"], "Rp40.000 per kilogram.", owner=f"petugas-{key}")
    await staging.passes(seconds=3)
    assert (await staging.row(number))["state"] == "answered"
    assert "Rp40.000" in staging.received()[-1].body


async def test_dropped_messages_never_arrive(staging: Staging) -> None:
    visitor = staging.visitor()
    staging.world.network.next_send(Channel.WHATSAPP, "accept-then-drop")
    await tell(visitor, "ponsel", **HERE, text="jam buka?")
    await staging.passes(seconds=3)
    assert [m["mine"] for m in await chat(visitor)] == [True]


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("ponsel", {"office": "9999", "owner": "rina", "text": "x"}, 400),
        ("ponsel", {"office": "3574", "owner": "siapa", "text": "x"}, 400),
        ("ponsel", {**HERE, "text": "  "}, 400),
        ("surat", {"owner": "rina", "office": "3574", "text": ""}, 400),
        ("surat", {"owner": "petugas-999", "office": "3574", "text": "x"}, 400),
        ("surat", {**HERE, "text": "x", "files": [{"name": "a", "size": 1, "type": "a/b c"}]}, 200),
    ],
)  # fmt: skip
async def test_only_known_people_and_offices(staging: Staging, path: str, said: dict[str, Any], status: int) -> None:
    assert await tell(staging.visitor(), path, **said) == status


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b'{"office":"3574","owner":"rina","text":"x"}', 415),
        ("application/json", b"not json", 415), ("application/json", b"[1]", 415),
        ("application/json", b'{"text":"' + b"x" * 200_000 + b'"}', 415),
    ],
)  # fmt: skip
async def test_a_foreign_page_cannot_write_here(staging: Staging, kind: str, body: bytes, status: int) -> None:
    answer = await staging.visitor().send("/simulator/ponsel", body, Content_Type=kind)
    assert answer.status == status
