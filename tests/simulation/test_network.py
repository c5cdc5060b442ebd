"""The simulated network: what the real one does to long texts, templates and refusals, and its memory of a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.app import postmark
from bot.channels.port import DeliveryError, Letter, Verdict
from bot.channels.simulator import DELIVERED, Delivery, SimulatedMail, SimulatedNetwork, SimulatedWhatsApp
from bot.channels.twilio_errors import fault
from bot.channels.whatsapp_text import LONGEST, units
from bot.core import events as ev
from bot.core.model import Channel
from bot.reader import Brain
from bot.settings import Settings
from bot.simulation.recall import recall
from bot.simulation.world import open_world
from bot.store.database import open_database
from tests.conftest import wib
from tests.web.staging import BUDI, RINA, Staging

NOW = wib("2026-11-20 10:00")
LONG = "\n\n".join(f"{n}. {'Angka ini berasal dari survei. ' * 12}" for n in range(9))


@pytest.fixture
async def staging(settings: Settings, brain: Brain, tmp_path: Path) -> AsyncIterator[Staging]:
    database = open_database(f"sqlite:///{tmp_path}/pst.db")
    yield Staging(await open_world(settings, brain, NOW, database))
    await database.close()


def phone(*, heard: bool = True) -> tuple[SimulatedNetwork, SimulatedWhatsApp]:
    network = SimulatedNetwork(lambda: NOW)
    if heard:
        network.heard("3574", RINA)
    return network, SimulatedWhatsApp(network, "3574", lambda code: fault(code).error())


def letter(text: str, **more: Any) -> Letter:
    return Letter(token="t1", office="3574", recipient=RINA, text=text, created_at=NOW, **more)


async def test_a_long_text_arrives_in_numbered_parts_and_the_last_is_reported() -> None:
    network, port = phone()
    receipt = await port.send(letter(LONG))
    bodies = [d.body for d in network.deliveries]
    assert len(bodies) == 3
    assert all(units(body) <= LONGEST for body in bodies)
    assert [body.endswith(f"({n}/3)") for n, body in enumerate(bodies, 1)] == [True] * 3
    assert receipt.provider_id == network.deliveries[-1].provider_id
    assert len({d.provider_id for d in network.deliveries}) == 3
    assert [(d.provider_id, r.rank) for d, r in network.take_reports()] == [(receipt.provider_id, DELIVERED)]
    assert await port.find(letter(LONG), NOW) == receipt.provider_id


async def test_buttons_that_do_not_fit_beside_a_long_text_become_numbers() -> None:
    network, port = phone()
    await port.send(letter("x " * 600, options=[("yes", "Ya"), ("no", "Belum")]))
    assert network.deliveries[0].buttons == ()
    assert "1. Ya\n2. Belum" in network.deliveries[0].body


async def test_what_fits_keeps_its_buttons() -> None:
    network, port = phone()
    await port.send(letter("Apakah membantu?", options=[("yes", "Ya")]))
    assert list(network.deliveries[0].buttons) == [("yes", "Ya")]


@pytest.mark.parametrize("text", ["x" * 5000, " "])
async def test_what_no_phone_would_take_is_refused(text: str) -> None:
    network, port = phone()
    with pytest.raises(DeliveryError) as refused:
        await port.send(letter(text))
    assert refused.value.verdict is Verdict.REFUSED
    assert network.deliveries == []


async def test_a_template_shows_its_own_words_and_buttons() -> None:
    network, port = phone(heard=False)
    variables = {"1": "3574-2026-000001", "2": "2026-11-18"}
    await port.send(letter("rahasia", template="jawaban_tersedia", variables=variables))
    shown = network.deliveries[0]
    assert "3574-2026-000001" in shown.body
    assert "rahasia" not in shown.body
    assert shown.buttons


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("63016", Verdict.WINDOW_CLOSED), ("63018", Verdict.TRY_AGAIN), ("20003", Verdict.CONFIGURATION),
     ("63024", Verdict.REFUSED), ("timeout", Verdict.UNCERTAIN), ("5xx", Verdict.UNCERTAIN)],
)  # fmt: skip
async def test_a_code_in_a_story_means_what_it_means_at_the_provider(code: str, verdict: Verdict) -> None:
    network, port = phone()
    network.next_send(Channel.WHATSAPP, code)
    with pytest.raises(DeliveryError) as met:
        await port.send(letter("halo"))
    assert met.value.verdict is verdict
    await port.send(letter("halo"))
    assert [d.body for d in network.deliveries] == ["halo"]


async def test_free_text_outside_the_window_is_refused_as_by_the_provider() -> None:
    _, port = phone(heard=False)
    with pytest.raises(DeliveryError) as met:
        await port.send(letter("halo"))
    assert (met.value.code, met.value.verdict) == ("63016", Verdict.WINDOW_CLOSED)


async def test_after_a_restart_phones_and_mailboxes_show_what_they_showed(staging: Staging) -> None:
    number = await staging.consults("berapa harga cabai di pasar Baru?")
    await staging.act(number, lambda at, by: ev.Answered(at, by, LONG))
    await staging.consults_by_mail("Harga", "berapa harga cabai di pasar Baru?")
    late = await staging.consults("berapa panjang jalan kota?", phone="+6281230000002", name="Bayu")
    await staging.until("2026-11-24T10:00:00+07:00")
    await staging.act(late, lambda at, by: ev.Answered(at, by, "Belum ada."))
    before = staging.world.network
    assert {d.kind for d in before.deliveries} == {"text", "template", "email"}

    again, ports = SimulatedNetwork(lambda: staging.world.now), {}
    service = staging.world.service
    for code, office in service.settings.offices.items():
        ports[code, Channel.WHATSAPP] = SimulatedWhatsApp(again, code, lambda c: fault(c).error())
        ports[code, Channel.EMAIL] = SimulatedMail(again, code, postmark(service.settings, office))
    assert await recall(service, again, ports) == len(before.deliveries)
    for address in (RINA, "+6281230000002", BUDI, "petugas.3574@contoh.id"):
        assert shown(again, address) == shown(before, address)
    assert again.last_heard == before.last_heard
    assert again.take_reports() == []


def shown(network: SimulatedNetwork, address: str) -> list[dict[str, Any]]:
    found = [seen(d) for d in network.deliveries if d.to == address]
    assert found
    return found


def seen(delivery: Delivery) -> dict[str, Any]:
    """What its receiver sees; `raw` has other boundaries every time."""
    return {**asdict(delivery), "raw": b"", "buttons": [tuple(b) for b in delivery.buttons]}
