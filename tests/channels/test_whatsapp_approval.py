"""The approved templates: their files keep Meta's rules, and fill with what the outbox knows."""

from __future__ import annotations

import re

import pytest

from bot.channels.whatsapp_approval import Form, filled, forms, rendered
from bot.core.conversation import CHOICES
from bot.core.effects import Template

ALL = sorted(forms().items())


@pytest.mark.parametrize(("template", "form"), ALL, ids=[t.value for t, _ in ALL])
def test_a_template_keeps_the_rules_of_its_approval(template: Template, form: Form) -> None:
    words = re.sub(r"[^\w ]", "", re.sub(r"\{\{\w+\}\}", "", form.body)).split()
    assert form.name == template.value
    assert re.fullmatch(r"[a-z0-9_]{1,512}", form.name)
    assert (form.category, form.language) == ("UTILITY", "id")
    assert form.variables == tuple(str(n) for n in range(1, len(form.samples) + 1))
    assert not re.match(r"\W*\{\{", form.body)
    assert not re.search(r"\}\}\W*$", form.body)
    assert not re.search(r"\}\}\W*\{\{", form.body)
    assert len(words) >= 2 * len(form.variables) + 1
    assert len(form.body) <= 550
    assert not re.search(r"\n{3,}| {5,}|\t", form.body)


@pytest.mark.parametrize(("template", "form"), ALL, ids=[t.value for t, _ in ALL])
def test_a_templates_buttons_are_known_to_the_core(template: Template, form: Form) -> None:
    assert all(len(title) <= 20 for _, title in form.buttons)
    assert all(key == "release" or key.partition(":")[0] in CHOICES for key, _ in form.buttons)
    assert len({title for _, title in form.buttons}) == len(form.buttons)


def test_the_number_and_the_day_are_filled_in_and_until_when_a_reply_is_awaited() -> None:
    values = {"1": "3574-2026-000123", "2": "2026-11-20", "3": "tanpa batas waktu", "4": "more"}
    assert filled(Template.REMINDER, values)["3"] == "tanpa batas waktu"
    for template in set(Template) - {Template.NEWS, Template.REMINDER}:
        assert filled(template, values) == {"1": "3574-2026-000123", "2": "Jumat 20 November 2026"}
    assert filled(Template.NEWS, values) == {}


def test_what_is_not_known_is_a_dash_and_what_twilio_refuses_is_made_plain() -> None:
    assert filled(Template.CLOSED, {"1": "a\nb"}) == {"1": "a b", "2": "-"}
    assert filled(Template.CLOSED, {"1": "x", "2": "2026-02-30"})["2"] == "2026-02-30"


def test_the_text_that_is_read() -> None:
    text = rendered(Template.ANSWER_READY, {"1": "3574-2026-000123", "2": "2026-11-20"})
    assert text.startswith("Jawaban petugas untuk konsultasi *3574-2026-000123* yang Anda ajukan pada Jumat 20 Nov")


def test_what_the_operator_submits() -> None:
    form = forms()[Template.ANSWER_READY]
    assert form.approval == {"name": "jawaban_tersedia", "category": "UTILITY"}
    assert form.definition["types"]["twilio/quick-reply"]["actions"] == [
        {"type": "QUICK_REPLY", "title": "Lihat jawaban", "id": "release"}
    ]
    assert list(forms()[Template.CLOSED].definition["types"]) == ["twilio/text"]
