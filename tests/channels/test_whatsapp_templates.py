"""The approved templates at Twilio: made once, handed in once, found again by name and content."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.channels.port import DeliveryError, Verdict
from bot.channels.twilio_templates import MISSING, NOT_SUBMITTED, Found, TemplateDesk, name_of
from bot.channels.whatsapp_approval import forms
from bot.commands.output import CommandFailed
from bot.commands.templates import templates
from bot.core.effects import Template
from bot.settings import Settings, load_settings
from tests.channels.whatsapp_scene import ACCOUNT, SENDER, TOKEN, Scene, scene
from tests.standins.twilio import Provider


def desk(s: Scene) -> TemplateDesk:
    return TemplateDesk(s.office, s.wire)


async def test_what_is_missing_is_made_and_handed_in_once() -> None:
    async with scene() as s:
        before = len(s.provider.contents)
        assert [f.status for f in await desk(s).look()] == [MISSING] * len(Template)
        for found in await desk(s).look():
            assert (await desk(s).hand_in(found)).status == "received"
        again = await desk(s).look()
        assert [f.status for f in again] == ["received"] * len(Template)
        assert len({f.sid for f in again}) == len(s.provider.contents) - before == len(Template)


async def test_what_was_made_but_not_handed_in_is_only_handed_in() -> None:
    """A process that died in between."""
    async with scene() as s:
        form = forms()[Template.NEWS]
        made = s.provider.approve({**form.definition, "friendly_name": name_of(form)})
        [found] = [f for f in await desk(s).look() if f.template is Template.NEWS]
        assert found == Found(Template.NEWS, made.sid, NOT_SUBMITTED)
        assert (await desk(s).hand_in(found)).sid == made.sid


async def test_whatsapps_verdict_is_told() -> None:
    async with scene() as s:
        handed_in = await desk(s).hand_in(Found(Template.REMINDER))
        s.provider.contents[handed_in.sid].approval = {
            "status": "rejected", "category": "MARKETING", "rejection_reason": "INVALID_FORMAT",
        }  # fmt: skip
        [found] = [f for f in await desk(s).look() if f.template is Template.REMINDER]
        assert (found.status, found.category, found.reason) == ("rejected", "MARKETING", "INVALID_FORMAT")


def test_another_text_is_another_template() -> None:
    form = forms()[Template.NEWS]
    assert name_of(form) == name_of(replace(form))
    assert name_of(form) != name_of(replace(form, body=form.body + " Terima kasih."))
    assert name_of(form).startswith("kabar_konsultasi_")


async def test_wrong_credentials_are_told() -> None:
    async with scene() as s:
        s.provider.default.tokens[:] = ["another"]
        with pytest.raises(DeliveryError) as caught:
            await desk(s).look()
        assert caught.value.verdict is Verdict.CONFIGURATION


def settings_for(provider: Provider) -> Settings:
    return load_settings({
        "PST_TWILIO_API_URL": provider.url, "PST_3514_TWILIO_ACCOUNT_SID": ACCOUNT,
        "PST_3514_TWILIO_AUTH_TOKEN": TOKEN, "PST_3514_WHATSAPP_FROM": SENDER.removeprefix("whatsapp:"),
    })  # fmt: skip


async def test_the_command_prints_settings_for_what_is_approved(capsys: pytest.CaptureFixture[str]) -> None:
    with Provider() as provider:
        provider.account(ACCOUNT, TOKEN, SENDER)
        known = settings_for(provider)
        assert await asyncio.to_thread(templates, known, "3514", submit=False) == 1
        assert "run with --submit" in capsys.readouterr().err
        assert provider.contents == {}
        assert await asyncio.to_thread(templates, known, "3514", submit=True) == 1
        assert "received" in capsys.readouterr().err
        for content in provider.contents.values():
            assert content.approval is not None
            content.approval["status"] = "approved"
        assert await asyncio.to_thread(templates, known, "3514", submit=True) == 0
        lines = capsys.readouterr().out.split()
        assert len(lines) == len(Template) == len(provider.contents)
        environ = dict(line.split("=") for line in lines)
        assert environ["PST_3514_TEMPLATE_JAWABAN_TERSEDIA"] in provider.contents
        with pytest.raises(CommandFailed, match="no credentials"):
            await asyncio.to_thread(templates, known, "3574", submit=False)
