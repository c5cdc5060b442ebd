"""What was promised of the understanding, measured on messages that took part in no fitting (unseen-e)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brain_file import packaged_brain
from bot.commands.kb import judge_all
from bot.commands.output import parsed
from bot.core.model import Office
from bot.reader import Brain
from knowledge.entries import read_faq
from knowledge.evaluate import Figures, Report, case_from, evaluate

UNSEEN = Path(__file__).parents[2] / "knowledge" / "eval" / "unseen-e.jsonl"


@pytest.fixture(scope="module")
def report(brain: Brain, offices: dict[str, Office]) -> Report:
    lines = UNSEEN.read_text(encoding="utf-8").splitlines()
    cases = [case_from(data) for line in lines if (data := parsed(line)[0]) is not None]
    return evaluate(judge_all(brain, offices, cases), {e.id: e.group for e in read_faq()})


@pytest.mark.parametrize(
    ("figure", "floor"),
    [("accuracy_1", 0.93), ("accuracy_3", 0.98), ("escalation_recall", 0.95), ("action", 0.92)],
)
def test_the_right_thing_is_done(report: Report, figure: str, floor: float) -> None:
    found = getattr(report.total, figure)
    assert found is not None
    assert found >= floor


def test_something_else_is_hardly_ever_answered(report: Report) -> None:
    found = report.total.wrong_answers
    assert found is not None
    assert found <= 0.02


@pytest.mark.parametrize("language", ["id", "id-slang", "en", "jv-mix", "mad-mix"])
def test_no_language_is_left_behind(report: Report, language: str) -> None:
    figures: Figures = report.by["language"][language]
    assert figures.action is not None
    assert figures.action >= 0.8


def test_a_remembered_brain_reads_as_the_one_that_learnt(brain: Brain, offices: dict[str, Office]) -> None:
    again = packaged_brain()
    lines = UNSEEN.read_text(encoding="utf-8").splitlines()[:40]
    cases = [case_from(data) for line in lines if (data := parsed(line)[0]) is not None]
    first, second = judge_all(brain, offices, cases), judge_all(again, offices, cases)
    assert [j.outcome for j in first] == [j.outcome for j in second]
