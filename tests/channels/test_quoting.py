"""What counts as newly written: one file a case (`mail/trim/<name>.txt`), the expected text beside it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.quoting import trim
from bot.channels.signatures import is_device_line

FOLDER = Path(__file__).parent / "mail" / "trim"
CASES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def body(name: str) -> str:
    return (FOLDER / f"{name}.txt").read_bytes().decode()


@pytest.mark.parametrize("name", CASES)
def test_only_the_newly_written_part_is_kept(name: str) -> None:
    expected = (FOLDER / f"{name}.expected").read_bytes().decode().strip()

    assert trim(body(name)).text == expected


def test_there_are_enough_cases_in_each_language() -> None:
    indonesian = [name for name in CASES if name.startswith("id_")]

    assert len(indonesian) >= 110
    assert len(CASES) - len(indonesian) >= 200


# Shapes of introductions, one each; addresses and names mean nobody.
SHAPES = [
    ("Yes.\n\nOn Jan 15, 2024, John Doe wrote:\n\nHello there", "Yes."),
    ("Yes.\n\nOn 2024-01-15T10:30:00Z, John <j@e.com> wrote:\nHello there", "Yes."),
    ("Yes.\n\nOn Mon, Jan 1, 2024 at 10:00 AM John <j@e.com>wrote:\n> Hello", "Yes."),
    ("Yes.\n\nOriginal Message:\nFrom: a@b.c\nTo: d\nSubject: e\n\nx", "Yes."),
    ("Yes.\n\n2026年10月5日 11:20 太郎:\n> 元", "Yes."),
    (
        "Code:\n\n```\nOn Mon, Jan 1, 2024 at 10:00 AM John <j@e.com> wrote:\n> Hello\n```\n\nWorks?",
        "Code:\n\n```\nOn Mon, Jan 1, 2024 at 10:00 AM John <j@e.com> wrote:\n> Hello\n```\n\nWorks?",
    ),
    ("Hi\n\n━━━━━━━━\nJohn Doe\nCEO", "Hi"),
    (
        "From: my point of view\nthis is good.\nTo: be sure, check.",
        "From: my point of view\nthis is good.\nTo: be sure, check.",
    ),
    ("See https://example.com/what-he-wrote: fine\n\nOn it.", "See https://example.com/what-he-wrote: fine\n\nOn it."),
    (
        "Ok\n\n**From:** John <j@e.com>\n**Sent:** Monday, January 1, 2024 10:00 AM\n**To:** Me\n**Subject:** x\n\nold",
        "Ok",
    ),
    (
        "Ok\n\nOn Monday, January 1, 2024 at 10:00 GMT+7, José O'Brien-Smith (Ext.) <jo@e.com> wrote: \n \n \n old",
        "Ok",
    ),
    ('Ok\n\n"Doe, John" <j@e.com> wrote on 01/15/2024 10:00:00 AM:\n\n> x', "Ok"),
    ("Ok\n\nJohn Doe <j@e.com> schrieb am Mo., 5. Okt. 2026, 11:20:\n\n> x", "Ok"),
    ('Ok\n\nAm 05.10.2026 11:20 schrieb "John" <j@e.com>:\n\nx', "Ok"),
    ("Ok\n\nHans <h@e.de> schrieb:\n> x", "Ok"),
    ("Ok\n\n--- j@e.com schrieb am Mo, 5.10.2026:\n\nVon: J <j@e.com>\nBetreff: x\nAn: y\n\nold", "Ok"),
    ("Ok\n\n> Le 5 oct. 2026 à 11:20, X <x@y.fr> a écrit :\n> \n> a", "Ok"),
    ("Ok\n\nDe: X [mailto:x@y.es]\nEnviado el: lunes\nPara: z\nAsunto: q\n\nold", "Ok"),
    (
        "Ok\n\n-------- Messaggio originale --------\nDa: X <x@y.it>\nData: 05/10/26 11:20\nA: z\nOggetto: q\n\nold",
        "Ok",
    ),
    ('Ok\n\nDen 5 okt 2026 11:20 skrev "X" <x@y.se>:\n> a', "Ok"),
    ("Ok\n\nW dniu pon., 5.10.2026 o 11:20 X <x@y.pl> napisał(a):\n\n> a", "Ok"),
    ("Ok\n\n5 октября 2026 г., 11:20 пользователь X <x@y.ru> написал:\n\n> a", "Ok"),
    ('Ok\n\n05.10.2026, 11:20, "X" <x@y.ru>:\n> a', "Ok"),
    ("Ok\n\n5 Ekim 2026 11:20 tarihinde X <x@y.tr> yazdı:\n\n> a", "Ok"),
    ("Ok\n\n在 2026年10月5日，11:20，X <x@y.cn> 写道：\n\n> a", "Ok"),
    ('Ok\n\n在 2026-10-05 11:20:15，"X" <x@y.cn> 写道：\n\n> a', "Ok"),
    ("Ok\n\nOp 5 okt. 2026, om 11:20 heeft X <x@y.nl> het volgende geschreven:\n\n> a", "Ok"),
    ("Ok\n\nEl El lun, 5 oct 2026 a las 11:20, X <x@y.es>\nescribió:\n\n> a", "Ok"),
    ("Ok\n\nEm 5 de out de 2026, à(s) 11:20, X <x@y.br> escreveu:\n\n> a", "Ok"),
    ("Ok\n\nEm seg, 5 de out de 2026 11:20, X <x@y.br>\nescreveu:\n\n> a", "Ok"),
    ("Ok\n\nFra: X [mailto:x@y.dk] \nSendt: 5. oktober 2026 11:20\nTil: y\nEmne: z\n\nold", "Ok"),
    (
        "Ok\n\nLähettäjä: X <x@y.fi>\nLähetetty: maanantai 5. lokakuuta 2026 11.20\nVastaanottaja: y\nAihe: z\n\nold",
        "Ok",
    ),
    ("Ok\n\nOd: X <x@y.cz>\nKomu: y\nDatum: 05.10.2026 11:20\nPředmět: z\n\nold", "Ok"),
    (
        "Ok\n\n---------- Původní e-mail -----\nOd: X <x@y.cz>\nKomu: y\nDatum: 5. 10. 2026 11:20\nPředmět: z\n\nold",
        "Ok",
    ),
    ("Ok\n\nDne 05.10.2026 v 11:20 X napsal(a):\n> a", "Ok"),
    (
        "On Oct 5, 2026, at 11:20 AM, X <x@y.us> wrote:\n\n> a\n> b\n\nInline answer\n\n> c\n\nAnother\n\n> d\n",
        "> a\n> b\n\nInline answer\n\n> c\n\nAnother",
    ),
    ("Hi,\n\n> a?\n\nyes\n\n> b?\n\nno\n\nThanks,\nBob", "Hi,\n\n> a?\n\nyes\n\n> b?\n\nno"),
    (
        "Line one\n\n\nLine two\n\nSent from my Verizon Wireless 4G LTE smartphone\n\n\n"
        "-------- Original message --------\nSubject: x\nFrom: a <a@b.c>\nTo: d\nCC:\n\nold",
        "Line one\n\n\nLine two",
    ),
]


@pytest.mark.parametrize(("text", "expected"), SHAPES)
def test_introductions_of_many_programs_are_recognised(text: str, expected: str) -> None:
    assert trim(text).text == expected


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("id_gmail_web", True),
        ("id_outlook_desktop", True),
        ("id_thunderbird_inline", True),
        ("id_quote_without_intro", True),
        ("id_sig_dashes", False),
        ("id_hormat_kami", False),
        ("id_empty_reply_all_quote", False),
        ("id_daftar_pertanyaan", False),
    ],
)
def test_quoted_says_whether_an_older_mail_was_taken_away(name: str, quoted: bool) -> None:
    assert trim(body(name)).quoted is quoted


@pytest.mark.parametrize(
    "line",
    [
        "Dikirim dari iPhone saya",
        "Dikirim dari Yahoo Mail di Android",
        "Dikirim dari ponsel cerdas Samsung Galaxy saya.",
        "Dapatkan Outlook untuk Android<https://aka.ms/contoh>",
        "Sent from my iPhone",
        "Sent from Mail for Windows",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Отправлено с iPhone",
        "iPhone'umdan gönderildi",
        "iPhoneから送信",
        "发自我的iPhone",
        "나의 iPhone에서 보냄",
        "Gửi từ iPhone của tôi",
        "Sent with Proton Mail secure email.",
        "*Sent from my Samsung Galaxy smartphone.*",
        "Sent from Yahoo Mail for iPhone <https://contoh.id/app>",
    ],
)
def test_telephone_lines_are_recognised_in_many_languages(line: str) -> None:
    assert is_device_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Dikirim dari kantor pos kemarin sore, mungkin sampai besok atau lusa kalau tidak hujan.",
        "Sent from my desk, is much easier than my mobile phone.",
        "Data dikirim oleh dinas.",
        "",
    ],
)
def test_sentences_are_no_telephone_lines(line: str) -> None:
    assert not is_device_line(line)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_trimmed_without_an_error(text: str) -> None:
    trim(text)


PIECES = st.sampled_from(
    [
        "Halo",
        "",
        "> lama",
        "Pada Sen, 5 Okt 2026 pukul 11.20 A <a@contoh.id> menulis:",
        "-- ",
        "Hormat kami,",
        "Rina",
        "Dari: A <a@contoh.id>",
        "Dikirim: 5 Oktober 2026 11:20",
        "Kepada: B",
        "Perihal: C",
        "-----Pesan Asli-----",
        "menulis:",
        "_______________",
        "Dikirim dari iPhone saya",
        "a sentence that says something about data",
        ">> older",
        "Terima kasih,",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_nothing_is_invented_and_nothing_becomes_empty(lines: list[str]) -> None:
    text = "\n".join(lines)
    result = trim(text).text

    assert bool(result.strip()) == bool(text.strip())
    assert set(result.split("\n")) <= {"", *lines, *(line.strip() for line in lines)}


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_an_answer_above_a_quotation_is_always_found(lines: list[str]) -> None:
    quotation = "\n".join(f"> {line}" for line in lines)

    assert trim(
        f"Jawaban saya ada di sini\n\nPada Sen, 5 Okt 2026 pukul 11.20 A <a@contoh.id> menulis:\n{quotation}"
    ).text in ("Jawaban saya ada di sini", f"Jawaban saya ada di sini\n\n{quotation}".strip())
