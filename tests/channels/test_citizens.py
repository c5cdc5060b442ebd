"""Ordinary people's mail must never be taken for a machine: an unanswered citizen is a broken promise."""

import pytest

from bot.channels.envelope import OwnAddresses
from bot.channels.mime import Mail, parse_mail

OWN = OwnAddresses(frozenset({"pst@contoh.id"}), frozenset({"mail.contoh.id"}))

# name: (header lines besides From, To and Subject; From; Subject; body)
ORDINARY: dict[str, tuple[str, str, str, str]] = {
    "plain": ("", "Rina Melati <rina@contoh.id>", "Permintaan data", "Mohon data inflasi 2025."),
    "no_display_name": ("", "rina@contoh.id", "Permintaan data", "Mohon data inflasi 2025."),
    "no_subject": ("", "Rina <rina@contoh.id>", "", "Jam buka kantor?"),
    "empty_body": ("", "Rina <rina@contoh.id>", "Tolong hubungi saya", ""),
    "one_word": ("", "Rina <rina@contoh.id>", "Re: Data", "Ya"),
    "gmail": (
        "DKIM-Signature: v=1; d=gmail.com; s=x; b=abc\nX-Google-DKIM-Signature: v=1; b=abc\n"
        "X-Gm-Message-State: AOJu\nX-Google-Smtp-Source: AGHT\nReturn-Path: <rina@gmail.com>",
        "Rina <rina@gmail.com>",
        "Data penduduk",
        "Mohon data penduduk.",
    ),
    "outlook": (
        "X-MS-Exchange-SenderADCheck: 1\nX-MS-Has-Attach: \nX-MS-TNEF-Correlator: \nThread-Topic: Data\n"
        "x-ms-exchange-messagesentrepresentingtype: 1\nmsip_labels: \nReturn-Path: <budi@outlook.com>",
        "Budi <budi@outlook.com>",
        "Data penduduk",
        "Mohon data penduduk.",
    ),
    "yahoo": (
        "X-YMail-OSG: abc\nX-Mailer: WebService/1.1 YMailNorrin\nReferences: <a.1.ref@mail.yahoo.com>",
        "Siti <siti@yahoo.co.id>",
        "Data penduduk",
        "Mohon data penduduk.",
    ),
    "iphone": (
        "X-Mailer: iPhone Mail (20A1)",
        "Joko <joko@icloud.com>",
        "Tanya",
        "Jam buka?\n\nDikirim dari iPhone saya",
    ),
    "thunderbird": ("User-Agent: Mozilla Thunderbird", "Joko <joko@contoh.id>", "Tanya", "Jam buka?"),
    "zimbra": (
        "X-Mailer: Zimbra 8.8.15\nX-Originating-IP: [10.0.0.1]",
        "Dinas <dinas@contoh.id>",
        "Data",
        "Mohon data.",
    ),
    "mentions_mailer_daemon": (
        "",
        "Rina <rina@gmail.com>",
        "Email saya dibalas mailer-daemon",
        "Saya kirim ke alamat lama tetapi dijawab mailer-daemon. Apakah alamatnya benar?",
    ),
    "undelivered_complaint": (
        "",
        "Rina <rina@gmail.com>",
        "Email gagal terkirim",
        "Kemarin email saya tidak terkirim ke alamat kantor. Mohon alamat yang benar.",
    ),
    "undelivered_complaint_campus": (
        "",
        "rina@mhs.kampus.contoh.id",
        "Gagal kirim email ke BPS",
        "Pesan saya tidak dapat dikirim, mohon bantuannya.",
    ),
    "pasted_bounce": (
        "Return-Path: <rina@gmail.com>",
        "Rina <rina@gmail.com>",
        "Undelivered mail",
        "Saya mendapat balasan ini:\n550 5.1.1 <layanan@contoh.id> user unknown\nApa artinya?",
    ),
    "forwarded_bounce": (
        "",
        "Rina <rina@gmail.com>",
        "Fwd: Undelivered Mail Returned to Sender",
        "Mohon dibantu, ini kenapa ya?\n\n---------- Forwarded message ---------\n"
        "Dari: Mail Delivery System <mailer-daemon@contoh.id>\nDate: Sen, 5 Okt 2026 pukul 10.12\n"
        "Subject: Undelivered Mail Returned to Sender\nTo: rina@gmail.com\n\n<lama@contoh.id>: user unknown",
    ),
    "answers_a_bounce": (
        "",
        "Rina <rina@gmail.com>",
        "Re: Undelivered Mail Returned to Sender",
        "Tolong kirim ulang ya.",
    ),
    "on_leave_but_asks": (
        "",
        "Budi <budi@contoh.id>",
        "Data untuk laporan",
        "Saya sedang cuti sampai Jumat, tetapi mohon data kemiskinan dikirim ke email ini.",
    ),
    "asks_about_leave": ("", "Budi <budi@contoh.id>", "Cuti bersama", "Apakah kantor buka saat cuti bersama?"),
    "asks_about_leave_2": ("", "Budi <budi@contoh.id>", "Tanya cuti bersama Desember", "Apakah kantor tutup?"),
    "out_of_office_in_text": (
        "",
        "Jane <jane@contoh.id>",
        "CPI data",
        "I got an out of office reply from your colleague. Who can help me?",
    ),
    "re_automatic_reply": ("", "Jane <jane@contoh.id>", "Re: Automatic reply: CPI data", "Thanks, I will wait."),
    "data_on_automation": ("", "Agus <agus@contoh.id>", "Otomatisasi industri", "Apakah ada datanya?"),
    "undeliverable_topic": ("", "Agus <agus@contoh.id>", "Barang retur ekspor", "Kode HS barang retur?"),
    "report_topic": ("", "Agus <agus@contoh.id>", "Laporan pengiriman barang antarpulau", "Apakah ada statistiknya?"),
    "delivery_topic": ("", "Agus <agus@contoh.id>", "Delivery statistics", "Do you have data on parcel deliveries?"),
    "failure_topic": ("", "Agus <agus@contoh.id>", "Failure rate of small firms", "Is there a survey?"),
    "vacation_topic": ("", "Agus <agus@contoh.id>", "Vacation travel statistics", "Domestic tourism, please."),
    "thanks_only": ("", "Rina <rina@contoh.id>", "Re: Data", "Terima kasih banyak"),
    "thanks_subject": (
        "Return-Path: <rina@contoh.id>",
        "Rina <rina@contoh.id>",
        "Terima kasih telah menghubungi saya",
        "Saya tunggu datanya.",
    ),
    "auto_submitted_no": ("Auto-Submitted: no", "Rina <rina@contoh.id>", "Data", "Mohon data."),
    "precedence_normal": ("Precedence: normal", "Rina <rina@contoh.id>", "Data", "Mohon data."),
    "priority": ("X-Priority: 1\nImportance: high", "Rina <rina@contoh.id>", "PENTING", "Mohon data."),
    "receipt_requested": (
        "Disposition-Notification-To: rina@contoh.id",
        "Rina <rina@contoh.id>",
        "Data",
        "Mohon data.",
    ),
    "oof_suppressed_only_receipts": (
        "X-Auto-Response-Suppress: RN, NRN",
        "Rina <rina@contoh.id>",
        "Data",
        "Mohon data.",
    ),
    "local_part_with_noreply_inside": ("", "Nora <noreplyana@contoh.id>", "Data", "Mohon data."),
    "name_postmaster": ("", "Kantor Pos Kota <kantorpos@contoh.id>", "Data", "Mohon data."),
    "admin_mailbox": ("", "Admin Desa Contoh <admin@desa.contoh.id>", "Data desa", "Mohon data podes."),
    "info_mailbox": ("", "SMA Contoh <info@sma.contoh.id>", "Kunjungan", "Bolehkah siswa berkunjung?"),
    "humas_mailbox": ("", "humas@dinas.contoh.id", "Undangan", "Mohon narasumber."),
    "sender_differs": ("Sender: tu@sma.contoh.id", "Kepala Sekolah <kepsek@sma.contoh.id>", "Data", "Mohon data."),
    "reply_to_differs": ("Reply-To: rina2@contoh.id", "Rina <rina@contoh.id>", "Data", "Mohon data."),
    "spam_scores": (
        "X-Spam-Flag: NO\nX-Spam-Status: No, score=0.1\nX-Virus-Scanned: amavis",
        "Rina <rina@contoh.id>",
        "Data",
        "Mohon data.",
    ),
    "through_a_form": (
        "X-Mailer: PHPMailer 6.8",
        "Rina <rina@contoh.id>",
        "Formulir kontak",
        "Nama: Rina\nPesan: data",
    ),
    "odd_message_id": ("Message-ID: <[aneh]@x>\nDate: besok", "Rina <rina@contoh.id>", "Data", "Mohon data."),
    "eight_bit_subject": ("", "Zoë <zoe@contoh.id>", "Données économiques", "Bonjour, l'inflation ?"),
    "shouting_stars": ("", "Rina <rina@contoh.id>", "***MOHON DIBALAS***", "Data kemiskinan."),
    "warning_word": ("", "Rina <rina@contoh.id>", "Message for the head of office", "May I visit on Monday?"),
    "read_word": ("Return-Path: <rina@contoh.id>", "Rina <rina@contoh.id>", "Dibaca: buku statistik", "Boleh pinjam?"),
    "quota_topic": (
        "",
        "Rina <rina@contoh.id>",
        "Kuota impor penuh?",
        "Apakah kuota impor sapi sudah penuh menurut data?",
    ),
    "account_closed": (
        "",
        "Rina <rina@contoh.id>",
        "Akun Silastik",
        "Akun saya disabled dan password tidak valid, bagaimana?",
    ),
    "marketing_mailbox": ("", "Hotel Contoh <marketing@hotel.contoh.id>", "Data wisatawan", "Mohon data TPK hotel."),
    "owner_of_a_shop": ("", "Batik Contoh <owner-batik@contoh.id>", "KBLI", "Apa KBLI untuk batik?"),
    "village_admin": ("", "Kelurahan <kelurahan-admin@contoh.id>", "Data", "Mohon data kelurahan."),
    "sms_style": ("", "081200000000 <081200000000@operator.contoh.id>", "", "min minta data pddk"),
    "x_loop_absent_plus_address": ("", "Rina <rina+bps@contoh.id>", "Data", "Mohon data."),
}


def ordinary(name: str) -> Mail:
    headers, sender, subject, body = ORDINARY[name]
    lines = [f"From: {sender}", "To: PST <pst@contoh.id>", f"Subject: {subject}", *filter(None, headers.split("\n"))]
    return parse_mail(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), own=OWN)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_person_may_be_answered(name: str) -> None:
    mail = ordinary(name)

    assert (mail.kind, mail.reply_allowed) == ("message", True), mail.reasons


def test_somebody_on_leave_who_asks_is_only_flagged() -> None:
    assert ordinary("on_leave_but_asks").absent
    assert not ordinary("plain").absent
