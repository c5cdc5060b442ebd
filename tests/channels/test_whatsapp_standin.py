"""The played Twilio itself: it calls as Twilio calls, reports as Twilio reports, and hides nothing from a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from bot.channels.twilio_form import field as value_of
from bot.channels.twilio_form import form_fields, read_form
from bot.channels.twilio_signature import Accepted, Doorman
from bot.channels.whatsapp_identity import identities
from bot.channels.whatsapp_reading import read_message
from tests.channels.whatsapp_scene import ACCOUNT, RINA, SENDER, TOKEN, Clock, Key, Office, letter, scene
from tests.standins.loopback import Loopback, Reply, Request
from tests.standins.twilio import Provider
from tests.standins.twilio_model import Message
from tests.standins.twilio_people import Person

PUBLIC = "https://konsultasi.example/webhooks/twilio/3514/message"


@dataclass
class Application:
    """Whoever Twilio calls: keeps what came, and says whether the door would have let it in."""

    office: Office = field(default_factory=Office)
    calls: list[tuple[Request, bool]] = field(default_factory=list)

    async def __call__(self, request: Request) -> Reply:
        query = "?" + "&".join(f"{n}={v}" for n, v in request.query) if request.query else ""
        url = PUBLIC.removesuffix("/webhooks/twilio/3514/message") + request.path + query
        good = isinstance(Doorman(self.office).check(url, read_form(request.body), request.headers), Accepted)
        self.calls.append((request, good))
        return Reply(200 if good else 403)

    def forms(self) -> list[dict[str, str | list[str]]]:
        return [form_fields(read_form(request.body)) for request, _ in self.calls]


@contextmanager
def stage(shared_key: str | None = None) -> Iterator[tuple[Provider, Application, Person]]:
    """Twilio on one side, an application on the other, a person in between."""
    office = Office(shared_key=Key(shared_key) if shared_key else None)
    application = Application(office)
    with Loopback(application) as server, Provider(Clock()) as provider:
        provider.account(ACCOUNT, TOKEN, SENDER, message_url=PUBLIC, via=server.url, shared_key=shared_key)
        yield provider, application, provider.user(RINA, bsuid=True)


# --- calling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared_key", [None, "the-shared-key"])
def test_a_persons_words_arrive_signed(shared_key: str | None) -> None:
    with stage(shared_key) as (_, application, rina):
        assert rina.says("halo & apa kabar? \U0001f64f\n").result() == [200]
        assert read_message(application.forms()[0]).text == "halo & apa kabar? \U0001f64f"


@pytest.mark.parametrize("shared_key", [None, "the-shared-key"])
@pytest.mark.parametrize("signing", ["wrong", "none"])
def test_a_call_can_be_badly_signed(shared_key: str | None, signing: str) -> None:
    with stage(shared_key) as (_, _, rina):
        assert rina.says("halo", signing=signing).result() == [403]


def test_a_call_can_come_several_times_with_one_sid() -> None:
    with stage() as (_, application, rina):
        assert rina.says("halo", times=50).result() == [200] * 50
        assert len({value_of(form, "MessageSid") for form in application.forms()}) == 1
        assert rina.says("halo", sid="SM1").result() == [200]
        assert value_of(application.forms()[-1], "MessageSid") == "SM1"


def test_people_show_their_number_hide_it_or_have_no_wa_id() -> None:
    with stage() as (provider, application, rina):
        rina.says("1").result()
        provider.user("+6281230000002", hides_number=True).says("2").result()
        provider.user("+6281230000003", omits_wa_id=True).says("3").result()
        shown, hidden, silent = application.forms()
        assert (identities(shown).phone, identities(shown).bsuid) == (RINA, rina.bsuid)
        assert (identities(hidden).phone, hidden["WaId"]) == (None, "")
        assert "WaId" not in silent
        assert identities(silent).address == "+6281230000003"


def test_a_person_taps_what_was_sent() -> None:
    with stage() as (provider, application, rina):
        message = Message(
            "SM1", provider.default, SENDER, rina.address, "Yang mana?", "outbound-api", provider.now(),
            buttons=(("helpful|token-1", "Sudah jelas"),), button_kind="twilio/quick-reply",
        )  # fmt: skip
        rina.taps(message, "Sudah jelas").result()
        message.button_kind = "twilio/list-picker"
        rina.taps(message, "Sudah jelas").result()
        for form in application.forms():
            incoming = read_message(form)
            assert (incoming.button, incoming.tokens, incoming.text) == ("helpful", ("token-1",), "Sudah jelas")
            assert incoming.thread == {"replied_to": "SM1"}


def test_files_places_and_anything_else_arrive() -> None:
    with stage() as (provider, application, rina):
        rina.sends_file(b"x", "image/png", kind="image", caption="ini").result()
        rina.sends({"MessageType": "location", "Latitude": "-7.6", "Longitude": "112.9"}).result()
        picture, place = (read_message(form) for form in application.forms())
        assert picture.media[0].url.startswith(provider.url)
        assert (picture.text, place.text) == ("ini", "[lokasi: -7.6, 112.9]")


def test_an_application_that_is_down_is_called_in_vain() -> None:
    with stage() as (provider, _, rina):
        provider.default.via = "http://127.0.0.1:1"
        assert rina.says("halo").result() == [0]


# --- reporting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared_key", [None, "the-shared-key"])
def test_reports_follow_signed_and_in_the_order_that_a_test_wants(shared_key: str | None) -> None:
    with stage(shared_key) as (provider, application, rina):
        callback = PUBLIC.replace("message", "status") + "?oid=a-b&k=1#rc=3"
        message = Message(
            "SM1", provider.default, SENDER, rina.address, "x", "outbound-api", provider.now(), callback=callback
        )
        for status, code in (("read", ""), ("sent", ""), ("sent", ""), ("undelivered", "63024")):
            assert provider.report(message, status, code).result() == 200
        forms = application.forms()
        assert [form["MessageStatus"] for form in forms] == ["read", "sent", "sent", "undelivered"]
        assert (forms[0]["EventType"], forms[3]["ErrorCode"]) == ("READ", "63024")
        assert all(good for _, good in application.calls)


@pytest.mark.asyncio
async def test_a_report_can_come_before_the_answer() -> None:
    async with scene() as s:
        s.provider.next_send("early-report")
        await s.channel().send(letter())
        assert s.provider.expect(RINA).status == "delivered"


@pytest.mark.asyncio
async def test_a_message_can_be_taken_and_never_heard_of_again() -> None:
    async with scene() as s:
        s.provider.next_send("accept-then-drop")
        await s.channel().send(letter())
        await s.provider.idle()
        assert s.provider.expect(RINA).status == "queued"


@pytest.mark.asyncio
async def test_an_outcome_waits_for_the_one_it_is_meant_for() -> None:
    async with scene() as s:
        s.provider.next_send("63016", to="+6281230000002")
        await s.channel().send(letter())
        s.provider.expect(RINA)
        assert len(s.provider.script) == 1


# --- what no test named -------------------------------------------------------------------------------------------


def test_what_no_test_named_fails_the_test() -> None:
    with stage() as (provider, _, rina):
        for body in ("satu", "dua"):
            provider.messages.append(
                Message("SM", provider.default, SENDER, rina.address, body, "outbound-api", provider.now())
            )
        assert provider.expect(None, "dua").body == "dua"
        assert [m.body for m in provider.unexpected()] == ["satu"]
        with pytest.raises(AssertionError, match="satu"):
            provider.check()
        with pytest.raises(AssertionError, match="nothing to"):
            provider.expect(RINA, "tiga")
        provider.expect(None)
        provider.check()


def test_a_fault_of_the_stand_in_is_not_taken_for_a_fault_of_the_program() -> None:
    with stage() as (provider, _, _):
        provider._server.faults.append(RuntimeError("mine"))
        with pytest.raises(AssertionError, match="mine"):
            provider.check()
