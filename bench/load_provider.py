"""Twilio's part of the load: webhooks of many citizens, made beforehand, and the stand-in that gets the replies.

The stand-in runs in a process of its own, so that it does not slow down the clock that times the answers.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.standins.twilio import Provider
from tests.standins.twilio_model import Account
from tests.standins.twilio_webhooks import signed_headers

ACCOUNT, TOKEN, SENDER = "AC" + "1" * 32, "rahasia-beban", "whatsapp:+6285600003574"
TEXTS = (
    "jam buka hari jumat?", "halo min", "alamat kantornya di mana ya", "apa itu inflasi",
    "bayar berapa kalau minta data?", "cara unduh publikasi kecamatan dalam angka gimana", "makasih banyak",
    "mau tanya, beda PDRB harga berlaku sama harga konstan apa ya?", "apakah sabtu buka", "apa itu sensus ekonomi",
    "Tolong teruskan ke petugas: kami perlu tabel silang tenaga kerja menurut pendidikan dan lapangan usaha",
    "apa bedanya sensus dan survei",
)  # fmt: skip


def phone(number: int) -> str:
    return f"+62812{number:08d}"


def webhooks(url: str, count: int, first: int = 0) -> list[bytes]:
    """Signed requests of `count` citizens, one message each."""
    account = Account(ACCOUNT, [TOKEN], [SENDER])
    return [_webhook(account, url, number) for number in range(first, first + count)]


def _webhook(account: Account, url: str, number: int) -> bytes:
    sid, parts = f"SM{number:032x}", urlsplit(url)
    form = {
        "SmsMessageSid": sid, "NumMedia": "0", "ProfileName": f"Warga {number}", "MessageType": "text", "SmsSid": sid,
        "WaId": phone(number)[1:], "SmsStatus": "received", "Body": TEXTS[number % len(TEXTS)], "To": SENDER,
        "NumSegments": "1", "ReferralNumMedia": "0", "MessageSid": sid, "AccountSid": ACCOUNT,
        "From": f"whatsapp:{phone(number)}", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    body = urlencode(form).encode()
    headers = {
        "Host": parts.netloc, "Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body)),
        **signed_headers(account, url, list(form.items())),
    }  # fmt: skip
    lines = [f"POST {parts.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def _play(pipe: Connection, citizens: int, reports: tuple[str, ...]) -> None:
    with Provider() as provider:
        provider.account(ACCOUNT, TOKEN, SENDER)
        provider.reports = reports
        for number in range(citizens):
            provider.user(phone(number)).wrote()
        pipe.send(provider.url)
        while pipe.recv() == "sent":
            pipe.send(Counter(m.recipient for m in provider.sent))
        pipe.send([code for _, code in provider.refused])


class PlayedTwilio:
    """The stand-in in its own process. `reports`: the statuses that follow every message."""

    def __init__(self, citizens: int, reports: tuple[str, ...]) -> None:
        self._here, there = multiprocessing.Pipe()
        context: Any = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_play, args=(there, citizens, reports), daemon=True)
        self.url = ""

    def __enter__(self) -> PlayedTwilio:
        self._process.start()
        self.url = self._here.recv()
        return self

    def sent(self) -> Counter[str]:
        """How many messages each address has got."""
        self._here.send("sent")
        found: Counter[str] = self._here.recv()
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._here.send("end")
        self.refused: list[str] = self._here.recv()
        self._process.join(10)
