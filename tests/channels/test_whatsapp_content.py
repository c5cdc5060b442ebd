"""Buttons and lists: which shape a message needs, and how its variables are filled."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp_content import Kind, Menu, clean, menu, packed
from bot.channels.whatsapp_text import units
from tests.channels.whatsapp_scene import TWO
from tests.standins.twilio_rules import content_fault

TOKEN = "0f1e2d3c-4b5a-4968-8776-655443322110"
FOUR = (*((f"topic:t{n}", f"Topik nomor {n}") for n in range(3)), ("staff", "Tanya petugas"))


def made(text: str = "Yang mana?", options: tuple[tuple[str, str], ...] = TWO, language: str = "id") -> Menu:
    found = menu(text, options, TOKEN, language)
    assert found is not None
    return found


def test_two_options_are_buttons() -> None:
    found = made("Inflasi itu ...\n\nSudah jelas?")
    assert found.shape.definition == {
        "language": "id",
        "variables": {str(n): f"contoh {n}" for n in range(1, 7)},
        "types": {
            "twilio/quick-reply": {
                "body": "{{1}}\n\n{{2}}",
                "actions": [
                    {"type": "QUICK_REPLY", "title": "{{3}}", "id": "{{4}}"},
                    {"type": "QUICK_REPLY", "title": "{{5}}", "id": "{{6}}"},
                ],
            }
        },
    }
    assert found.variables == {
        "1": "Inflasi itu ...", "2": "Sudah jelas?", "3": "Sudah jelas", "4": f"helpful|{TOKEN}",
        "5": "Tanya petugas", "6": f"unhelpful|{TOKEN}",
    }  # fmt: skip


def test_four_options_are_a_list() -> None:
    found = made(options=FOUR)
    menu_type = found.shape.definition["types"]["twilio/list-picker"]
    assert menu_type["button"] == "Pilih"
    assert menu_type["items"][0] == {"item": "{{2}}", "id": "{{3}}", "description": "{{4}}"}
    assert found.variables["4"] == "Ketuk untuk memilih"
    assert made(options=FOUR, language="en").variables["4"] == "Tap to choose"


def test_a_title_too_long_for_a_button_makes_a_list_and_is_told_in_full() -> None:
    title = "Indeks Pembangunan Manusia menurut kabupaten/kota"
    found = made(options=(("topic:ipm", title), ("staff", "Tanya petugas")))
    assert found.shape.kind is Kind.LIST
    assert found.variables["2"] == "Indeks Pembangunan Manu…"
    assert found.variables["4"] == title


def test_one_shape_serves_all_texts_and_all_titles_of_that_shape() -> None:
    first = made("Inflasi?\nTahun berapa?", (("a", "Ya"), ("b", "Tidak")))
    second = made("PDRB itu banyak.\nMau yang mana?", TWO)
    assert first.shape == second.shape
    assert first.shape.name == second.shape.name
    assert re.fullmatch(r"pst_quick-reply_[0-9a-f]{16}", first.shape.name)


def test_other_breaks_another_count_another_kind_are_other_shapes() -> None:
    shapes = {
        made("a\nb").shape.name, made("a\n\nb").shape.name, made("a").shape.name, made("a", TWO[:1]).shape.name,
        made("a", FOUR).shape.name, made("a", FOUR, "en").shape.name,
    }  # fmt: skip
    assert len(shapes) == 6


def test_a_third_blank_line_makes_no_shape_of_its_own() -> None:
    assert made("a\n\n\n\nb").shape == made("a\n\nb").shape


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("halo", ()),
        ("halo", tuple((f"k{n}", f"Judul {n}") for n in range(11))),
        ("", TWO),
        ("x" * 1025, TWO),
        ("\n".join("x" * 61), TWO),
        ("halo", (("a", "Ya"), ("b", "Ya"))),
        ("halo", (("a", " "),)),
        ("halo", (("a", "\x1b"), ("b", "\x08"))),
        ("halo", (("k" * 190, "Ya"),)),
        ("halo", (("a", "Jumlah penduduk miskin kota"), ("b", "Jumlah penduduk miskin kabupaten"))),
    ],
    ids=["no options", "eleven", "no text", "long body", "many lines", "same title", "blank title",
         "titles of control characters", "long id", "same beginning"],
)  # fmt: skip
def test_what_does_not_fit_goes_without_buttons(text: str, options: tuple[tuple[str, str], ...]) -> None:
    assert menu(text, options, TOKEN, "id") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\nb\tc", "a b c"),
        ("a     b", "a   b"),
        ("  ", "-"),
        ("", "-"),
        ("{{1}}", "{ {1} }"),
        ("{{{", "{ { {"),
        ("biasa", "biasa"),
    ],
)
def test_a_value_is_made_such_that_twilio_takes_it(value: str, expected: str) -> None:
    assert clean(value) == expected


def test_variables_are_json_without_a_bare_apostrophe() -> None:
    assert packed({"1": "people's \u00e9"}) == '{"1": "people\\u0027s \\u00e9"}'
    assert json.loads(packed({"1": "people's \u00e9"})) == {"1": "people's \u00e9"}


OPTIONS = st.lists(
    st.tuples(st.from_regex(r"[a-z_]{1,20}(:[a-z0-9-]{1,30})?", fullmatch=True), st.text(max_size=40)),
    min_size=1, max_size=11,
).map(tuple)  # fmt: skip


def test_braces_in_a_title_do_not_make_it_too_long() -> None:
    found = made(options=(("a", "{{" * 12), ("b", "Tanya petugas")))
    assert units(found.variables["2"]) <= 24
    assert "{{" not in found.variables["2"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=12).map("\n".join), OPTIONS)
def test_whatever_becomes_a_menu_keeps_every_limit(text: str, options: tuple[tuple[str, str], ...]) -> None:
    found = menu(text, options, TOKEN, "id")
    if found is None:
        return
    definition, values = found.shape.definition, found.variables
    assert content_fault(definition | {"friendly_name": found.shape.name}) is None
    assert set(values) == set(definition["variables"])
    assert len(values) <= 100
    assert all(v and not re.search(r"[\n\r\t\x00]| {5,}|\{\{", v) for v in values.values())
    ((kind, shown),) = definition["types"].items()
    filled = re.sub(r"\{\{(\d+)\}\}", lambda m: values[m[1]], shown["body"])
    assert 0 < units(filled) <= 1024
    limit = 20 if kind == "twilio/quick-reply" else 24
    titles = [values[(o.get("title") or o["item"]).strip("{}")] for o in shown.get("actions") or shown["items"]]
    assert all(units(title) <= limit for title in titles)
    assert len(set(titles)) == len(titles)
