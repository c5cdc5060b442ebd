"""Nobody comes in without a session, nothing is done without its token, and no office sees another's."""

from __future__ import annotations

import pytest

from bot.store import people
from bot.web.door import local_path
from tests.web.staging import PASSWORD, Staging

PAGES = ["/inbox/", "/inbox/pengaduan", "/inbox/janji", "/inbox/data", "/inbox/gagal", "/inbox/3574-2026-000001"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_without_a_session_sends_to_sign_in_and_back(staging: Staging, path: str) -> None:
    visitor = staging.visitor()
    turned = await visitor.get(f"{path}?x=1")
    assert (turned.status, turned.location) == (303, f"/inbox/masuk?kembali={path}%3Fx%3D1")
    page = await visitor.get(turned.location)
    email = await staging.officer("3574", "Sari")
    form = {"email": email, "password": PASSWORD, "kembali": page.field("kembali"), "form": page.field("form")}
    assert (await visitor.post("/inbox/masuk", form)).location == f"{path}?x=1"


async def test_the_session_cookie_is_kept_from_scripts_and_foreign_pages(staging: Staging) -> None:
    answer = await staging.visitor().sign_in(await staging.officer("3574", "Sari"))
    cookie = next(line for line in answer.headers["set-cookie"].splitlines() if line.startswith("pst_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_only_the_hash_of_a_session_token_is_stored(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    async with staging.world.service.database.read() as tx:
        assert await people.session(tx, visitor.cookies["pst_session"]) is None
    assert (await visitor.get("/inbox/")).status == 200


@pytest.mark.parametrize(("email", "password"), [("sari.3574@contoh.id", "salah"), ("tidak.ada@contoh.id", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_address_look_the_same(
    staging: Staging, email: str, password: str
) -> None:
    await staging.officer("3574", "Sari")
    answer = await staging.visitor().sign_in(email, password)
    assert answer.status == 401
    assert "Alamat e-mail atau kata sandi tidak cocok." in answer.text


async def test_five_wrong_tries_close_the_door_for_five_minutes(staging: Staging) -> None:
    email, visitor = await staging.officer("3574", "Sari"), staging.visitor()
    for _ in range(5):
        assert (await visitor.sign_in(email, "salah")).status == 401
    refused = await visitor.sign_in(email)
    assert refused.status == 429
    assert "Coba lagi dalam 5 menit" in refused.text
    await staging.passes(minutes=5, seconds=1)
    assert (await visitor.sign_in(email)).status == 303


async def test_wrong_tries_with_many_addresses_count_for_the_client(staging: Staging) -> None:
    visitor = staging.visitor()
    for number in range(5):
        await visitor.sign_in(f"orang{number}@contoh.id", "salah")
    assert (await visitor.sign_in("lain@contoh.id", "salah")).status == 429


async def test_the_sign_in_form_must_come_from_our_own_page(staging: Staging) -> None:
    email = await staging.officer("3574", "Sari")
    form = {"email": email, "password": PASSWORD, "form": "tebakan"}
    assert (await staging.visitor().post("/inbox/masuk", form)).status == 403


async def test_signing_out_ends_the_session(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    token = visitor.cookies["pst_session"]
    assert (await visitor.deed("/inbox/", "/inbox/keluar")).status == 303
    visitor.cookies["pst_session"] = token
    assert (await visitor.get("/inbox/")).status == 303


async def test_a_session_ends_after_twelve_idle_hours(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    await staging.passes(hours=11, minutes=59)
    assert (await visitor.get("/inbox/")).status == 200
    await staging.passes(hours=11, minutes=59)
    assert (await visitor.get("/inbox/")).status == 200
    await staging.passes(hours=12, minutes=1)
    assert (await visitor.get("/inbox/")).status == 303


async def test_a_page_that_refreshes_itself_keeps_no_session_alive(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    await staging.passes(hours=11)
    assert (await visitor.get("/inbox/daftar")).status == 200
    await staging.passes(hours=2)
    answer = await visitor.get("/inbox/daftar", HX_Request="true", HX_Current_URL="http://x/inbox/?lihat=answered")
    assert answer.status == 401
    assert answer.headers["hx-redirect"] == "/inbox/masuk?kembali=/inbox/%3Flihat%3Danswered"


async def test_a_dismissed_officer_is_out_at_once(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    async with staging.world.service.database.write() as tx:
        await people.disable(tx, "sari.3574@contoh.id")
    assert (await visitor.get("/inbox/")).status == 303
    assert (await staging.visitor().sign_in("sari.3574@contoh.id")).status == 401


async def test_another_offices_number_does_not_exist_here(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru hari ini?")
    stranger, own = await staging.signed_in("3514", "Sari"), await staging.signed_in("3574", "Dewi")
    assert (await own.get(f"/inbox/{number}")).status == 200
    assert (await stranger.get(f"/inbox/{number}")).status == 404
    assert (await stranger.get(f"/inbox/{number}/isi")).status == 404
    csrf = (await stranger.get("/inbox/")).field("csrf")
    for deed in ("ambil", "lepas", "jawab", "catat", "tutup", "buka"):
        answer = await stranger.post(f"/inbox/{number}/{deed}", {"csrf": csrf, "text": "x", "seen": "x"})
        assert answer.status == 404
    assert "tidak ada" in (await stranger.get(f"/inbox/{number}")).text


@pytest.mark.parametrize("csrf", ["", "tebakan"])
async def test_a_deed_without_the_token_is_refused_and_the_text_is_kept(staging: Staging, csrf: str) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru hari ini?")
    visitor = await staging.signed_in("3574", "Sari")
    answer = await visitor.post(f"/inbox/{number}/jawab", {"csrf": csrf, "text": "Jawaban <panjang>"})
    assert answer.status == 403
    assert "Jawaban &lt;panjang&gt;" in answer.text
    assert (await staging.row(number))["state"] == "open"


async def test_a_deed_without_a_session_shows_the_text_or_sends_to_sign_in(staging: Staging) -> None:
    visitor = staging.visitor()
    kept = await visitor.post("/inbox/3574-2026-000001/jawab", {"text": "Jawaban saya"})
    assert kept.status == 401
    assert "Jawaban saya" in kept.text
    sent = await visitor.post("/inbox/3574-2026-000001/ambil", {}, Referer="http://x/inbox/3574-2026-000001")
    assert sent.location == "/inbox/masuk?kembali=/inbox/3574-2026-000001"


async def test_a_huge_form_is_refused(staging: Staging) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    assert (await visitor.post("/inbox/keluar", {"text": "x" * 300_000})).status == 413


@pytest.mark.parametrize("path", ["/inbox/masuk", "/inbox/", "/simulator/"])
async def test_every_page_carries_a_strict_policy(staging: Staging, path: str) -> None:
    visitor = await staging.signed_in("3574", "Sari")
    answer = await visitor.get(path)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert " onclick=" not in answer.text


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ("/inbox/3574-2026-000001", "/inbox/3574-2026-000001"), ("/inbox/?lihat=closed", "/inbox/?lihat=closed"),
        ("", "/inbox/"), ("https://jahat.example/inbox/", "/inbox/"), ("//jahat.example/inbox/", "/inbox/"),
        ("/inbox//jahat.example", "/inbox/"), ("/inbox/\\jahat", "/inbox/"), ("/simulator/", "/inbox/"),
        ("/inbox/\r\nSet-Cookie: a=b", "/inbox/"),
    ],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_signing_in(wanted: str, allowed: str) -> None:
    assert local_path(wanted) == allowed
