"""Machines are never answered: not automatic replies, lists, robots, invitations, nor our own mail."""

import pytest

from bot.channels.envelope import OwnAddresses
from bot.channels.mime import Mail, parse_mail

OWN = OwnAddresses(frozenset({"pst@contoh.id"}), frozenset({"mail.contoh.id"}))
PERSON = "Rina <rina@tujuan.contoh.id>"

# name: (expected kind, header lines besides From, To and Subject; From; Subject)
MACHINES: dict[str, tuple[str, str, str, str]] = {
    "auto_replied": ("auto_reply", "Auto-Submitted: auto-replied", PERSON, "Re: Jawaban"),
    "auto_generated": ("auto_reply", "Auto-Submitted: auto-generated (failure)", PERSON, "Laporan"),
    "auto_notified": ("auto_reply", "auto-submitted: Auto-Notified; owner-email=x", PERSON, "x"),
    "x_autoreply": ("auto_reply", "X-Autoreply: yes", PERSON, "x"),
    "x_autorespond": ("auto_reply", "X-Autorespond: Jawaban", PERSON, "x"),
    "x_auto_reply_from": ("auto_reply", "X-Autoreply-From: rina@tujuan.contoh.id", PERSON, "x"),
    "suppress_all": ("auto_reply", "X-Auto-Response-Suppress: All", PERSON, "x"),
    "suppress_autoreply": ("auto_reply", "X-Auto-Response-Suppress: DR, OOF, AutoReply", PERSON, "x"),
    "precedence_auto_reply": ("auto_reply", "Precedence: auto_reply", PERSON, "x"),
    "precedence_junk": ("auto_reply", "Precedence: junk", PERSON, "x"),
    "precedence_bulk": ("auto_reply", "Precedence: bulk", PERSON, "x"),
    "null_return_path": ("auto_reply", "Return-Path: <>", PERSON, "Re: Jawaban"),
    "delivered_to_autoresponder": ("auto_reply", "Delivered-To: Autoresponder", PERSON, "x"),
    "subject_indonesian": ("auto_reply", "", PERSON, "Balasan otomatis: Jawaban"),
    "subject_indonesian_2": ("auto_reply", "", PERSON, "Jawaban otomatis: cuti"),
    "subject_indonesian_3": ("auto_reply", "", PERSON, "Sedang cuti s.d. 12 Oktober"),
    "subject_indonesian_4": ("auto_reply", "", PERSON, "Di luar kantor"),
    "subject_malay": ("auto_reply", "", PERSON, "Balasan automatik: Data"),
    "subject_english": ("auto_reply", "", PERSON, "Automatic reply: Jawaban"),
    "subject_english_2": ("auto_reply", "", PERSON, "Out of Office: Jawaban"),
    "subject_english_3": ("auto_reply", "", PERSON, "Auto: Jawaban"),
    "subject_english_4": ("auto_reply", "", PERSON, "[Auto-Reply] Jawaban"),
    "subject_german": ("auto_reply", "", PERSON, "Automatische Antwort: Jawaban"),
    "subject_german_2": ("auto_reply", "", PERSON, "Abwesenheitsnotiz: Jawaban"),
    "subject_french": ("auto_reply", "", PERSON, "Réponse automatique : Jawaban"),
    "subject_spanish": ("auto_reply", "", PERSON, "Respuesta automática: Jawaban"),
    "subject_portuguese": ("auto_reply", "", PERSON, "Resposta automática: Jawaban"),
    "subject_italian": ("auto_reply", "", PERSON, "Risposta automatica: Jawaban"),
    "subject_dutch": ("auto_reply", "", PERSON, "Automatisch antwoord: Jawaban"),
    "subject_polish": ("auto_reply", "", PERSON, "Odpowiedź automatyczna: Jawaban"),
    "subject_russian": ("auto_reply", "", PERSON, "Автоматический ответ: Jawaban"),
    "subject_japanese": ("auto_reply", "", PERSON, "自動応答: Jawaban"),
    "subject_chinese": ("auto_reply", "", PERSON, "自动回复: Jawaban"),
    "subject_korean": ("auto_reply", "", PERSON, "자동 회신: Jawaban"),
    "ticket_received": ("auto_reply", "", "Layanan <layanan@lain.contoh.id>", "Your request has been received"),
    "noreply": ("auto_reply", "", "Bank <noreply@bank.contoh.id>", "Mutasi"),
    "no_reply_hyphen": ("auto_reply", "", "no-reply@bank.contoh.id", "Mutasi"),
    "no_reply_suffix": ("auto_reply", "", "no-reply+abc@bank.contoh.id", "Mutasi"),
    "do_not_reply": ("auto_reply", "", "do.not.reply@bank.contoh.id", "Mutasi"),
    "jangan_dibalas": ("auto_reply", "", "jangan-dibalas@dinas.contoh.id", "Pemberitahuan"),
    "notifications": ("auto_reply", "", "notifications@kode.contoh.id", "New comment"),
    "robot_as_sender": ("auto_reply", "Sender: noreply@form.contoh.id", PERSON, "Formulir"),
    "postmaster": ("auto_reply", "", "postmaster@tujuan.contoh.id", "Informasi"),
    "read_receipt_subject": ("auto_reply", "", PERSON, "Dibaca: Jawaban"),
    "read_receipt": (
        "auto_reply",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=b",
        PERSON,
        "Read: Jawaban",
    ),
    "abuse_report": (
        "auto_reply",
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        PERSON,
        "x",
    ),
    "abuse_report_mixed": ("auto_reply", "", "staff@surat.contoh.id", "complaint about message from 10.0.0.1"),
    "null_sender_in_the_trace": (
        "auto_reply",
        "Received: from x by y (envelope-from <>); Mon, 5 Oct 2026 11:20:00 +0700",
        PERSON,
        "Re: Jawaban",
    ),
    "qmail_trace": ("auto_reply", "Received: (qmail 1 invoked for bounce); 5 Oct 2026", PERSON, "Re: Jawaban"),
    "list_id": ("list", "List-Id: <statistik.lists.contoh.id>", PERSON, "[statistik] Rapat"),
    "list_unsubscribe": (
        "list",
        "List-Unsubscribe: <https://toko.contoh.id/u>",
        "Toko <toko@toko.contoh.id>",
        "Diskon",
    ),
    "list_precedence": ("list", "Precedence: list", PERSON, "x"),
    "list_bulk": ("list", "Precedence: bulk\nList-Post: <mailto:a@lists.contoh.id>", PERSON, "x"),
    "own_sender": ("own", "", "PST <PST@contoh.id>", "Jawaban"),
    "own_message_id": ("own", "Message-ID: <t1.abc@mail.contoh.id>", PERSON, "Jawaban"),
    "own_loop": ("own", "X-Loop: pst@contoh.id", PERSON, "Jawaban"),
    "invitation": ("calendar", "Content-Type: text/calendar; method=REQUEST; charset=utf-8", PERSON, "Undangan rapat"),
    "invitation_answer": ("calendar", "Content-Type: text/calendar; method=REPLY", PERSON, "Diterima: rapat"),
    "daemon": ("bounce", "", "MAILER-DAEMON@mx.contoh.id", "sesuatu"),
    "daemon_subject_foreign": ("bounce", "Return-Path: <>", "Mail System <mdaemon@mx.contoh.id>", "Chyba"),
    "failed_recipients": ("bounce", "X-Failed-Recipients: rina@x.contoh.id", "server@x.contoh.id", "x"),
}


def machine(name: str, body: str = "isi") -> Mail:
    _, headers, sender, subject = MACHINES[name]
    lines = [f"From: {sender}", "To: PST <pst@contoh.id>", f"Subject: {subject}", *filter(None, headers.split("\n"))]
    return parse_mail(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), own=OWN)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_recognised_and_not_answered(name: str) -> None:
    mail = machine(name)

    assert (mail.kind, mail.reply_allowed) == (MACHINES[name][0], False), mail.reasons
    assert mail.reasons


def test_a_read_receipt_is_marked() -> None:
    assert machine("read_receipt").read_receipt
    assert machine("read_receipt_subject").read_receipt
    assert not machine("noreply").read_receipt


def test_a_bounce_that_comes_from_our_own_domain_is_a_bounce() -> None:
    raw = (
        b"From: MAILER-DAEMON@mail.contoh.id\nMessage-ID: <x@mail.contoh.id>\nX-Failed-Recipients: a@b.contoh.id\n"
        b"Subject: Mail delivery failed\n\nx"
    )

    assert parse_mail(raw, own=OWN).kind == "bounce"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ("From: a@b.contoh.id\nTo: orang@lain.contoh.id", "not_addressed_to_us"),
        ("From: undisclosed\nTo: pst@contoh.id", "no_sender"),
        ("From: a@b.contoh.id\nTo: pst@contoh.id\nFeedback-ID: 1:2:3", "bulk_mark"),
        ("From: a@b.contoh.id\nTo: pst@contoh.id\nX-Auto-Response-Suppress: DR", "auto_response_suppress"),
    ],
)
def test_a_doubtful_message_stays_a_message_but_gets_no_automatic_answer(headers: str, code: str) -> None:
    mail = parse_mail(f"{headers}\nSubject: x\n\nhalo".encode(), own=OWN)

    assert (mail.kind, mail.reply_allowed) == ("message", False)
    assert code in [reason.code for reason in mail.reasons]


def test_a_plus_address_of_ours_counts_as_ours() -> None:
    assert parse_mail(b"From: a@b.contoh.id\nTo: pst+abc@contoh.id\n\nhalo", own=OWN).reply_allowed


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "AAAA"),
        ('multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b', "--b\n\nx\n--b--"),
        ("text/plain", "-----BEGIN PGP MESSAGE-----\n\nabc"),
    ],
)
def test_an_encrypted_mail_is_unreadable_but_its_writer_may_be_told_so(content_type: str, body: str) -> None:
    mail = parse_mail(
        f"From: a@b.contoh.id\nTo: pst@contoh.id\nContent-Type: {content_type}\n\n{body}".encode(), own=OWN
    )

    assert (mail.kind, mail.reply_allowed) == ("encrypted", True)


def test_a_signed_mail_is_read_like_any_other() -> None:
    raw = (
        b'From: a@b.contoh.id\nContent-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\n\n'
        b"--b\nContent-Type: text/plain\n\nMohon data.\n"
        b"--b\nContent-Type: application/pgp-signature; name=signature.asc\n\n"
        b"-----BEGIN PGP SIGNATURE-----\n--b--\n"
    )
    mail = parse_mail(raw)

    assert (mail.kind, mail.text, mail.attachments) == ("message", "Mohon data.", ())


def test_a_calendar_file_that_somebody_attached_is_a_file() -> None:
    raw = (
        b"From: a@b.contoh.id\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nIni jadwalnya.\n"
        b"--b\nContent-Type: text/calendar; method=REQUEST; name=j.ics\n"
        b"Content-Disposition: attachment; filename=j.ics\n\n"
        b"BEGIN:VCALENDAR\nMETHOD:REQUEST\n--b--\n"
    )
    mail = parse_mail(raw)

    assert (mail.kind, [a.filename for a in mail.attachments]) == ("message", ["j.ics"])


@pytest.mark.parametrize(
    "text",
    [
        "Mohon maaf, saya sedang cuti sampai 12 Oktober.",
        "Saya sedang dinas luar dan akan kembali pada tanggal 12.",
        "Saat ini saya tidak berada di kantor.",
        "Pesan ini dikirim secara otomatis.",
        "I am currently out of the office.",
    ],
)
def test_an_absence_note_without_any_header_is_flagged_and_not_answered(text: str) -> None:
    mail = parse_mail(f"From: a@b.contoh.id\nSubject: Re: Jawaban\n\n{text}".encode())

    assert mail.absent
    assert not mail.reply_allowed


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your email. I will be away until Monday. For urgent matters please contact budi@contoh.id.",
        "Rina no longer works here. Please contact info@contoh.id instead.",
        "My email address has changed. This is an automatic message.",
        "Pesan Anda sudah kami terima. Untuk hal mendesak silakan hubungi 0812 0000 0000. Pesan otomatis.",
        "Ich bin bis zum 12. Oktober abwesend. In dringenden Fällen wenden Sie sich bitte an info@contoh.id.",
    ],
)
def test_what_only_a_responder_says_twice_is_a_responder(text: str) -> None:
    mail = parse_mail(f"From: a@b.contoh.id\nSubject: Re: Jawaban\n\n{text}".encode())

    assert (mail.kind, mail.reply_allowed) == ("auto_reply", False), mail.reasons


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your message. Please contact me at rina@contoh.id.",
        "Saya sedang cuti sampai Senin, tetapi mohon data inflasi dikirim ke alamat ini. Ini bukan pesan otomatis.",
        "Terima kasih. Datanya sudah saya terima.",
        "We have received your table, thank you. It will be used in our report.",
        "I am on leave until Monday but I need the 2024 figures. Is the automatic table right?",
    ],
)
def test_polite_words_and_requests_are_of_people(text: str) -> None:
    mail = parse_mail(f"From: a@b.contoh.id\nSubject: Re: Jawaban\n\n{text}".encode())

    assert (mail.kind, mail.reply_allowed) == ("message", True), mail.reasons
