"""Claim 5: transfer gives earlier accuracy, higher accuracy and more complex features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from featevo.study.choices import COMPLEXITY, LAST, REACHED
from featevo.study.claim import Claim, Hypothesis, Line, Panel, mean_curve
from featevo.study.curves import reached
from featevo.study.runs import INITS, Run
from featevo.study.seeds import Seed


def _gain(seed: Seed, read: Callable[[Run], float]) -> float:
    """Pretrained minus random, mean over the numbers of classes."""
    return float(np.mean([read(pretrained) - read(random) for pretrained, random in seed.pairs()]))


def _head_start(seed: Seed) -> float:
    return -_gain(seed, lambda run: reached(run.curve("val_acc")))


def _higher(seed: Seed) -> float:
    return _gain(seed, lambda run: max(run.curve("val_acc").values()))


def _richer(seed: Seed) -> float:
    return _gain(seed, lambda run: run.end(COMPLEXITY, run.names))


def _both(title: str, label: str, read: Callable[[Run], dict[int, float]], seeds: Sequence[Seed]) -> Panel:
    lines = []
    for seed in seeds:
        for init, runs in zip(INITS[::-1], zip(*seed.pairs(), strict=True), strict=True):
            curve = mean_curve(runs, read)
            lines.append(Line(seed.number, init, tuple(map(float, curve)), tuple(curve.values())))
    return Panel(title, "epoch", label, tuple(lines))


_PAIRS = "runs of both inits with the same number of classes"

TRANSFER_HELPS = Claim(
    key="5",
    title="Transfer: earlier and higher accuracy, more complex features",
    paper="In this instance, the network converges to high validation accuracies sooner than previously. The eventual "
    "maximum accuracy is higher. The features are also more complex.",
    hypotheses=(
        Hypothesis(
            key="5a",
            statement="Pretrained networks reach high accuracy earlier.",
            operational=f"First epoch with val_acc of at least {100 * REACHED:.0f} % (one more than its epochs for a "
            "run that never gets there), random minus pretrained; mean over the numbers of classes.",
            unit="epochs",
            needs=_PAIRS,
            number=_head_start,
            inits=INITS,
        ),
        Hypothesis(
            key="5b",
            statement="Pretrained networks reach a higher accuracy.",
            operational="Best val_acc, pretrained minus random; mean over the numbers of classes.",
            unit="accuracy",
            needs=_PAIRS,
            number=_higher,
            inits=INITS,
        ),
        Hypothesis(
            key="5c",
            statement="Features of pretrained networks are more complex.",
            operational=f"{COMPLEXITY} (mean over classes and the last {LAST} snapshots), pretrained minus random; "
            "mean over the numbers of classes.",
            unit="ranks",
            needs=f"{_PAIRS}, a judge that is not related to the pretrained weights",
            number=_richer,
            inits=INITS,
            measure=COMPLEXITY,
            compares_inits=True,
        ),
    ),
    panels=(
        partial(_both, "Accuracy", "validation accuracy", lambda run: run.curve("val_acc")),
        partial(_both, "Effective rank", "effective rank", lambda run: run.measured(COMPLEXITY)),
    ),
    limits="A run that never reaches the accuracy makes 5a too small, not too large.",
    found_since="The weights of vgg16_slim were pretrained on 64 species of data=scenes. A task of eight classes of "
    "data=scenes has four of them, species 0 to 3, so there a part of 5a and 5b may be that these classes were known.",
)
