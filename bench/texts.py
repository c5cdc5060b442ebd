"""Invented FAQs of any size, deterministic: every kind of question about every service of every town.

Each entry differs from its neighbours by one word or two, so ranking them is fine work as well as much work. Questions
are put in other words than the titles, in chat spelling, every third with a slip of the keys.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.hybrid import Document

ASPECTS = (  # title, answer, question of a citizen
    ("Berapa biaya {x} di {p}?", "Tarif {x} di {p} diatur peraturan daerah dan dibayar di loket.",
     "brp ongkos {x} {p}"),
    ("Apa saja syarat {x} di {p}?", "Bawa identitas, formulir, dan bukti pendukung ke {p}.",
     "{x} di {p} perlu bawa apa aja"),
    ("Bagaimana cara mengajukan {x} di {p}?", "Isi permohonan lalu serahkan di loket {p}.",
     "gmn prosedur permohonan {x} {p}"),
    ("Berapa lama proses {x} di {p}?", "Selesai lima hari kerja sejak berkas lengkap.",
     "{x} di {p} jadinya brp hari"),
    ("Kapan jadwal {x} di {p}?", "Dilayani Senin sampai Jumat pagi di {p}.", "jam pelayanan {x} {p} kapan"),
    ("Di mana lokasi {x} di {p}?", "Datang ke kantor {p} lantai dua.", "alamat tempat {x} {p} dmn"),
    ("Siapa yang berhak atas {x} di {p}?", "Warga {p} yang berusia 17 tahun ke atas.", "{x} {p} itu buat siapa aja"),
    ("Apa itu {x} di {p}?", "Layanan pemerintah {p} bagi warganya.", "maksudnya {x} {p} apaan sih"),
    ("Bagaimana membatalkan {x} di {p}?", "Hubungi petugas {p} sebelum berkas dicetak.", "pengen cancel {x} {p}"),
    ("Bagaimana memperpanjang {x} di {p}?", "Perpanjangan dilakukan sebulan sebelum habis.",
     "perpanjangan {x} {p} gimana"),
    ("Apa sanksi terlambat {x} di {p}?", "Denda dua persen setiap bulan.", "telat {x} {p} kena denda ga"),
    ("Ke mana melaporkan masalah {x} di {p}?", "Sampaikan ke bagian pengaduan {p}.", "mau ngadu soal {x} {p}"),
    ("Apakah {x} di {p} dapat diwakilkan?", "Dapat, dengan surat kuasa bermeterai.",
     "{x} {p} boleh orang lain yg ngurus?"),
    ("Bagaimana memeriksa status {x} di {p}?", "Masukkan nomor berkas di laman {p}.", "cek {x} {p} udah sampe mana"),
    ("Apakah {x} di {p} bisa daring?", "Tersedia di laman layanan {p}.", "{x} {p} online ada?"),
    ("Bagaimana mengubah data {x} di {p}?", "Ajukan perbaikan dengan bukti yang benar.",
     "data {x} {p} salah mau ganti"),
    ("Apa yang dilakukan jika {x} di {p} ditolak?", "Lengkapi kekurangan dan ajukan lagi.",
     "{x} {p} ga lolos trus gimana"),
    ("Berapa kali {x} di {p} boleh diajukan?", "Paling banyak dua kali setahun.", "maksimal {x} {p} brp kali"),
    ("Bagaimana mengambil hasil {x} di {p}?", "Ambil sendiri dengan tanda terima.", "ngambil {x} {p} yg udah jadi"),
    ("Bagaimana jika dokumen {x} di {p} hilang?", "Minta salinan dengan laporan kehilangan.", "surat {x} {p} ilang"),
)  # fmt: skip
SERVICES = (
    "akta kelahiran", "akta kematian", "akta nikah", "kartu keluarga", "kartu penduduk", "surat pindah",
    "izin usaha", "izin reklame", "izin keramaian", "izin bangunan", "pajak bumi", "pajak kendaraan",
    "retribusi pasar", "sewa gedung", "sewa alat berat", "bantuan sosial", "bantuan pupuk", "beasiswa daerah",
    "pelatihan menjahit", "pelatihan las", "kartu pencari kerja", "uji kendaraan", "sambungan air",
    "sambungan listrik", "angkut sampah", "lahan makam", "vaksin anak", "donor darah", "ambulans desa",
    "surat sehat", "surat miskin", "legalisasi ijazah", "mutasi siswa", "pendaftaran sekolah", "bus pelajar",
    "perpustakaan keliling", "taman baca", "lapangan olahraga", "kolam renang", "museum kota", "arsip tanah",
    "sertifikat halal", "sertifikat higiene", "merek dagang", "koperasi baru", "bank sampah", "kebun bibit",
    "periksa ternak", "benih ikan", "perahu nelayan",
)  # fmt: skip
_FIRST = ("Kali", "Suka", "Karang", "Tegal", "Banjar", "Wono", "Sumber", "Gunung", "Rejo", "Purwo")
_SECOND = ("sari", "mulyo", "anyar", "rejo", "dadi", "asri", "tirto", "jaya", "lor", "kidul")
PLACES = tuple(a + b for a in _FIRST for b in _SECOND)
ALL = len(ASPECTS) * len(SERVICES) * len(PLACES)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the entry that answers it."""

    text: str
    id: str


def faq(size: int) -> list[Document]:
    """The first `size` entries, at most `ALL`; every aspect of a service in a place before the next place."""
    return [
        Document(f"e{n}", title.format(x=x, p=p), answer.format(x=x, p=p))
        for n, (p, x, (title, answer, _)) in enumerate(itertools.islice(_combined(), size))
    ]


def questions(size: int, count: int, seed: int = 3) -> list[Asked]:
    """Questions about `count` of the first `size` entries."""
    chance = random.Random(seed)
    wanted = set(chance.sample(range(size), count))
    asked: list[Asked] = []
    for n, (p, x, (_, _, ask)) in enumerate(itertools.islice(_combined(), size)):
        if n in wanted:
            text = ask.format(x=x, p=p).lower()
            asked.append(Asked(_slipped(text, chance) if len(asked) % 3 == 0 else text, f"e{n}"))
    return asked


def _combined() -> Iterator[tuple[str, str, tuple[str, str, str]]]:
    return itertools.product(PLACES, SERVICES, ASPECTS)


def _slipped(text: str, chance: random.Random) -> str:
    """Two neighbouring letters of a long word change places."""
    words = text.split()
    long = [n for n, word in enumerate(words) if len(word) > 5 and word.isalpha()]
    if not long:
        return text
    at = chance.choice(long)
    word = words[at]
    cut = chance.randrange(1, len(word) - 2)
    words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)
