"""Captured shapes of webhooks, and the reading that belongs to each; and no shape at all may break the reader."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.twilio_form import FormError, field, form_fields, read_form
from bot.channels.whatsapp_identity import address_of, addressee, channel_address, identities
from bot.channels.whatsapp_reading import is_placeholder, read_message

FORMS = sorted((Path(__file__).parent / "whatsapp").glob("*.form"))


def reading(raw: bytes) -> dict[str, Any]:
    fields = form_fields(read_form(raw.strip()))
    incoming, who = read_message(fields), identities(fields)
    found = {
        "address": who.address, "phone": who.phone, "bsuid": who.bsuid, "text": incoming.text,
        "button": incoming.button, "tokens": list(incoming.tokens), "machine": incoming.machine,
        "files": [f"{m.content_type} {m.filename}" for m in incoming.media],
        "profile_name": incoming.profile_name, "replied_to": incoming.thread.get("replied_to"),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_a_captured_form_is_read_as_it_says_beside_it(path: Path) -> None:
    assert reading(path.read_bytes()) == tomllib.loads(path.with_suffix(".toml").read_text())


def test_there_are_forms() -> None:
    assert len(FORMS) >= 35


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_the_phone_of_the_message_is_the_phone_of_its_sender(path: Path) -> None:
    fields = form_fields(read_form(path.read_bytes().strip()))
    assert read_message(fields).phone == address_of(fields)[1]


def test_who_hides_his_number_is_known_by_one_address_and_who_does_not_by_two() -> None:
    hidden = identities({"From": "whatsapp:ID.1", "ExternalUserId": "whatsapp:ID.1", "WaId": ""})
    shown = identities({"From": "whatsapp:+6281230000001", "ExternalUserId": "whatsapp:ID.1"})
    assert (hidden.address, hidden.also) == ("ID.1", None)
    assert (shown.address, shown.also) == ("ID.1", "+6281230000001")


def test_an_address_goes_back_as_it_came() -> None:
    assert channel_address("+6281230000001") == "whatsapp:+6281230000001"
    assert channel_address("ID.4566") == "whatsapp:ID.4566"
    assert channel_address("whatsapp:ID.4566") == "whatsapp:ID.4566"
    assert addressee({"To": "whatsapp:+6281230000001"}) == "+6281230000001"


@pytest.mark.parametrize(
    ("payload", "button", "tokens"),
    [
        ("helpful|t-1", "helpful", ("t-1",)),
        ("rate:5|t-1", "rate:5", ("t-1",)),
        ("release", "release", ()),
        ("helpful|", "helpful", ()),
        ("helpful|t|u", "helpful", ("t|u",)),
        ("", None, ()),
        ("Ya, mau", None, ()),
        ('{"a":1}', None, ()),
        ("|t-1", None, ()),
        ("x" * 300, None, ()),
    ],
)
def test_a_payload_is_ours_or_only_words(payload: str, button: str | None, tokens: tuple[str, ...]) -> None:
    incoming = read_message({"ButtonPayload": payload, "Body": "Ya"})
    assert (incoming.button, incoming.tokens, incoming.text) == (button, tokens, "Ya")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[gambar: foto.jpg]", True), ("[pesan suara]", True), ("[lokasi: Pasar (1, 2)]", True),
        ("[gambar: a.png]\n[dokumen: b.pdf]", True), ("[stiker] apa ini", False), ("halo", False), ("", False),
    ],
)  # fmt: skip
def test_our_words_for_wordless_things_are_recognised(text: str, expected: bool) -> None:
    assert is_placeholder(text) is expected


NAMES = st.sampled_from(
    ["Body", "From", "To", "ExternalUserId", "WaId", "NumMedia", "MediaUrl0", "MediaContentType0", "MessageType",
     "ButtonPayload", "ListId", "ButtonText", "ListTitle", "Latitude", "Longitude", "Label", "Address", "ProfileName",
     "OptOutType", "OriginalRepliedMessageSid", "MessageStatus", "ErrorCode", "MessageSid"]
)  # fmt: skip
ANYTHING = st.text(max_size=60)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(NAMES | ANYTHING, ANYTHING), max_size=15))
def test_no_form_whatever_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    fields = form_fields(pairs)
    incoming = read_message(fields)
    assert incoming.text
    assert "\x00" not in incoming.text + identities(fields).address
    assert incoming.profile_name is None or len(incoming.profile_name) <= 100


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_form(body: bytes) -> None:
    assert read_message(form_fields(read_form(body))).text


@pytest.mark.parametrize("value", [None, 7, ["a", "b"], [], {"a": 1}, [None]])
def test_fields_of_any_kind_are_taken(value: Any) -> None:
    incoming = read_message({"Body": value if value is not None else "", "NumMedia": "x", "MediaUrl0": "u"})
    assert incoming.media[0].url == "u"


def test_a_form_of_thousands_of_fields_is_none_of_twilios() -> None:
    with pytest.raises(FormError):
        read_form(b"&".join(b"a=%d" % n for n in range(1000)))


def test_blank_and_repeated_fields_are_kept() -> None:
    pairs = read_form(b"Body=&Media=a&Media=b&Name=+x+")
    assert pairs == (("Body", ""), ("Media", "a"), ("Media", "b"), ("Name", " x "))
    assert form_fields(pairs) == {"Body": "", "Media": ["a", "b"], "Name": " x "}
    assert field(form_fields(pairs), "Media") == "a"
