"""The pictures of the README, made from the running demo: `python tools/screenshots.py [FOLDER]`.

Starts a demo of its own on a free port with an empty database, plays a citizen and an officer in Chromium, and writes
phone.png, inbox.png and conversation.png into FOLDER (default docs/img). `--all` also photographs every other page at
the width of a desktop and of a phone, to be looked at after a change of the pages.
Needs the development tools (`make test` installs them) and Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT: Final = Path(__file__).parent.parent
DESKTOP, PHONE = {"width": 1180, "height": 760}, {"width": 390, "height": 844}
OFFICER, PASSWORD = "dewi.3574@contoh.id", "coba-pst"
PAGES: Final = ("", "?lihat=closed", "pengaduan", "janji", "data", "gagal", "jam", "kanal", "kepuasan")
ANSWER: Final = (
    "Selamat siang, Ibu Rina. Usaha penyediaan makanan dan minuman tersedia per kecamatan dari Sensus Ekonomi; warung "
    "kopi belum dirinci per kelurahan. Tabelnya dapat Ibu lihat di https://probolinggokota.bps.go.id."
)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "img")
    given.add_argument("--all", action="store_true", help="every page, at both widths")
    chosen = given.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        Play(browser, address, chosen.folder).run(every_page=chosen.all)
        browser.close()


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return found or sys.exit("no Chromium: install chromium, chromium-browser or google-chrome")


@contextmanager
def demo() -> Iterator[str]:
    """A demo that nobody else uses; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="pst-pictures-") as folder:
        settings = {"PST_DATABASE_URL": f"sqlite:///{folder}/pst.db", "PST_PORT": str(port), "PST_PUBLIC_URL": address}
        command = [sys.executable, "-m", "bot", "serve", "--demo"]
        serving = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
        try:
            wait_for(address, serving)
            yield address
        finally:
            serving.terminate()
            serving.wait(20)


def wait_for(address: str, serving: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=1).close()
            return
        except OSError:
            if serving.poll() is not None:
                sys.exit("the demo ended by itself")
            time.sleep(0.5)
    sys.exit("the demo does not answer")


class Play:
    """A citizen asks, an officer answers, and pictures are taken on the way."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self._browser = browser
        self._address = address
        self._folder = folder

    def run(self, *, every_page: bool) -> None:
        self._citizens()
        office = self._window(DESKTOP)
        page = self._signed_in(office)
        number = self._case(page)
        if every_page:
            self._every_page(number)

    def _citizens(self) -> None:
        """Rina asks what the base knows, then what only an officer knows; Bayu asks by mail, Sulastri complains."""
        page = self._window(PHONE).new_page()
        page.goto(f"{self._address}/simulator/?kantor=3574&warga=rina")
        say(page, "Selamat siang min, jam buka hari jumat jam brp ya?")
        say(page, "saya mau tanya petugas, apakah ada data jumlah warung kopi per kelurahan tahun 2025?")
        say(page, "Rina Wulandari, rina.wulandari@contoh.id, konsultasi data")
        self._take(page, "phone")
        page.goto(f"{self._address}/simulator/?kantor=3574&warga=bayu")
        say(page, "saya perlu bicara dengan petugas soal metode penghitungan angka pengangguran kelurahan")
        page.goto(f"{self._address}/simulator/?kantor=3574&warga=sulastri")
        say(page, "saya mau mengadu, petugas di loket kemarin tidak ramah")

    def _signed_in(self, window: BrowserContext) -> Page:
        page = window.new_page()
        page.goto(f"{self._address}/inbox/")
        page.fill("#email", OFFICER)
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.wait_for_selector(".line")
        return page

    def _case(self, page: Page) -> str:
        self._take(page, "inbox")
        page.locator(".line", has_text="Rina").locator("a").first.click()
        page.click("text=Ambil alih")
        page.fill("#jawaban", ANSWER)
        page.click("text=Kirim jawaban")
        page.get_by_role("status").first.wait_for()
        page.wait_for_timeout(2500)  # until the ticks have come back
        page.reload()
        page.locator(".why details").first.evaluate("e => { e.open = true; }")
        page.locator(".why").evaluate("e => e.scrollIntoView({block: 'start'})")
        self._take(page, "conversation")
        return page.url.rpartition("/")[2]

    def _every_page(self, number: str) -> None:
        for name, size in (("desktop", DESKTOP), ("ponsel", PHONE)):
            page = self._signed_in(self._window(size))
            for path in (*PAGES, number):
                page.goto(f"{self._address}/inbox/{path}")
                self._take(page, f"{name}-{path.strip('?').replace('=', '-') or 'daftar'}", whole=True)
            page.goto(f"{self._address}/simulator/?kantor=3574&warga=rina")
            page.wait_for_timeout(1000)
            self._take(page, f"{name}-simulasi")
            page.click("#tab-mail") if size is PHONE else None
            self._take(page, f"{name}-surel")

    def _window(self, size: dict[str, int]) -> BrowserContext:
        window = self._browser.new_context(viewport={**size}, locale="id-ID")  # type: ignore[arg-type]
        window.set_default_timeout(20_000)
        return window

    def _take(self, page: Page, name: str, *, whole: bool = False) -> None:
        page.screenshot(path=self._folder / f"{name}.png", full_page=whole)


def say(page: Page, text: str) -> None:
    """Write on the phone and wait for what the office says to it."""
    page.wait_for_timeout(700)
    before = page.locator(".b:not(.mine)").count()
    page.fill("#text", text)
    page.keyboard.press("Enter")
    page.locator(".b:not(.mine)").nth(before).wait_for()
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
