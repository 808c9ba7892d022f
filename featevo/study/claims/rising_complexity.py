"""Claim 1: complexity rises with validation accuracy, and continues after accuracy saturates."""

from __future__ import annotations

from operator import methodcaller

import numpy as np

from featevo.study.choices import AFTER, COMPLEXITY, SATURATED
from featevo.study.claim import Claim, Hypothesis, Line, Panel, mean_curve, mean_line
from featevo.study.curves import rank_correlation, rise_after, saturation
from featevo.study.runs import Missing, Seed

_complexity = methodcaller("measured", COMPLEXITY)
_accuracy = methodcaller("curve", "val_acc")


def _with_accuracy(seed: Seed) -> float:
    return float(np.mean([rank_correlation(_complexity(run), _accuracy(run)) for run in seed.of("random")]))


def _after_saturation(seed: Seed) -> float:
    rises = [rise_after(_complexity(run), saturation(_accuracy(run))) for run in seed.of("random")]
    known = [rise for rise in rises if rise is not None]
    if not known:
        raise Missing(f"no run of seed {seed.number} has {AFTER} snapshots from saturation on (trainer.max_epochs)")
    return float(np.mean(known))


def _along_accuracy(seed: Seed) -> list[Line]:
    complexity, accuracy = (mean_curve(seed.of("random"), read) for read in (_complexity, _accuracy))
    both = sorted(complexity.keys() & accuracy.keys())
    x, y = (tuple(curve[epoch] for epoch in both) for curve in (accuracy, complexity))
    return [Line(seed.number, "random", x, y)]


def _along_time(seed: Seed) -> list[Line]:
    return [mean_line(seed, "random", seed.of("random"), _complexity, lambda run: saturation(_accuracy(run)))]


COMPLEXITY_RISES = Claim(
    key="1",
    title="Complexity rises with accuracy, and goes on after it saturates",
    paper="Feature complexity increases with validation accuracy, but can continue to increase even after accuracy "
    "saturates.",
    hypotheses=(
        Hypothesis(
            key="1a",
            statement="Trained from random weights, features are more complex the higher the validation accuracy.",
            operational=f"Spearman's rank correlation of {COMPLEXITY} (mean over classes) with val_acc over a run's "
            "snapshots; mean over the seed's runs.",
            unit="Spearman's ρ",
            needs="init=random, at least 5 snapshots (evolution.trigger=every_epoch)",
            number=_with_accuracy,
            inits=("random",),
            measure=COMPLEXITY,
        ),
        Hypothesis(
            key="1b",
            statement="After the accuracy has saturated, complexity goes on rising.",
            operational=f"Saturation is the first epoch within {100 * SATURATED:.0f} percentage points of the run's "
            f"best val_acc. Change of {COMPLEXITY} from there to the end along the Theil-Sen line, divided by its mean "
            f"there; mean over the seed's runs that have at least {AFTER} snapshots from saturation on.",
            unit="relative change",
            needs="init=random, runs long enough to saturate",
            number=_after_saturation,
            inits=("random",),
            measure=COMPLEXITY,
        ),
    ),
    panels=(
        (Panel("Effective rank as accuracy grows", "validation accuracy", "effective rank"), _along_accuracy),
        (Panel("Effective rank in time", "epoch", "effective rank", mark_label="accuracy saturates"), _along_time),
    ),
    limits="1a says that both rise together in time, as the paper does, not that one makes the other rise.",
)
