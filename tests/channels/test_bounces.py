"""Delivery reports: whom they are about, why, for good or for now, and which mail of ours they bring back."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.channels.bounces import derived_status, stated_status
from bot.channels.mime import Mail, parse_mail

FOLDER = Path(__file__).parent / "mail" / "bounces"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text("utf-8"))


def report(name: str) -> Mail:
    return parse_mail((FOLDER / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_report_is_read(name: str) -> None:
    mail, expected = report(name), EXPECTED[name]

    assert (mail.kind, mail.reply_allowed) == ("bounce", False), mail.reasons
    assert mail.bounce is not None
    first = mail.bounce.recipients[0]
    assert first.recipient == expected["recipient"]
    assert first.status == expected["status"]
    assert first.permanent == expected["permanent"]
    assert (mail.bounce.original_message_id or "") == expected["original_message_id"]


def test_every_recipient_of_a_report_is_kept() -> None:
    bounce = report("two_recipients_one_arrived").bounce

    assert bounce is not None
    assert [(r.recipient.split("@")[0], r.action) for r in bounce.recipients] == [
        ("penuh", "failed"),
        ("ada", "delivered"),
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 unknown", "5.1.1"),
        ("version 8.14.3 said 550-5.7.1 no", "5.7.1"),
        ("(#5.2.2)", "5.2.2"),
        ("server 10.5.1.1 refused", ""),
        ("released 4.2.1.3", ""),
        ("", ""),
    ],
)
def test_a_stated_status_is_found_and_addresses_of_machines_are_not_one(text: str, status: str) -> None:
    assert stated_status(text) == status


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("user unknown", "5.1.1"),
        ("The mailbox is full", "5.2.2"),
        ("452 mailbox full", "4.2.2"),
        ("host not found", "5.1.2"),
        ("account has been disabled", "5.2.1"),
        ("too many hops", "5.4.6"),
        ("connection timed out", "4.4.1"),
        ("alamat tujuan tidak ditemukan", "5.1.1"),
        ("something else went wrong", "5.0.0"),
        ("450 something else", "4.0.0"),
    ],
)
def test_usual_phrases_give_a_status(text: str, status: str) -> None:
    assert derived_status(text) == status
