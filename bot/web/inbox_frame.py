"""What surrounds every staff page: the menu with what waits in each register, and a word about the last deed."""

from __future__ import annotations

from typing import Any, Final

from bot.store import desk
from bot.store.database import Transaction
from bot.web.door import Visit

DONE: Final = {
    "diambil": "Konsultasi ini sekarang Anda tangani. Bot diam sampai Anda melepasnya.",
    "dilepas": "Konsultasi dilepas. Bot kembali membantu pengguna.",
    "dijawab": "Jawaban tersimpan dan sedang dikirim.",
    "dicatat": "Catatan internal tersimpan.",
    "ditutup": "Konsultasi ditutup.",
    "dibuka": "Konsultasi dibuka kembali dengan batas waktu baru.",
    "diserahkan": "Konsultasi diserahkan.",
    "pengaduan": "Pengaduan ditandai sudah ditangani.",
    "data": "Permintaan ditandai selesai.",
    "dihapus": "Data pribadi pengguna sudah dihapus.",
    "diulang": "Pesan dimasukkan kembali ke antrean.",
    "kalender": "Perubahan jam layanan berlaku. Batas waktu yang terkena sudah dihitung ulang.",
    "kalender-batal": "Perubahan jam layanan dicabut. Batas waktu yang terkena sudah dihitung ulang.",
}  # fmt: skip


async def framed(tx: Transaction, visit: Visit, here: str, context: dict[str, Any]) -> dict[str, Any]:
    """A page's context with what the frame around it needs. `here`: the menu's entry that is open."""
    done = visit.asked("kabar")
    return {
        "here": here, "badges": await desk.badges(tx, visit.officer.office), "done": DONE.get(done, ""),
        "done_key": done if done in DONE else "", "problem": "", **context,
    }  # fmt: skip
