"""What each arm learned of its training labels: a twin that learns none of its shuffled labels is a weak control.

No part of the plan: it was added after the results, and no verdict depends on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from featevo.study.arms import ARMS
from featevo.study.numbers import likeness, rise
from featevo.study.runs import Missing, Seed

NEAR = 0.05
"""A training accuracy at most this above chance is that of a network that learned nothing: with 384 images and eight
classes, three standard errors."""


@dataclass(frozen=True)
class Fit:
    """What the runs of one arm learned.

    Attributes:
        arm: The arm.
        chance: Accuracy of a network that knows nothing, 0..1.
        accuracy: `train_acc` of the last epoch by seed, 0..1, on the labels that the run was trained with.
        rises: By seed, the likeness at the end minus that at the first snapshot.
    """

    arm: str
    chance: float
    accuracy: dict[int, float]
    rises: dict[int, float]

    @property
    def unlearned(self) -> tuple[int, ...]:
        """Seeds whose accuracy stays near chance."""
        return tuple(seed for seed, value in self.accuracy.items() if value <= self.chance + NEAR)


def fits(seeds: Sequence[Seed]) -> tuple[Fit, ...]:
    """Of each arm that has runs, in the order of `ARMS`."""
    return tuple(found for arm in ARMS if (found := _fit(arm, seeds)))


def _fit(arm: str, seeds: Sequence[Seed]) -> Fit | None:
    accuracy: dict[int, float] = {}
    rises: dict[int, float] = {}
    runs = {seed.number: seed.runs[arm] for seed in seeds if arm in seed.runs}
    for number, run in runs.items():
        with suppress(Missing):
            accuracy[number] = [*run.curve("train_acc").values()][-1]
        with suppress(Missing):
            rises[number] = rise(run, likeness())
    if not accuracy and not rises:
        return None
    return Fit(arm, max(1 / len(run.names) for run in runs.values()), accuracy, rises)
