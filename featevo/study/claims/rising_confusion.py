"""Claim 4: growing confusion goes with, and comes before, overfitting."""

from __future__ import annotations

from functools import partial
from operator import methodcaller

import numpy as np

from featevo.study.choices import CONFUSION, LEAST_EPOCHS, OVERFIT, TREND, WINDOW
from featevo.study.claim import Claim, Hypothesis, Line, Panel, Reader, mean_line
from featevo.study.curves import detrended_correlation, overfits, turning
from featevo.study.runs import INITS, Missing, Run, Seed

_confusion = methodcaller("measured", CONFUSION)
_val_loss = methodcaller("curve", "val_loss")


def _overfitted(seed: Seed) -> list[Run]:
    runs = [run for init in INITS for run in seed.of(init) if overfits(_val_loss(run))]
    if not runs:
        raise Missing(
            f"no run of seed {seed.number} overfits (val_loss ends within {100 * OVERFIT:.0f} % of its minimum)"
        )
    return runs


def _gap(run: Run) -> dict[int, float]:
    """Validation loss minus training loss."""
    val, train = _val_loss(run), run.curve("train_loss")
    return {epoch: val[epoch] - train[epoch] for epoch in val.keys() & train.keys()}


def _together(seed: Seed) -> float:
    return float(np.mean([detrended_correlation(_confusion(run), _gap(run)) for run in _overfitted(seed)]))


def _lead(seed: Seed) -> float:
    return float(np.mean([turning(_val_loss(run)) - turning(_confusion(run)) for run in _overfitted(seed)]))


def _turns(read: Reader, seed: Seed) -> list[Line]:
    return [mean_line(seed, "both", _overfitted(seed), read, lambda run: turning(read(run)))]


def _panel(title: str, label: str) -> Panel:
    return Panel(title, "epoch", label, mark_label="rises from here on")


CONFUSION_PRECEDES = Claim(
    key="4",
    title="Confusion goes with overfitting, and comes before it",
    paper="Unchecked feature complexity leads to feature confusion, a potential precursor to overfitting.",
    hypotheses=(
        Hypothesis(
            key="4a",
            statement="At epochs when features are more confused, the network overfits more.",
            operational=f"Spearman's rank correlation, over the epochs of a run that overfits, of {CONFUSION} with "
            f"val_loss - train_loss, after a polynomial of degree {TREND} in time is taken out of both; mean over the "
            "seed's runs that overfit.",
            unit="Spearman's ρ",
            needs=f"at least {LEAST_EPOCHS} epochs with snapshots (evolution.trigger=every_epoch) of runs that "
            f"overfit: val_loss ends more than {100 * OVERFIT:.0f} % above its minimum",
            number=_together,
            measure=CONFUSION,
        ),
        Hypothesis(
            key="4b",
            statement="Confusion begins to grow before the validation loss does.",
            operational=f"Epoch of the lowest val_loss minus epoch of the lowest {CONFUSION}, both through a running "
            f"mean of {WINDOW} epochs; mean over the seed's runs that overfit.",
            unit="epochs",
            needs="as 4a",
            number=_lead,
            measure=CONFUSION,
        ),
    ),
    panels=(
        (_panel("Confusion of features", "confusion"), partial(_turns, _confusion)),
        (_panel("Overfitting", "validation loss"), partial(_turns, _val_loss)),
    ),
    limits="4b alone is true of any confusion that grows from the start; only with 4a does it speak of a precursor. "
    "Neither says that confusion causes overfitting.",
)
