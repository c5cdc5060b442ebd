"""The words: both languages have the same texts with the same facts; none is missing and none is there for nothing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.core.model import Option
from bot.office_file import read_office
from bot.wording import LANGUAGES, load_texts

BOT = Path(__file__).parent.parent / "bot"
TEXTS = load_texts()
ENGLISH_ONLY = "titles"  # an option's Indonesian title stands where the option is made
FAMILIES = ("mail_", "status_", "survey_", "data_request_")  # chosen by the kind of the thing
CALLS = {"Part": 0, "turn.say": 0, "_says": 0, "_reminder": 0, "farewell": 1, "take_slot": 1}  # which argument is a key


def flat(texts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def facts_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


@cache
def nodes(room: Path = BOT) -> list[ast.AST]:
    """Everything that stands in the code of a room."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(room.rglob("*.py"))]
    return [node for tree in trees for node in ast.walk(tree)]


def strings() -> set[str]:
    return {node.value for node in nodes() if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def said() -> set[str]:
    """Keys that the deciding code asks for by name."""
    found = set()
    for node in [*nodes(BOT / "core"), *nodes(BOT / "engine")]:
        if isinstance(node, ast.Call):
            place = CALLS.get(ast.unparse(node.func), len(node.args))
            key = node.args[place] if place < len(node.args) else None
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.add(key.value)
    return found


def test_both_languages_have_the_same_texts() -> None:
    keys = {language: {k for k, _ in flat(TEXTS[language]) if not k.startswith(ENGLISH_ONLY)} for language in LANGUAGES}
    assert keys["id"] == keys["en"]


def test_a_text_tells_the_same_facts_in_both_languages() -> None:
    english = dict(flat(TEXTS["en"]))
    pairs = {k: (facts_of(v), facts_of(english[k])) for k, v in flat(TEXTS["id"])}
    different = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    assert different == {}


def test_no_text_is_empty_or_left_in_the_other_language() -> None:
    english = dict(flat(TEXTS["en"]))
    same = {k for k, v in flat(TEXTS["id"]) if v == english[k] and len(facts_of(v)) == 0 and len(v.split()) > 2}
    assert same == set()
    assert all(value.strip() for language in LANGUAGES for _, value in flat(TEXTS[language]))


def test_no_text_is_there_for_nothing() -> None:
    known = strings()
    unused = {k for k, v in TEXTS["id"].items() if k not in known and not k.startswith(FAMILIES)}
    assert unused == set()


def test_every_text_that_is_asked_for_is_there() -> None:
    found = said()
    assert len(found) > 40  # else this test looks in the wrong place
    assert {key for key in found if key not in TEXTS["id"] and key != "faq"} == set()


def test_every_option_has_an_english_title() -> None:
    made = {
        node.args[0].value
        for node in nodes()
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Option.__name__ and node.args
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip
    assert len(made) > 8
    assert made == set(TEXTS["en"][ENGLISH_ONLY])


@pytest.mark.parametrize("code", ["3514", "3574"])
def test_a_text_names_only_facts_that_are_told_to_it(code: str) -> None:
    """The office's facts, the consultation's moments, and what the core hands over by name."""
    office = read_office(BOT / "offices" / f"{code}.toml")
    source = (BOT / "wording.py").read_text(encoding="utf-8")
    known = set(office.facts) | set(re.findall(r'"(\w+)"', source)) | _parameters()
    unknown = {(k, f) for k, v in flat(TEXTS["id"]) if "." not in k for f in facts_of(v) if f not in known}
    assert unknown == set()


def _parameters() -> set[str]:
    """Names under which facts are handed to a text: keywords of `say` and keys of the mappings beside a Part."""
    keywords = {k.arg for node in nodes() if isinstance(node, ast.Call) for k in node.keywords if k.arg}
    keys = {
        key.value for node in nodes() if isinstance(node, ast.Dict) for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }  # fmt: skip
    return keywords | keys


def test_whatsapps_marks_are_in_pairs() -> None:
    odd = {
        (language, key)
        for language in LANGUAGES for key, value in flat(TEXTS[language])
        for paragraph in [re.sub(r"\{\w+\}|https?://\S+", "x", value)]
        if paragraph.count("*") % 2
    }  # fmt: skip
    assert odd == set()


def test_staff_read_the_same_words_that_the_code_asks_for() -> None:
    texts = tomllib.loads((BOT / "wording" / "staff.toml").read_text(encoding="utf-8"))
    assert set(texts["subject"]) == set(texts["body"])
    assert all(value.strip() for _, value in flat(texts))
    known = strings()
    families = ("reply.answered_", "reply.subject.answered_", "bounced.")
    unused = {k for k, _ in flat(texts) if k.rpartition(".")[2] not in known and not k.startswith(families)}
    assert unused == set()


