"""The door: every trap of Twilio's signature, and the reason that the operator is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.twilio_form import read_form
from bot.channels.twilio_signature import Accepted, Cause, Doorman, Rejected
from bot.settings import Secret, TwilioAccess
from tests.channels.whatsapp_scene import ACCOUNT, SENDER, TOKEN, Key, Office
from tests.standins.twilio_model import Account
from tests.standins.twilio_webhooks import signature, signed_headers

URL = "https://konsultasi.example/webhooks/twilio/3514/message"
FORM = [
    ("MessageSid", "SM1"), ("AccountSid", ACCOUNT), ("From", "whatsapp:+6281230000001"), ("To", SENDER),
    ("Body", " Selamat pagi & \u00e9 \U0001f64f "), ("Blank", ""), ("Labels", "b"), ("Labels", "a"), ("Labels", "b"),
]  # fmt: skip
STATUS = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("AccountSid", ACCOUNT), ("From", SENDER),
          ("To", "whatsapp:+6281230000001")]  # fmt: skip
Pairs = Sequence[tuple[str, str]]


def signed(url: str = URL, pairs: Pairs = FORM, secret: str = TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": signature(url, pairs, secret)}


def cause(headers: Mapping[str, str], *, url: str = URL, pairs: Pairs = FORM, office: Office | None = None) -> str:
    verdict = Doorman(office or Office()).check(url, pairs, headers)
    return "" if isinstance(verdict, Accepted) else verdict.cause.value


def test_what_twilio_signed_comes_in() -> None:
    assert cause(signed()) == ""


def test_a_form_that_went_over_the_wire_comes_in() -> None:
    assert cause(signed(), pairs=read_form(urlencode(FORM).encode())) == ""


def test_header_names_may_be_written_in_any_case() -> None:
    assert cause({"x-twilio-signature": signed()["X-Twilio-Signature"]}) == ""


def test_a_status_report_from_our_sender_comes_in() -> None:
    url = f"{URL.removesuffix('message')}status?oid=a%2Fb&p=1.1&k=0"
    assert cause(signed(url, STATUS), url=url, pairs=STATUS) == ""


@pytest.mark.parametrize(
    "pairs",
    [
        [p for p in FORM if p[1]], [(n, v.strip()) for n, v in FORM], [*FORM, ("Added", "")], FORM[1:],
        [(n, v.replace("Selamat", "selamat")) for n, v in FORM],
    ],
    ids=["blank values dropped", "values stripped", "a field added", "a field dropped", "a letter changed"],
)  # fmt: skip
def test_a_form_that_was_changed_stays_out(pairs: Pairs) -> None:
    assert cause(signed(), pairs=pairs) == Cause.SECRET


def test_repeated_values_count_once_and_in_any_order() -> None:
    assert cause(signed(), pairs=[*reversed(FORM)]) == ""
    assert cause(signed(), pairs=[p for p in FORM if p != ("Labels", "a")]) == Cause.SECRET


def test_the_sdk_alone_fails_on_repeated_names_in_a_plain_dict() -> None:
    """Why the form is handed to the SDK's validator in a shape of our own."""
    from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

    with pytest.raises(TypeError):
        RequestValidator(TOKEN).compute_signature(URL, {"Labels": ["a", "b"]})


@pytest.mark.parametrize(
    "called",
    [URL.replace("https", "http"), URL + "/", "https://intern:8000" + URL.removeprefix("https://konsultasi.example")],
    ids=["scheme", "slash", "host"],
)
def test_a_wrong_public_address_is_named_but_does_not_open_the_door(called: str) -> None:
    headers = signed(called) | {"Host": "intern:8000"}
    verdict = Doorman(Office()).check(URL, FORM, headers)
    assert isinstance(verdict, Rejected)
    assert verdict.cause is Cause.ADDRESS
    assert called in verdict.reason


def test_a_forwarded_host_is_looked_at_for_the_reason_only() -> None:
    called = URL.replace("konsultasi.example", "wa.example")
    assert cause(signed(called) | {"X-Forwarded-Host": "wa.example, proxy"}) == Cause.ADDRESS
    assert cause(signed(called) | {"Host": "konsultasi.example"}) == Cause.SECRET


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_a_port_in_the_public_address_does_no_harm(port: str) -> None:
    url = URL.replace(".example", f".example{port}")
    assert cause(signed(URL), url=url) == ""


@pytest.mark.parametrize("secret", [TOKEN, "the-new-token"])
def test_while_the_token_is_rotated_both_sign(secret: str) -> None:
    office = Office(auth_tokens=(Key(TOKEN), Key("the-new-token")))
    assert cause(signed(secret=secret), office=office) == ""
    assert cause(signed(secret="a third one"), office=office) == Cause.SECRET


@pytest.mark.parametrize(
    "headers", [{}, {"X-Twilio-Signature": ""}, {"Authorization": "x"}, {"X-Other": signed()["X-Twilio-Signature"]}]
)
def test_without_a_signature_nothing_comes_in(headers: dict[str, str]) -> None:
    assert cause(headers) == Cause.NO_SIGNATURE


def test_another_account_is_named() -> None:
    foreign = [(n, "AC9" if n == "AccountSid" else v) for n, v in FORM]
    assert cause(signed(pairs=foreign), pairs=foreign) == Cause.ACCOUNT
    assert cause(signed(pairs=foreign, secret="theirs"), pairs=foreign) == Cause.ACCOUNT


def test_another_number_is_named() -> None:
    foreign = [(n, "whatsapp:+6281230003574" if n == "To" else v) for n, v in FORM]
    assert cause(signed(pairs=foreign), pairs=foreign) == Cause.SENDER


def test_a_message_from_our_own_number_is_no_message_to_us() -> None:
    turned = [(n, SENDER if n == "From" else "whatsapp:+6281230000001" if n == "To" else v) for n, v in FORM]
    assert cause(signed(pairs=turned), pairs=turned) == Cause.SENDER


# --- the shared key -----------------------------------------------------------------------------------------------

SHARED = Office(shared_key=Key("the-shared-key"))


def by_shared_key(secret: str = "the-shared-key") -> dict[str, str]:
    account = Account(ACCOUNT, [TOKEN], [SENDER], shared_key=secret)
    return signed_headers(account, URL, FORM)


def test_a_shared_key_signs_with_sha_256() -> None:
    assert cause(by_shared_key(), office=SHARED) == ""
    assert cause(by_shared_key("another"), office=SHARED) == Cause.SECRET


@pytest.mark.parametrize("settings_header", [None, "", "key=k", "key=k,algorithm=HMAC_SHA1", "algorithm=HMAC_MD5"])
def test_with_a_shared_key_the_header_cannot_choose_the_weaker_way(settings_header: str | None) -> None:
    headers = signed(secret=TOKEN)
    if settings_header is not None:
        headers["X-Twilio-Webhooks-Signature-Settings"] = settings_header
    assert cause(headers, office=SHARED) == Cause.SHARED_KEY
    assert cause(signed(secret="the-shared-key") | headers, office=SHARED) == Cause.SHARED_KEY


def test_a_shared_key_that_is_not_configured_is_named() -> None:
    assert cause(by_shared_key()) == Cause.SHARED_KEY


# --- the settings -------------------------------------------------------------------------------------------------


def test_the_account_of_the_settings_is_one() -> None:
    access = TwilioAccess(ACCOUNT, (Secret(TOKEN),), SENDER, {}, Secret("the-shared-key"))
    assert isinstance(Doorman(access).check(URL, FORM, by_shared_key()), Accepted)


# --- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("office", [Office(), SHARED], ids=["token", "shared key"])
def test_what_we_sign_for_the_self_test_comes_in(office: Office) -> None:
    doorman = Doorman(office)
    assert isinstance(doorman.check(URL, FORM, doorman.sign(URL, FORM)), Accepted)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=6),
    st.dictionaries(st.sampled_from(["X-Twilio-Signature", "Host", "X-Forwarded-Host"]), st.text(max_size=20)),
)
def test_no_request_whatever_breaks_the_door(pairs: list[tuple[str, str]], headers: dict[str, str]) -> None:
    verdict = Doorman(Office()).check(URL, pairs, headers)
    assert isinstance(verdict, Rejected)
    assert len(verdict.reason) <= 200
    assert TOKEN not in verdict.reason


@pytest.mark.parametrize("url", ["https://konsultasi.example:port/x", "http://[broken/x", "", "https://a:b@c/x"])
def test_an_address_that_is_none_lets_nobody_in(url: str) -> None:
    assert cause(signed(), url=url) in (Cause.SECRET, Cause.ADDRESS)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=5)), max_size=8))
def test_every_form_that_is_signed_as_described_comes_in(pairs: list[tuple[str, str]]) -> None:
    """The stand-in signs from the description, the door checks with the SDK: they agree on any form."""
    others = (pair for pair in pairs if pair[0] not in ("AccountSid", "To", "MessageStatus"))
    pairs = [*others, ("AccountSid", ACCOUNT), ("To", SENDER)]
    assert cause(signed(pairs=pairs), pairs=pairs) == ""
