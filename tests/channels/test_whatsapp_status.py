"""Delivery reports: which message they mean, and how far it has come."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Report
from bot.channels.whatsapp_status import Callbacks, Origin, read_status, report_key, status_of

CALLBACKS = Callbacks("https://konsultasi.example", "3514", "secret-of-the-service")
TOKEN = "0f1e2d3c-4b5a-4968-8776-655443322110"


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def test_the_address_is_one_of_our_routes_with_the_retries_that_we_want() -> None:
    parts = urlsplit(CALLBACKS.address(TOKEN))
    assert (parts.scheme, parts.netloc, parts.path) == (
        "https", "konsultasi.example", "/webhooks/twilio/3514/status",
    )  # fmt: skip
    assert parts.fragment == "rc=3&rp=5xx,ct,rt&ct=2000&rt=4000"


@given(st.text(min_size=1, max_size=50), st.integers(1, 3), st.integers(1, 3))
def test_an_address_names_its_message_again(token: str, part: int, parts: int) -> None:
    query = query_of(CALLBACKS.address(token, part, parts))
    assert CALLBACKS.origin(query) == Origin(token, last=part == parts)


@pytest.mark.parametrize(
    "change",
    [{"oid": "another"}, {"k": "0" * 32}, {"k": ""}, {"p": "1.2"}, {"p": ""}, {"oid": ""}, {"k": "\u00e9" * 32}],
    ids=str,
)
def test_an_address_that_we_did_not_make_names_nobody(change: dict[str, str]) -> None:
    query = query_of(CALLBACKS.address(TOKEN)) | change
    assert CALLBACKS.origin(query) is None
    assert read_status({"MessageSid": "SM1", "MessageStatus": "read"}, query, CALLBACKS) == Report(None, "SM1", 5)


def test_the_key_is_not_printed() -> None:
    assert "secret" not in repr(CALLBACKS)


def test_another_office_and_another_key_make_other_seals() -> None:
    query = query_of(CALLBACKS.address(TOKEN))
    assert Callbacks("https://konsultasi.example", "3574", "secret-of-the-service").origin(query) is None
    assert Callbacks("https://konsultasi.example", "3514", "another secret").origin(query) is None


@pytest.mark.parametrize(
    ("status", "rank"),
    [("accepted", 0), ("scheduled", 0), ("queued", 1), ("sending", 2), ("sent", 3), ("partially_delivered", 3),
     ("delivered", 4), ("read", 5), ("READ", 5), ("receiving", 0), ("", 0), ("something new", 0)],
)  # fmt: skip
def test_a_status_has_its_rank(status: str, rank: int) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": status}
    assert read_status(fields, query_of(CALLBACKS.address(TOKEN)), CALLBACKS) == Report(TOKEN, "SM1", rank)


@pytest.mark.parametrize("status", ["failed", "undelivered", "canceled"])
def test_a_failure_says_why_in_words(status: str) -> None:
    fields = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": "63024"}
    report = read_status(fields, query_of(CALLBACKS.address(TOKEN)), CALLBACKS)
    assert (report.token, report.failed, report.code, report.rank) == (TOKEN, True, "63024", 0)
    assert "Penerima tidak dapat menerima" in report.words


def test_a_failure_without_a_code_has_words_too() -> None:
    report = read_status({"MessageSid": "SM1", "SmsStatus": "failed"}, {}, CALLBACKS)
    assert report.failed
    assert report.words


def test_an_earlier_part_counts_only_when_it_fails() -> None:
    query = query_of(CALLBACKS.address(TOKEN, 1, 2))
    assert read_status({"MessageSid": "SM1", "MessageStatus": "read"}, query, CALLBACKS) == Report(TOKEN, "SM1", 0)
    assert read_status({"MessageSid": "SM1", "MessageStatus": "failed"}, query, CALLBACKS).failed
    last = query_of(CALLBACKS.address(TOKEN, 2, 2))
    assert read_status({"MessageSid": "SM2", "MessageStatus": "read"}, last, CALLBACKS).rank == 5


def test_a_report_that_names_its_status_only_as_an_event_is_understood() -> None:
    assert status_of({"EventType": "READ"}) == "read"


def test_the_same_status_twice_has_one_key() -> None:
    first = {"MessageSid": "SM1", "MessageStatus": "sent", "RawDlrDoneDate": "1"}
    assert report_key(first) == report_key({"SmsSid": "SM1", "SmsStatus": "sent"}) == "SM1:sent"


@given(st.dictionaries(st.sampled_from(["MessageStatus", "ErrorCode", "MessageSid", "EventType"]), st.text()),
       st.dictionaries(st.sampled_from(["oid", "p", "k"]), st.text()))  # fmt: skip
def test_no_report_whatever_breaks_the_reader(fields: dict[str, str], query: dict[str, str]) -> None:
    assert read_status(fields, query, CALLBACKS).token is None
