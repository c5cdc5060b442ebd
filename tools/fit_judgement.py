"""Fits bot/judgement.toml on labelled messages: multinomial logistic regression over the evidence of bot/reader.py.

    python tools/fit_judgement.py FILE.jsonl ...      # writes bot/judgement.toml, tells cross-validated figures

The messages must be none that the classifiers were trained on: nearness and margins would look too good.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.brain import build_brain
from bot.core.model import Office, Thresholds
from bot.core.triage import Judgement, Verdict, decide
from bot.office_file import read_office
from bot.reader import Brain, gather
from intents.letters import question_of
from intents.shortcuts import shortcut
from intents.text import normalise
from knowledge.entries import read_faq
from knowledge.evaluate import Case, case_from

Array = npt.NDArray[np.float64]
ROOT = Path(__file__).parent.parent
RIDGE, FOLDS, STEPS, RATE = 1e-2, 5, 3_000, 0.5
VERDICTS = tuple(Verdict)


def main(paths: Sequence[str]) -> None:
    offices = {p.stem: read_office(p) for p in sorted((ROOT / "bot" / "offices").glob("*.toml"))}
    brain = build_brain(read_faq(), Judgement({}, {}, {}, {}))
    cases = [case_from(json.loads(line)) for path in paths for line in Path(path).read_text().splitlines() if line]
    cases = [c for c in cases if shortcut(c.text) is None]
    evidence = [evidence_of(brain, offices[c.office], c) for c in cases]
    names = sorted(evidence[0][0])
    x = np.array([[e[name] for name in names] for e, _ in evidence])
    y = np.array([VERDICTS.index(verdict_of(c, topics)) for c, (_, topics) in zip(cases, evidence, strict=True)])
    cross_validate(x, y, cases)
    write(fit(x, y, names), ROOT / "bot" / "judgement.toml", len(cases))


def evidence_of(brain: Brain, office: Office, case: Case) -> tuple[dict[str, float], tuple[str, ...]]:
    """What the judgement would see, and the candidate topics."""
    text = question_of(brain.mask(case.text))
    normal = normalise(text, brain.vocabulary)
    vector = brain.features.vector(normal)
    signs, hits = brain.intents.signs(vector), brain.index.search(normal, vector)
    topics = brain._topics(hits, office)
    return gather(text, normal, signs, hits, office.regions), tuple(t.id for t in topics)


def verdict_of(case: Case, topics: tuple[str, ...]) -> Verdict:
    """The label in the judgement's terms."""
    if case.action == "answer":
        return Verdict.RIGHT if topics and topics[0] in case.topics else Verdict.UNSURE
    if case.intent not in ("faq", "data_request"):
        return Verdict.OTHER
    return {"escalate": Verdict.STAFF, "clarify": Verdict.VAGUE, "refuse": Verdict.PERSONAL}[case.action]


def fit(x: Array, y: npt.NDArray[np.int64], names: Sequence[str]) -> Judgement:
    """Gradient descent on the ridge-penalised likelihood; convex, so where it starts does not matter."""
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z = np.c_[(x - mean) / spread, np.ones(len(x))]
    w, target = np.zeros((z.shape[1], len(VERDICTS))), np.eye(len(VERDICTS))[y]
    for _ in range(STEPS):
        p = np.exp(z @ w - (z @ w).max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        w -= RATE * (z.T @ (p - target) / len(z) + RIDGE * w)
    weights = {v: dict(zip(names, w[:-1, k].tolist(), strict=True)) for k, v in enumerate(VERDICTS)}
    bias = {v: float(w[-1, k]) for k, v in enumerate(VERDICTS)}
    means, spreads = (dict(zip(names, values.tolist(), strict=True)) for values in (mean, spread))
    return Judgement(means, spreads, weights, bias)


def cross_validate(x: Array, y: npt.NDArray[np.int64], cases: Sequence[Case]) -> None:
    """Figures on messages that took no part in the fitting of their fold, at several thresholds."""
    names = [str(n) for n in range(x.shape[1])]
    fold = np.random.default_rng(1).permutation(len(x)) % FOLDS
    chances: list[dict[Verdict, float]] = [{} for _ in cases]
    for k in range(FOLDS):
        judgement = fit(x[fold != k], y[fold != k], names)
        for n in np.flatnonzero(fold == k).tolist():
            chances[n] = judgement.chances(dict(zip(names, x[n].tolist(), strict=True)))
    for answer in (0.4, 0.5, 0.6, 0.7):
        for clarify in (0.3, 0.5, 0.7):
            tell(chances, y, cases, Thresholds(answer, clarify))


def tell(chances: list[dict[Verdict, float]], y: npt.NDArray[np.int64], cases: Sequence[Case], t: Thresholds) -> None:
    actions = [decide(c, t) for c in chances]
    wrong = np.mean([a == "answer" and VERDICTS[k] is not Verdict.RIGHT for a, k in zip(actions, y, strict=True)])
    due = [a == "escalate" for a, k in zip(actions, y, strict=True) if VERDICTS[k] is Verdict.STAFF]
    right = [_fits(a, c) for a, c in zip(actions, cases, strict=True)]
    figures = f"action {np.mean(right):.3f}  wrong {wrong:.3f}  escalated {np.mean(due):.3f}"
    sys.stderr.write(f"answer {t.answer} clarify {t.clarify}: {figures}\n")


def _fits(action: str | None, case: Case) -> bool:
    question = case.intent in ("faq", "data_request")
    return action == case.action if question else action is None


def write(judgement: Judgement, path: Path, count: int) -> None:
    lines = [f"# Fitted by tools/fit_judgement.py on {count} labelled messages; do not edit by hand.\n"]
    lines += _table("mean", judgement.mean) + _table("spread", judgement.spread)
    lines += _table("bias", {v.value: b for v, b in judgement.bias.items()})
    for verdict, weights in judgement.weights.items():
        lines += _table(f"weights.{verdict.value}", weights)
    path.write_text("".join(lines), encoding="utf-8")


def _table(name: str, values: object) -> list[str]:
    return [f"\n[{name}]\n", *(f"{key} = {value:.5f}\n" for key, value in values.items())]  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(sys.argv[1:])
