"""Subjects of one thread are equal once prefixes and tags are gone; numbers are found, and only numbers."""

import pytest

from bot.channels.subjects import consultation_number, is_forward, normalised


@pytest.mark.parametrize(
    "subject",
    [
        "Data inflasi",
        "Re: Data inflasi",
        "RE: re: Data inflasi",
        "Bls: Data inflasi",
        "Balas : Data inflasi",
        "Fwd: Data inflasi",
        "Trs: Data inflasi",
        "AW: WG: Data inflasi",
        "SV: VS: Data inflasi",
        "RV: Data inflasi",
        "Antw: Data inflasi",
        "回复：Data inflasi",
        "Re[2]: Data inflasi",
        "Re(3): Data inflasi",
        "RE^2: Data inflasi",
        "R: I: Data inflasi",
        "Re: Data inflasi [PST-3574-2026-000123]",
        "[PST-3574-2026-000123] Re: Data  inflasi",
        "Odp: Data inflasi",
        "YNT: Data inflasi",
        "TR : Data inflasi",
    ],
)
def test_subjects_of_one_thread_are_equal(subject: str) -> None:
    assert normalised(subject) == "data inflasi"


@pytest.mark.parametrize(
    "subject", ["Rencana: data", "Hal: data", "Ref 5", "Tr", "Ia: data", "Data Re: inflasi", "Tanya: data"]
)
def test_other_words_are_no_prefixes(subject: str) -> None:
    assert normalised(subject) == subject.casefold()


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: Data [PST-3574-2026-000123]", "3574-2026-000123"),
        ("3514-2026-000001", "3514-2026-000001"),
        ("konsultasi PST-3574-2026-000123 lagi", "3574-2026-000123"),
        ("NIK 3574202600012300", None),
        ("13574-2026-000123", None),
        ("3574-2026-0001234", None),
        ("3574-2026-00012", None),
        ("0812-3456-789012", "0812-3456-789012"),
        ("", None),
    ],
)
def test_a_consultation_number_is_found(subject: str, number: str | None) -> None:
    assert consultation_number(subject) == number


@pytest.mark.parametrize(
    ("subject", "forward"), [("Fwd: a", True), ("FW: a", True), ("Trs: a", True), ("Re: a", False), ("a", False)]
)
def test_a_forward_is_known_by_its_first_prefix(subject: str, forward: bool) -> None:
    assert is_forward(subject) is forward
