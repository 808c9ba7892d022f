"""What the claims about the number of classes share: a measure of the same classes along the number of classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from featevo.study.claim import Line, Panel
from featevo.study.runs import Missing, Run
from featevo.study.seeds import Seed, common_classes

Read = Callable[[Run, tuple[str, ...]], float]
"""From a run and the names of classes to a number about their renders."""


def per_doubling(seed: Seed, init: str, read: Read) -> float:
    """Slope of the least squares line of a number over log2(number of classes), for the classes common to all runs."""
    runs = seed.of(init)
    if len(runs) < 2:
        raise Missing(f"init={init} has runs of one number of classes; two are needed (data.num_classes=2,8)")
    common = common_classes(runs)
    return float(np.polyfit(np.log2([run.classes for run in runs]), [read(run, common) for run in runs], 1)[0])


def along_classes(init: str, read: Read, label: str, seeds: Sequence[Seed]) -> Panel:
    """The numbers behind the slopes, a line per seed."""
    lines = []
    for seed in seeds:
        runs = seed.of(init)
        common = common_classes(runs)
        values = tuple(read(run, common) for run in runs)
        lines.append(Line(seed.number, init, tuple(float(run.classes) for run in runs), values))
    return Panel(f"{init.capitalize()} weights", "classes in the task", label, tuple(lines), doubling=True)
