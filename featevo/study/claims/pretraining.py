"""Claim 5: transfer gives earlier accuracy, higher accuracy and more complex features."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import methodcaller

import numpy as np

from featevo.study.choices import COMPLEXITY, LAST, REACHED
from featevo.study.claim import Claim, Hypothesis, Line, Panel, Reader, mean_line
from featevo.study.curves import reached
from featevo.study.runs import INITS, Run, Seed

_accuracy = methodcaller("curve", "val_acc")
_PAIRS = "runs of both inits with the same number of classes"


def _gain(read: Callable[[Run], float], seed: Seed) -> float:
    """Pretrained minus random, mean over the numbers of classes."""
    return float(np.mean([read(pretrained) - read(random) for pretrained, random in seed.pairs()]))


def _head_start(seed: Seed) -> float:
    return -_gain(lambda run: reached(_accuracy(run)), seed)


def _both(read: Reader, seed: Seed) -> list[Line]:
    groups = zip(INITS[::-1], zip(*seed.pairs(), strict=True), strict=True)
    return [mean_line(seed, init, runs, read) for init, runs in groups]


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
        ),
        Hypothesis(
            key="5b",
            statement="Pretrained networks reach a higher accuracy.",
            operational="Best val_acc, pretrained minus random; mean over the numbers of classes.",
            unit="accuracy",
            needs=_PAIRS,
            number=partial(_gain, lambda run: max(_accuracy(run).values())),
        ),
        Hypothesis(
            key="5c",
            statement="Features of pretrained networks are more complex.",
            operational=f"{COMPLEXITY} (mean over classes and the last {LAST} snapshots), pretrained minus random; "
            "mean over the numbers of classes.",
            unit="ranks",
            needs=f"{_PAIRS}, a judge that is not related to the pretrained weights",
            number=partial(_gain, lambda run: run.end(COMPLEXITY, run.names)),
            measure=COMPLEXITY,
            compares_inits=True,
        ),
    ),
    panels=(
        (Panel("Accuracy", "epoch", "validation accuracy"), partial(_both, _accuracy)),
        (Panel("Effective rank", "epoch", "effective rank"), partial(_both, methodcaller("measured", COMPLEXITY))),
    ),
    limits="A run that never reaches the accuracy makes 5a too small, not too large.",
    found_since="The weights of vgg16_slim of the first study were pretrained on 64 species of data=scenes. A task of "
    "eight classes of data=scenes has four of them, species 0 to 3, so there a part of 5a and 5b may be that these "
    "classes were known. The weights since then share no class with tasks of up to 1,004 classes.",
)
