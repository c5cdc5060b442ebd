"""Every sentence of the two service standards that the service can keep or break, quoted beside what it does.

Sources: Standar Pelayanan Konsultasi Data Statistik BPS Kabupaten Pasuruan (SK 31.2 Tahun 2024); Standar Pelayanan
Konsultasi Statistik BPS Kota Probolinggo (SK 3574.035/BU/24 Tahun 2024). A check takes the office and fails with what
it found instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta

import pytest

from bot.core import events as ev
from bot.core.appointment import free_slots
from bot.core.effects import ClockKind, Notice, NotifyStaff, RecordAppointment, RecordComplaint, Say, SetDeadline
from bot.core.model import Channel, Office, State
from bot.core.turn import Outcome
from bot.wording import FaqText, Scene, Wording, load_texts
from intents.meaning import Action, Intent
from scheduler.deadlines import answer_deadline, close_deadline
from tests.conftest import wib
from tests.core.test_conversation import ANSWERABLE, UNKNOWN, YES, fresh, says, talk

Check = Callable[[Office], None]
FRIDAY = wib("2026-11-20 16:20")
COMPLAINT = says(Intent.COMPLAINT, Action.FORM, text="saya mengadu, kemarin petugas loket membentak saya")
MEETING = says(
    Intent.APPOINTMENT, Action.FORM, text="mau bertemu petugas", day=wib("2026-11-25").date(), clock=time(10)
)  # fmt: skip
ANSWER = ev.Answered(UNKNOWN.at, "Dewi", "Silakan kirim surat.")


@dataclass(frozen=True)
class Sentence:
    office: str
    quote: str
    check: Check


def read_aloud(outcome: Outcome, office: Office) -> str:
    """What the citizen reads of an outcome."""
    wording = Wording(load_texts(), lambda topic, *_: FaqText(f"[{topic}]"))
    scene = Scene(office, outcome.conversation, UNKNOWN.at)
    return "\n".join(wording.say(e, scene).text for e in outcome.effects if isinstance(e, Say))


# --- checks -------------------------------------------------------------------------------------------------------


def served(weekday: int, opens: str, closes: str) -> Check:
    def check(office: Office) -> None:
        day = wib("2026-11-23").date() + timedelta(days=weekday)
        found = office.calendar.hours_on(day)
        assert found is not None
        assert (f"{found.opens:%H.%M}", f"{found.closes:%H.%M}") == (opens, closes)

    return check


def no_weekend(office: Office) -> None:
    assert not any(office.calendar.is_working_day(wib(f"2026-11-{day}").date()) for day in (21, 22, 28, 29))


def owed_within(channel: Channel, days: int, due: str) -> Check:
    def check(office: Office) -> None:
        found = answer_deadline(office.calendar, office.policy(channel), FRIDAY)
        assert found.working_days == days
        assert found.due_at == wib(due)
        outcome = talk(office, replace(UNKNOWN, at=FRIDAY), start=fresh(office.code, channel))
        clocks = {e.kind: e.due_at for e in outcome.effects if isinstance(e, SetDeadline)}
        assert clocks[ClockKind.BREACH] == wib(due)

    return check


def serves_both_channels(office: Office) -> None:
    for channel in Channel:
        opened = talk(office, UNKNOWN, start=fresh(office.code, channel)).conversation.consultation
        assert opened is not None
        assert opened.channel is channel


def says_to_a_question(*words: str) -> Check:
    def check(office: Office) -> None:
        text = read_aloud(talk(office, UNKNOWN), office)
        assert all(word in text for word in words), text

    return check


def says_to_a_complaint(*words: str) -> Check:
    def check(office: Office) -> None:
        outcome = talk(office, COMPLAINT)
        assert [e.text for e in outcome.effects if isinstance(e, RecordComplaint)] == [COMPLAINT.text]
        assert Notice.COMPLAINT in {e.kind for e in outcome.effects if isinstance(e, NotifyStaff)}
        text = read_aloud(outcome, office)
        assert all(word in text for word in words), text

    return check


def fact(name: str, *words: str) -> Check:
    def check(office: Office) -> None:
        assert all(word in str(office.facts[name]) for word in words), office.facts[name]

    return check


def asks_for(*fields: str) -> Check:
    def check(office: Office) -> None:
        assert tuple(field.value for field in office.intake) == fields
        outcome = talk(office, UNKNOWN)
        assert "mohon lengkapi" in read_aloud(outcome, office)
        assert outcome.conversation.consultation is not None, "the form never stands in the way"

    return check


def answered_by_staff_alone(office: Office) -> None:
    told = talk(office, UNKNOWN)
    assert told.conversation.consultation is not None
    assert told.conversation.consultation.state is State.OPEN, "an acknowledgement is not an answer"
    assert told.conversation.consultation.answered_at is None
    answered = talk(office, UNKNOWN, ANSWER).conversation.consultation
    assert answered is not None
    assert answered.state is State.ANSWERED


def asks_whether_it_is_right(office: Office) -> None:
    assert "Apakah jawabannya sudah sesuai?" in read_aloud(talk(office, UNKNOWN, ANSWER), office)


def books_a_meeting(office: Office) -> None:
    outcome = talk(office, replace(MEETING, at=wib("2026-11-23 09:00")))
    assert [e.appointment.at for e in outcome.effects if isinstance(e, RecordAppointment)] == [wib("2026-11-25 10:00")]
    assert "kartu identitas" in read_aloud(outcome, office)
    slots = free_slots(office, wib("2026-11-20 09:00"), frozenset())
    assert all(office.calendar.is_open(next(slots)) for _ in range(20))


def passes_a_wish_on(office: Office) -> None:
    outcome = talk(office, replace(MEETING, at=wib("2026-11-23 09:00")))
    states = [e.appointment.state for e in outcome.effects if isinstance(e, RecordAppointment)]
    assert states == ["requested"]
    assert "nomor antrean" in read_aloud(outcome, office)


def never_closes_by_itself(office: Office) -> None:
    for channel in Channel:
        assert close_deadline(office.calendar, office.policy(channel), FRIDAY).due_at is None
    read = talk(office, UNKNOWN, ANSWER, ev.Delivered(UNKNOWN.at))
    assert ClockKind.CLOSE not in {e.kind for e in read.effects if isinstance(e, SetDeadline)}
    assert "auto_close" not in office.facts


def closes_after(days: int, closing: str) -> Check:
    def check(office: Office) -> None:
        for channel in Channel:
            found = close_deadline(office.calendar, office.policy(channel), FRIDAY)
            assert (found.working_days, found.due_at) == (days, wib(closing))

    return check


def closes_only_after_silence(office: Office) -> None:
    read = talk(office, UNKNOWN, ANSWER, ev.Delivered(UNKNOWN.at)).conversation
    assert read.consultation is not None
    assert read.consultation.closes_at is not None
    spoken = talk(office, UNKNOWN, start=read).conversation.consultation
    assert spoken is not None
    assert (spoken.state, spoken.closes_at) == (State.OPEN, None)


def asks_for_a_grade(office: Office) -> None:
    outcome = talk(office, UNKNOWN, ANSWER, YES)
    assert outcome.conversation.consultation is not None
    assert outcome.conversation.consultation.state is State.CLOSED
    assert "Seberapa puas" in read_aloud(outcome, office)


def searches_first(office: Office) -> None:
    outcome = talk(office, ANSWERABLE)
    assert outcome.conversation.consultation is None
    assert "[jam-layanan]" in read_aloud(outcome, office)


def opens_a_transaction_where_nothing_is_found(office: Office) -> None:
    consultation = talk(office, UNKNOWN).conversation.consultation
    assert consultation is not None
    assert consultation.question == UNKNOWN.text


PASURUAN = (
    ("Layanan Online ... alamat email ... dan/atau nomor HP yang terhubung pada aplikasi chat", serves_both_channels),
    ("Jadwal Pelayanan : Senin - Jum'at", no_weekend),
    *((f"08.00-15.30 (Senin - Kamis), day {n + 1}", served(n, "08.00", "15.30")) for n in range(4)),
    ("08.00-16.00 (Jum'at)", served(4, "08.00", "16.00")),
    ("datang langsung ... dilayani maksimal 10 menit", fact("sla_visit", "10 menit")),
    (
        "layanan email ... maksimal 2 hari kerja setelah email diterima",
        owed_within(Channel.EMAIL, 2, "2026-11-24 15:30"),
    ),
    (
        "layanan online ... maksimal 1 hari kerja setelah permintaan konsultasi diterima",
        owed_within(Channel.WHATSAPP, 1, "2026-11-23 15:30"),
    ),
    ("layanan telepon, pengguna layanan akan langsung dilayani", fact("phone_at_once", "True")),
    ("Tidak di pungut biaya / Gratis", says_to_a_question("gratis")),
    ("Jasa Konsultasi Informasi Statistik", fact("product", "jasa konsultasi informasi statistik")),
    ("Kotak saran dan pengaduan di resepsionis", says_to_a_complaint("Kotak saran dan pengaduan", "resepsionis")),
    (
        "http://s.bps.go.id/3514_Pengaduan atau http://lapor.go.id",
        says_to_a_complaint("http://s.bps.go.id/3514_Pengaduan", "http://lapor.go.id"),
    ),
    ("email: bps3514@bps.go.id", says_to_a_complaint("bps3514@bps.go.id")),
    ("Whatsapp: 0812-9090-3514", says_to_a_complaint("0812-9090-3514")),
    ("Telepon : (0343) 423420", says_to_a_complaint("(0343) 423420")),
    (
        "input data nama, jenis kelamin, email, nomor HP, dan jenis konsultasi",
        asks_for("name", "sex", "email", "phone", "kind"),
    ),
    ("Transaksi konsultasi akan dijawab oleh admin layanan", answered_by_staff_alone),
    ("Pastikan jawaban sudah sesuai dengan yang diharapkan", asks_whether_it_is_right),
    ("menyelesaikan konsultasi dan membuat janji dengan petugas jika diperlukan", books_a_meeting),
    ("dapat lanjut pada layanan penjualan produk BPS", fact("purchase", "penjualan produk")),
    (
        "membawa kartu identitas yang masih berlaku (KTP/ SIM/ lainnya)",
        fact("visit_requirements", "kartu identitas", "KTP"),
    ),
    ("Menuju Resepsionis, mengisi buku tamu", fact("visit_steps", "resepsionis", "buku tamu")),
    ("Jl. Sultan Agung No.42", fact("address", "Sultan Agung No. 42")),
    ("67117", fact("postcode", "67117")),
    ("https://pasuruankab.bps.go.id", fact("website", "https://pasuruankab.bps.go.id")),
    ("(no sentence promises a closing)", never_closes_by_itself),
)  # fmt: skip
PROBOLINGGO = (
    ("Senin – Kamis : 08.00 – 15.30 WIB", served(0, "08.00", "15.30")),
    *((f"Senin – Kamis : 08.00 – 15.30 WIB, day {n + 1}", served(n, "08.00", "15.30")) for n in range(1, 4)),
    ("Jumat : 08.00 – 16.00 WIB", served(4, "08.00", "16.00")),
    ("(no service on Saturday and Sunday)", no_weekend),
    ("kunjungan langsung ... dilayani maksimal 10 (sepuluh) menit", fact("sla_visit", "10 menit")),
    ("online ... dilayani maksimal 3 (tiga) hari kerja", owed_within(Channel.WHATSAPP, 3, "2026-11-25 15:30")),
    ("online ... dilayani maksimal 3 (tiga) hari kerja, by e-mail", owed_within(Channel.EMAIL, 3, "2026-11-25 15:30")),
    ("ditutup secara otomatis ... selama 3 (tiga) hari kerja", closes_after(3, "2026-11-25 15:30")),
    ("jika pengguna layanan tidak merespon kembali", closes_only_after_silence),
    ("oleh portal pst.bps.go.id", fact("closed_by", "pst.bps.go.id")),
    ("Tidak dipungut biaya", says_to_a_question("gratis")),
    (
        "Jasa konsultasi informasi (data/metadana/klasifikasi) statistik",
        fact("product", "data, metadata, dan klasifikasi"),
    ),
    ("Pengaduan Langsung : Kotak saran dan pengaduan di PST", says_to_a_complaint("Kotak saran dan pengaduan", "PST")),
    ("Website : https://pengaduan.bps.go.id", says_to_a_complaint("https://pengaduan.bps.go.id")),
    ("E-mail : pst3574@bps.go.id", says_to_a_complaint("pst3574@bps.go.id")),
    ("SMS/WA : 085600003574", says_to_a_complaint("SMS/WA", "085600003574")),
    ("memiliki alamat email yang masih aktif", asks_for("name", "email", "kind")),
    ("memiliki akun pada portal pst.bps.go.id", fact("online_requirements", "akun pada portal pst.bps.go.id")),
    ("mengisi buku tamu", fact("guest_book", "buku tamu")),
    ("mengambil nomor antrean", fact("visit_steps", "nomor antrean")),
    ("menunggu waktu dilayani sesuai nomor antrean", passes_a_wish_on),
    ("dapat mencari/searching informasi tentang materi yang ingin dikonsultasikan", searches_first),
    (
        "Jika informasi tidak diperoleh, ... dapat membuat transaksi konsultasi statistik",
        opens_a_transaction_where_nothing_is_found,
    ),
    ("Petugas memberikan informasi statistik kepada pengguna layanan", answered_by_staff_alone),
    ("memberikan penilaian/rating terhadap kualitas pelayanan konsultasi statistik", asks_for_a_grade),
    ("Jl. Bromo 32 Kota Probolinggo", fact("address", "Jl. Bromo 32")),
    ("67222", fact("postcode", "67222")),
    ("0355421791", fact("phone", "0355421791")),
)  # fmt: skip
SENTENCES = [
    *(Sentence("3514", quote, check) for quote, check in PASURUAN),
    *(Sentence("3574", quote, check) for quote, check in PROBOLINGGO),
]


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: f"{s.office}: {s.quote}")
def test_a_sentence_of_a_standard_is_kept(sentence: Sentence, offices: dict[str, Office]) -> None:
    sentence.check(offices[sentence.office])


@pytest.mark.parametrize(
    ("office", "foreign"),
    [
        ("3514", ("pst3574", "085600003574", "pengaduan.bps.go.id", "Probolinggo", "nomor antrean")),
        ("3574", ("bps3514", "0812-9090-3514", "lapor.go.id", "Pasuruan", "423420")),
    ],
)
def test_what_one_standard_says_is_never_told_for_the_other(
    office: str, foreign: tuple[str, ...], offices: dict[str, Office]
) -> None:
    mine = offices[office]
    spoken = [
        talk(mine, event) for event in (COMPLAINT, UNKNOWN, ANSWERABLE, replace(MEETING, at=wib("2026-11-23 09:00")))
    ]
    text = "\n".join(read_aloud(outcome, mine) for outcome in spoken)
    text += "\n".join(str(value) for value in mine.facts.values())
    if office == "3574":
        assert "auto_close" in mine.facts
    told = [words for words in foreign if words in text]
    assert told == []
