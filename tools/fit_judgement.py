"""Fits bot/judgement.npz on labelled messages: small networks over the evidence of bot/reader.py.

    python tools/fit_judgement.py FILE.jsonl ...      # writes bot/judgement.npz, tells cross-validated figures

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
from bot.core.triage import Verdict, decide
from bot.judgement import Floats, Judgement, write_judgement
from bot.office_file import read_office
from bot.reader import Brain, gather
from intents.letters import question_of
from intents.shortcuts import shortcut
from intents.text import normalise
from knowledge.entries import read_faq
from knowledge.evaluate import Case, case_from

Targets = npt.NDArray[np.int64]
ROOT = Path(__file__).parent.parent
VERDICTS = tuple(Verdict)
NETWORKS, HIDDEN, STEPS, RATE, DECAY, SHARE, FOLDS = 6, 24, 300, 0.01, 1e-2, 0.9, 5
_NO_ARRAY = np.zeros(0, np.float32)


def main(paths: Sequence[str]) -> None:
    offices = {p.stem: read_office(p) for p in sorted((ROOT / "bot" / "offices").glob("*.toml"))}
    brain = build_brain(read_faq(), Judgement((), *[_NO_ARRAY] * 6))
    cases = [case_from(json.loads(line)) for path in paths for line in Path(path).read_text().splitlines() if line]
    cases = [c for c in cases if shortcut(c.text) is None]
    evidence = [evidence_of(brain, offices[c.office], c) for c in cases]
    names = tuple(sorted(evidence[0][0]))
    x = np.array([[e[name] for name in names] for e, _ in evidence], np.float32)
    y = np.array([VERDICTS.index(verdict_of(c, topics)) for c, (_, topics) in zip(cases, evidence, strict=True)])
    cross_validate(x, y, cases)
    write_judgement(fit(x, y, names), ROOT / "bot" / "judgement.npz")


def evidence_of(brain: Brain, office: Office, case: Case) -> tuple[dict[str, float], tuple[str, ...]]:
    """What the judgement would see, and the candidate topics."""
    text = question_of(brain.mask(case.text))
    normal = normalise(text, brain.vocabulary)
    vector = brain.features.vector(normal)
    signs, hits = brain.intents.signs(vector), brain.index.search(normal, vector)
    topics = brain._topics(hits, office)
    found = gather(text, normal, signs, hits, brain.entries[hits[0].id], office.regions)
    return found, tuple(t.id for t in topics)


def verdict_of(case: Case, topics: tuple[str, ...]) -> Verdict:
    """The label in the judgement's terms."""
    if case.action == "answer":
        return Verdict.RIGHT if topics and topics[0] in case.topics else Verdict.UNSURE
    if case.intent not in ("faq", "data_request"):
        return Verdict.OTHER
    return {"escalate": Verdict.STAFF, "clarify": Verdict.VAGUE, "refuse": Verdict.PERSONAL}[case.action]


def fit(x: Floats, y: Targets, names: tuple[str, ...]) -> Judgement:
    """Several networks, each started by another seed and shown another nine tenths of the messages."""
    mean, spread = x.mean(0), x.std(0) + np.float32(1e-6)
    z, chance = (x - mean) / spread, np.random.default_rng(3)
    nets = []
    for _ in range(NETWORKS):
        shown = chance.permutation(len(z))[: int(len(z) * SHARE)]
        nets.append(_network(z[shown], y[shown], chance))
    inner, inner_bias, outer, outer_bias = (np.stack(parts) for parts in zip(*nets, strict=True))
    return Judgement(names, mean, spread, inner, inner_bias, outer, outer_bias)


def _network(z: Floats, y: Targets, chance: np.random.Generator) -> list[Floats]:
    """One hidden layer, cross entropy with weight decay, Adam over all messages at once."""
    kinds, verdicts = z.shape[1], len(VERDICTS)
    target = np.eye(verdicts, dtype=np.float32)[y]
    shapes = [(kinds, HIDDEN), (1, HIDDEN), (HIDDEN, verdicts), (1, verdicts)]
    weights = [(chance.standard_normal(s) / np.sqrt(s[0]) * (s[0] > 1)).astype(np.float32) for s in shapes]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    for step in range(1, STEPS + 1):
        hidden = np.tanh(z @ weights[0] + weights[1])
        scores = hidden @ weights[2] + weights[3]
        p = np.exp(scores - scores.max(1, keepdims=True))
        error = (p / p.sum(1, keepdims=True) - target) / len(z)
        back = (error @ weights[2].T) * (1 - hidden**2)
        slopes = [z.T @ back, back.sum(0, keepdims=True), hidden.T @ error, error.sum(0, keepdims=True)]
        for n, slope in enumerate(slopes):
            slope = slope + (DECAY * weights[n] if n % 2 == 0 else 0)
            first[n] = 0.9 * first[n] + 0.1 * slope
            second[n] = 0.999 * second[n] + 0.001 * slope**2
            unbiased = np.sqrt(second[n] / (1 - 0.999**step)) + 1e-8
            weights[n] = (weights[n] - RATE * first[n] / (1 - 0.9**step) / unbiased).astype(np.float32)
    return weights


def cross_validate(x: Floats, y: Targets, cases: Sequence[Case]) -> None:
    """Figures on messages that took no part in the fitting of their fold, at several thresholds."""
    names = tuple(str(n) for n in range(x.shape[1]))
    fold = np.random.default_rng(1).permutation(len(x)) % FOLDS
    chances = np.zeros((len(x), len(VERDICTS)), np.float32)
    for k in range(FOLDS):
        chances[fold == k] = fit(x[fold != k], y[fold != k], names).of_rows(x[fold == k])
    loss = -np.log(chances[np.arange(len(y)), y] + 1e-9).mean()
    gap = _calibration(chances[:, 0], y)
    sys.stderr.write(f"{len(x)} messages, log loss {loss:.4f}, calibration error {gap:.3f}\n")
    for answer in (0.5, 0.6, 0.7, 0.75, 0.8):
        for clarify in (0.4, 0.6):
            tell(chances, y, cases, Thresholds(answer, clarify))


def _calibration(right: Floats, y: Targets) -> float:
    """Expected calibration error of `right` over ten bins."""
    bins = np.minimum((right * 10).astype(int), 9)
    gaps = [abs(right[bins == b].mean() - (y[bins == b] == 0).mean()) * (bins == b).mean() for b in set(bins.tolist())]
    return float(sum(gaps))


def tell(chances: Floats, y: Targets, cases: Sequence[Case], t: Thresholds) -> None:
    actions = [decide(dict(zip(Verdict, c, strict=True)), t) for c in chances.tolist()]
    wrong = np.mean([a == "answer" and VERDICTS[k] is not Verdict.RIGHT for a, k in zip(actions, y, strict=True)])
    due = [a == "escalate" for a, k in zip(actions, y, strict=True) if VERDICTS[k] is Verdict.STAFF]
    right = [_fits(a, c) for a, c in zip(actions, cases, strict=True)]
    figures = f"action {np.mean(right):.3f}  wrong {wrong:.3f}  escalated {np.mean(due):.3f}"
    sys.stderr.write(f"answer {t.answer} clarify {t.clarify}: {figures}\n")


def _fits(action: str | None, case: Case) -> bool:
    question = case.intent in ("faq", "data_request")
    return action == case.action if question else action is None


if __name__ == "__main__":
    main(sys.argv[1:])
