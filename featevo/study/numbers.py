"""The numbers of one seed: differences between its runs, of likeness or of what the network can do without parts."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from featevo.record.schema import Snapshot
from featevo.study.arms import twin
from featevo.study.choices import CONTRAST, LAST, SATURATED, VIEWER
from featevo.study.overfitting import overfits
from featevo.study.runs import Missing, Names, Run, Seed

Reader = Callable[[Run, Snapshot, Names | None], float]
"""Reads from a snapshot a number about all classes, or about those with these names; raises `Missing`."""

Parts = tuple[float, ...]
"""One or more differences; the number of a seed is the smallest."""


def likeness(viewer: str = VIEWER) -> Reader:
    """Reads the likeness by a viewer. Of some classes only, it is that among these classes."""

    def read(run: Run, snapshot: Snapshot, names: Names | None) -> float:
        if names is None:
            return run.measured(snapshot, f"likeness/{viewer}")
        return run.pairs(snapshot, viewer, names)

    return read


def contrast(run: Run, snapshot: Snapshot, names: Names | None) -> float:
    """Reads the contrast of the renders."""
    return run.measured(snapshot, CONTRAST, names)


def end(run: Run, read: Reader, names: Names | None = None) -> float:
    """The mean of the last `LAST` snapshots."""
    if len(run.snapshots) <= LAST:
        raise Missing(f"{run.folder} has {len(run.snapshots)} snapshots; {LAST + 1} are needed")
    return float(np.mean([read(run, snapshot, names) for snapshot in run.snapshots[-LAST:]]))


def rise(run: Run, read: Reader) -> float:
    """From the first snapshot to the end."""
    return end(run, read) - read(run, run.snapshots[0], None)


def rise_beyond_twin(seed: Seed, read: Reader) -> Parts:
    """Hypothesis 1."""
    return (rise(seed.of("eight"), read) - rise(seed.of(twin("eight")), read),)


def rise_of_twin(seed: Seed, read: Reader) -> Parts:
    """The null number of hypothesis 1."""
    return (rise(seed.twins.of("eight"), read),)


def common(seed: Seed) -> Names:
    """The classes of the small tasks that the large one has, too."""
    eight, two, more = (seed.of(arm).names for arm in ("eight", "two", "two_more"))
    names = tuple(name for name in two if name in eight and name in more)
    if len(names) < 2:
        raise Missing(f"the runs of seed {seed.number} have fewer than two classes in common")
    return names


class AtChance(Missing):
    """A network separates classes exactly at chance, so that there is no share of what it does better."""


def kept_without_parts(run: Run, names: Names) -> float:
    """The share of the pairwise accuracy above chance that remains on patch-shuffled validation images."""
    real, patches = (end(run, pairwise(kind), names) for kind in ("real", "patches"))
    if real == 0.5:
        raise AtChance(f"{run.folder} separates the common classes exactly at chance, so it has nothing to keep")
    return (patches - 0.5) / (real - 0.5)


def pairwise(kind: str) -> Reader:
    """Reads the accuracy between each two classes on validation images that are changed as the kind of clone says."""
    return lambda run, snapshot, names: run.pairs(snapshot, kind, names or run.names)


def kept_by_small_tasks(seed: Seed, read: Reader) -> Parts:
    """Hypothesis 2; `read` is not used."""
    names = common(seed)
    two, more, eight = (kept_without_parts(seed.of(arm), names) for arm in ("two", "two_more", "eight"))
    return two - eight, more - eight


def kept_by_twins(seed: Seed, read: Reader) -> Parts:
    """The null number of hypothesis 2: no difference where a twin, which has nothing to learn, is exactly at chance."""
    try:
        return kept_by_small_tasks(seed.twins, read)
    except AtChance:
        return (0.0,)


def clearer_in_large_task(seed: Seed, read: Reader) -> Parts:
    """Hypothesis 3."""
    names = common(seed)
    eight, two, more = (end(seed.of(arm), read, names) for arm in ("eight", "two", "two_more"))
    return eight - two, eight - more


def clearer_without_overfitting(seed: Seed, read: Reader) -> Parts:
    """Hypothesis 4."""
    overfit = seed.of("overfit")
    if not overfits(overfit.curve("val_loss")):
        raise Missing(f"the run {overfit.arm} of seed {seed.number} does not overfit")
    return (end(seed.of("augmented"), read) - end(overfit, read),)


def clearer_by_pretraining(seed: Seed, read: Reader) -> Parts:
    """Hypothesis 5: at the end, and at equal training loss."""
    pretrained, eight = seed.of("pretrained"), seed.of("eight")
    curves = [_along_loss(run, read) for run in (pretrained, eight)]
    level = max(min(curve) for curve in curves)  # the lowest that both reach
    ours, theirs = (float(np.interp(level, sorted(curve), [curve[x] for x in sorted(curve)])) for curve in curves)
    return end(pretrained, read) - end(eight, read), ours - theirs


def _along_loss(run: Run, read: Reader) -> dict[float, float]:
    """What is read by training loss, at the snapshots where the loss is lower than at all before.

    A snapshot before training has the loss of equal probabilities, ln(number of classes).
    """
    found: dict[float, float] = {}
    for snapshot in run.snapshots:
        loss = math.log(len(run.names)) if snapshot.epoch == 0 else snapshot.train_loss
        if loss is None:
            raise Missing(f"{run.folder} has no training loss at epoch {snapshot.epoch}")
        if loss < min(found, default=math.inf):
            found[loss] = read(run, snapshot, None)
    return found


def saturation(accuracy: dict[int, float]) -> int:
    """First epoch with an accuracy within `SATURATED` of the best."""
    best = max(accuracy.values())
    return min(epoch for epoch, value in accuracy.items() if value >= best - SATURATED - 1e-9)


def after_saturation(seed: Seed, read: Reader) -> tuple[float, float]:
    """Likeness at the end minus at the first snapshot after accuracy saturates; and of the twin in the same epochs."""
    run, shuffled = seed.of("pretrained"), seed.of(twin("pretrained"))
    reached = saturation(run.curve("val_acc"))
    since = [snapshot.epoch for snapshot in run.snapshots[:-LAST] if snapshot.epoch >= reached]
    if not since:
        raise Missing(f"the accuracy of {run.arm} of seed {seed.number} saturates only in the last {LAST} snapshots")
    return _since(run, since[0], read), _since(shuffled, since[0], read)


def _since(run: Run, epoch: int, read: Reader) -> float:
    at = [snapshot for snapshot in run.snapshots[:-LAST] if snapshot.epoch == epoch]
    if not at:
        raise Missing(f"{run.folder} has no snapshot at epoch {epoch}")
    return end(run, read) - read(run, at[0], None)
