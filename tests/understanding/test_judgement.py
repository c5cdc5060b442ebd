"""From evidence to an action: probabilities are probabilities, and doubt never answers."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Office, Thresholds
from bot.core.triage import Verdict, decide
from bot.judgement import read_judgement
from bot.reader import Brain, gather
from intents.meaning import Action
from intents.text import normalise

USUAL = Thresholds()
shares = st.lists(st.floats(0.001, 1), min_size=len(Verdict), max_size=len(Verdict))


def chances(**given: float) -> dict[Verdict, float]:
    rest = (1 - sum(given.values())) / (len(Verdict) - len(given))
    return {v: given.get(v.value, rest) for v in Verdict}


@given(shares)
def test_the_base_answers_only_from_its_threshold_on(weights: list[float]) -> None:
    total = sum(weights)
    found = {v: w / total for v, w in zip(Verdict, weights, strict=True)}
    if decide(found, USUAL) is Action.ANSWER:
        assert found[Verdict.RIGHT] >= USUAL.answer


@given(shares, st.floats(0.01, 0.5))
def test_more_likelihood_for_staff_never_leads_away_from_staff(weights: list[float], more: float) -> None:
    total = sum(weights)
    found = {v: w / total for v, w in zip(Verdict, weights, strict=True)}
    if decide(found, USUAL) is Action.ESCALATE:
        moved = {v: p * (1 - more) for v, p in found.items()}
        moved[Verdict.STAFF] += more
        assert decide(moved, USUAL) is Action.ESCALATE


@pytest.mark.parametrize(
    ("found", "action"),
    [
        (chances(right=0.9), Action.ANSWER),
        (chances(right=0.55, unsure=0.35), Action.CLARIFY),
        (chances(staff=0.5), Action.ESCALATE),
        (chances(vague=0.8), Action.CLARIFY),
        (chances(personal=0.8), Action.REFUSE),
        (chances(other=0.8), None),
        (chances(right=0.6, staff=0.3), Action.ESCALATE),
    ],
)
def test_the_likeliest_verdict_wins_but_doubt_goes_to_staff(found: dict[Verdict, float], action: Action | None) -> None:
    assert decide(found, USUAL) is action


def test_the_packaged_judgement_fits_the_evidence_and_gives_probabilities(
    brain: Brain, offices: dict[str, Office]
) -> None:
    judgement = read_judgement()
    for text, office in product(("jam buka", "berapa penduduk Gempol 2023?", "x", "halo"), offices.values()):
        normal = normalise(text, brain.vocabulary)
        vector = brain.features.vector(normal)
        hits = brain.index.search(normal, vector)
        signs = brain.intents.signs(vector)
        found = gather(text, normal, signs, hits, brain.entries[hits[0].id], office.regions)
        assert set(judgement.names) <= set(found)
        assert sum(judgement.chances(found).values()) == pytest.approx(1, abs=1e-4)


def test_many_rows_at_once_are_the_same_as_each(brain: Brain) -> None:
    judgement = read_judgement()
    rows = np.random.default_rng(1).normal(size=(5, len(judgement.names))).astype(np.float32)
    together = judgement.of_rows(rows)
    for row, expected in zip(rows, together, strict=True):
        alone = judgement.chances(dict(zip(judgement.names, row.tolist(), strict=True)))
        assert list(alone.values()) == pytest.approx(expected.tolist(), abs=1e-5)


