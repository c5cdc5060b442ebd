"""The pages in a real browser: keyboard, phone size, drafts, quiet refreshing, and the whole play of the simulator."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from bot.core import events as ev
from tests.web.staging import PASSWORD, Staging

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDE, PHONE = (1280, 800), (390, 844)
QUESTION = "berapa harga cabai di pasar Baru?"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: none of chromium, chromium-browser, google-chrome"),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(FLAGS))
        yield running
        await running.close()


class Window:
    """One browser window, with every complaint that its pages made."""

    def __init__(self, context: BrowserContext, page: Page, staging: Staging) -> None:
        self.page = page
        self.context = context
        self.base = f"http://127.0.0.1:{staging.port}"
        self.complaints: list[str] = []
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def fits(self) -> bool:
        """Nothing sticks out to the side."""
        wide = await self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        return bool(wide)


async def window(browser: Browser, staging: Staging, size: tuple[int, int] = WIDE, officer: str = "") -> Window:
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="id-ID")
    if officer:
        visitor = await staging.signed_in("3574", officer, "head")
        cookies = [{"name": n, "value": v, "domain": "127.0.0.1", "path": "/inbox"} for n, v in visitor.cookies.items()]
        await context.add_cookies(cookies)  # type: ignore[arg-type]
    page = await context.new_page()
    page.set_default_timeout(8000)
    return Window(context, page, staging)


async def test_an_officer_signs_in_and_answers_with_the_keyboard_alone(staging: Staging, browser: Browser) -> None:
    number = await staging.consults(QUESTION)
    email = await staging.officer("3574", "Sari")
    w = await window(browser, staging)
    await w.go(f"/inbox/{number}")
    keyboard = w.page.keyboard
    for typed in (email, PASSWORD):
        await keyboard.type(typed)
        await keyboard.press("Tab" if typed == email else "Enter")
    await expect(w.page.locator("#jawaban")).to_be_visible()
    await w.go("/inbox/")
    await keyboard.press("/")
    await keyboard.type("rina")
    await keyboard.press("Enter")
    await w.page.locator(f"#k-{number}").focus()
    await keyboard.press("Enter")
    await w.page.locator("#jawaban").focus()
    await keyboard.type("Rp40.000 per kilogram.")
    await keyboard.press("Control+Enter")
    await expect(w.page.get_by_role("status").first).to_contain_text("Jawaban tersimpan")
    await staging.passes(seconds=1)
    assert "Rp40.000 per kilogram." in staging.received()[-1].body
    assert w.complaints == []


async def test_a_draft_survives_a_reload_and_is_gone_once_sent(staging: Staging, browser: Browser) -> None:
    number = await staging.consults(QUESTION)
    w = await window(browser, staging, officer="Sari")
    await w.go(f"/inbox/{number}")
    await w.page.fill("#jawaban", "Sebagian jawaban")
    await w.page.reload()
    assert await w.page.input_value("#jawaban") == "Sebagian jawaban"
    await w.page.click("text=Kirim jawaban")
    await expect(w.page.locator("#jawaban")).to_have_value("")
    await w.page.reload()
    assert await w.page.input_value("#jawaban") == ""


async def test_refreshing_keeps_focus_and_what_is_typed(staging: Staging, browser: Browser) -> None:
    number = await staging.consults(QUESTION)
    w = await window(browser, staging, officer="Sari")
    await w.go("/inbox/")
    await w.page.locator(f"#k-{number}").focus()
    await staging.consults("berapa panjang jalan kota?", phone="+6281230000007", name="Andi")
    await refresh(w.page, "daftar")
    await expect(w.page.locator(".line")).to_have_count(2)
    assert await w.page.evaluate("document.activeElement.id") == f"k-{number}"
    await w.go(f"/inbox/{number}")
    await w.page.fill("#jawaban", "Sedang saya tulis")
    await staging.act(number, lambda at, by: ev.Answered(at, by, "Sudah saya jawab."), "Agus")
    await refresh(w.page, "live")
    await expect(w.page.locator("#live")).to_contain_text("Sudah saya jawab.")
    await expect(w.page.locator("#status")).to_contain_text("Dijawab")
    assert await w.page.input_value("#jawaban") == "Sedang saya tulis"
    await expect(w.page.locator("#berubah")).to_be_visible()
    await w.page.click("#sudah-baca")
    await expect(w.page.locator("#berubah")).to_be_hidden()
    await w.page.click("text=Kirim jawaban")
    await expect(w.page.get_by_role("status").first).to_contain_text("Jawaban tersimpan")
    assert w.complaints == []


async def test_a_long_answer_is_counted_and_split_is_announced(staging: Staging, browser: Browser) -> None:
    number = await staging.consults(QUESTION)
    w = await window(browser, staging, officer="Sari")
    await w.go(f"/inbox/{number}")
    await w.page.fill("#jawaban", "x" * 1200)
    await expect(w.page.locator(".answer .length")).to_have_text("1.200 / 1.600 karakter")
    await w.page.fill("#jawaban", "x" * 2000)
    await expect(w.page.locator(".answer .length")).to_contain_text("dikirim sebagai 2 pesan")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_every_page_fits_and_complains_of_nothing(
    staging: Staging, browser: Browser, size: tuple[int, int]
) -> None:
    number = await staging.consults(f"{QUESTION} {'sangatpanjang' * 12}")
    await staging.mails("Harga", "mohon data harga cabai", file=("x" * 80 + ".pdf", b"%PDF-1.4"))
    await staging.writes("HAPUS DATA", phone="+6281230000002")
    w = await window(browser, staging, size, officer="Dewi")
    paths = ("", "?lihat=closed", "pengaduan", "janji", "data", "data/1/hapus", "gagal", "jam", "kanal", number)
    for path in paths:
        await w.go(f"/inbox/{path}")
        assert await w.fits(), path
    await w.go("/simulator/")
    assert await w.fits()
    await w.context.clear_cookies()
    await w.go("/inbox/")
    assert await w.fits()
    assert w.complaints == []


async def test_without_script_everything_still_works(staging: Staging, browser: Browser) -> None:
    number = await staging.consults(QUESTION)
    w = await window(browser, staging, officer="Sari")
    page = await (await browser.new_context(java_script_enabled=False)).new_page()
    await page.context.add_cookies(await w.context.cookies())  # type: ignore[arg-type]
    await page.goto(f"{w.base}/inbox/{number}")
    await page.click("text=Ambil alih")
    await page.fill("#jawaban", "Rp40.000.")
    await page.click("text=Kirim jawaban")
    await expect(page.get_by_role("status").first).to_contain_text("Jawaban tersimpan")


async def test_a_consultation_is_played_on_the_phone(staging: Staging, browser: Browser) -> None:
    w = await window(browser, staging, PHONE)
    async with staging.living():
        await w.go("/simulator/?kantor=3574&warga=bayu")
        await w.page.fill("#text", "jam buka hari jumat? *penting* <b>")
        await w.page.keyboard.press("Enter")
        await expect(w.page.locator(".b.mine .read")).to_be_visible()
        await expect(w.page.locator(".b:not(.mine)").last).to_contain_text("16.00")
        assert await w.page.locator(".b b").count() == 0
        await w.page.reload()
        await expect(w.page.locator(".b.mine")).to_contain_text("<b>")
        await w.page.locator(".taps button").first.click()
        await expect(w.page.locator(".b.mine")).to_have_count(2)
        await expect(w.page.locator(".b:not(.mine)")).to_have_count(2)
    assert w.complaints == []


async def test_a_mail_is_written_read_and_answered(staging: Staging, browser: Browser) -> None:
    w = await window(browser, staging)
    async with staging.living():
        await w.go("/simulator/?warga=sulastri")
        await w.page.click("#compose")
        await w.page.fill("#subject", "Jam layanan")
        await w.page.fill("#mail-text", "Jam buka kantor hari jumat?")
        await w.page.click("#writing button.primary")
        await w.page.locator("#mails button.unread").click()
        await expect(w.page.locator(".reading .letter")).to_contain_text("16.00")
        await w.page.click(".reading .primary")
        await w.page.fill("#mail-text", "Kalau hari Senin jam berapa?")
        await w.page.click("#writing button.primary")
        await expect(w.page.locator("#mails button")).to_have_count(2)
        await w.page.click("#folder-sent")
        await expect(w.page.locator("#mails")).to_contain_text("Re: ")
    assert w.complaints == []


async def refresh(page: Page, part: str) -> None:
    """What the page does by itself every few seconds."""
    await page.evaluate(
        "part => { const e = document.getElementById(part);"
        " htmx.ajax('GET', e.getAttribute('hx-get'), {source: e, target: e, swap: 'outerHTML'}); }",
        part,
    )
