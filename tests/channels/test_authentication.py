"""Only the office's own server is believed about a sender, and only its topmost field."""

import pytest

from bot.channels.authentication import likely_servers
from bot.channels.mime import parse_mail

OURS = frozenset({"mx.contoh.id"})


def verdict(*fields: str, sender: str = "rina@warga.contoh.id", trusted: frozenset[str] | None = OURS) -> str:
    lines = [f"Authentication-Results: {field}" for field in fields]
    return parse_mail("\n".join([*lines, f"From: {sender}", "", "x"]).encode(), trusted_authserv=trusted).authentication


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("mx.contoh.id; dmarc=pass header.from=warga.contoh.id", "pass"),
        ("mx.contoh.id 1; dkim=fail; spf=fail; dmarc=pass (p=none) header.from=warga.contoh.id", "pass"),
        ("mx.contoh.id; spf=pass smtp.mailfrom=warga.contoh.id; dmarc=fail header.from=warga.contoh.id", "fail"),
        ("mx.contoh.id; dmarc=none; spf=pass smtp.mailfrom=rina@warga.contoh.id", "pass"),
        ("mx.contoh.id; dkim=pass header.d=mail.warga.contoh.id", "pass"),
        ("mx.contoh.id; dkim=pass header.d=massal.contoh.id", "none"),
        ("mx.contoh.id; spf=fail smtp.mailfrom=warga.contoh.id", "fail"),
        ("mx.contoh.id; spf=softfail smtp.mailfrom=warga.contoh.id", "none"),
        ("mx.contoh.id; dkim=fail header.d=warga.contoh.id; spf=pass smtp.mailfrom=lain.contoh.id", "none"),
        ("mx.contoh.id; dmarc=temperror", "none"),
        ("mx.contoh.id; none", "none"),
        ("MX.Contoh.ID; DMARC=Pass", "pass"),
        ("lain.contoh.id; dmarc=pass", "none"),
        ("", "none"),
        (";;;===", "none"),
    ],
)
def test_the_verdict_of_our_own_server_counts(field: str, expected: str) -> None:
    assert verdict(field) == expected


def test_no_field_gives_no_verdict() -> None:
    assert verdict() == "none"


def test_a_field_forged_below_ours_is_not_read() -> None:
    assert verdict("mx.contoh.id; dmarc=fail", "mx.contoh.id; dmarc=pass") == "fail"


def test_a_field_of_a_stranger_above_ours_is_passed_over() -> None:
    assert verdict("jahat.contoh.id; dmarc=pass", "mx.contoh.id; dmarc=fail") == "fail"


def test_a_domain_that_only_ends_alike_is_not_aligned() -> None:
    assert verdict("mx.contoh.id; dkim=pass header.d=ga.contoh.id", sender="a@warga.contoh.id") == "none"
    assert verdict("mx.contoh.id; spf=pass smtp.mailfrom=id", sender="a@warga.contoh.id") == "none"


def test_for_looking_only_the_topmost_field_is_believed() -> None:
    assert verdict("entah.contoh.id; dmarc=pass", "mx.contoh.id; dmarc=fail", trusted=None) == "pass"


def test_a_failure_is_believed_of_any_server_where_ours_says_nothing() -> None:
    assert verdict("lain.contoh.id; dmarc=fail") == "fail"
    assert verdict("lain.contoh.id; dmarc=fail", "mx.contoh.id; dmarc=pass") == "pass"


@pytest.mark.parametrize(
    ("address", "host", "field", "expected"),
    [
        ("pst@kantor.contoh.id", "", "mx3.kantor.contoh.id; dmarc=pass", "pass"),
        ("pst@kantor.contoh.id", "imap.gmail.com", "mx.google.com; dmarc=pass", "pass"),
        ("pst@kantor.contoh.id", "", "mx.google.com; dmarc=pass", "none"),
        ("pst@kantor.contoh.id", "", "jahatkantor.contoh.id; dmarc=pass", "none"),
        ("pst@kantor.contoh.id", "mail.pusat.contoh.id", "mail.pusat.contoh.id; dmarc=pass", "pass"),
        (
            "pst@kantor.contoh.id", "outlook.office365.com",
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=warga.contoh.id; dmarc=pass action=none", "pass",
        ),
        ("pst@kantor.contoh.id", "", "spf=pass smtp.mailfrom=warga.contoh.id; dmarc=pass", "none"),
    ],
)  # fmt: skip
def test_the_office_s_servers_are_known_by_its_domain_and_provider(
    address: str, host: str, field: str, expected: str
) -> None:
    assert verdict(field, trusted=likely_servers(address, host)) == expected
