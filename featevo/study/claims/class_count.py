"""Claims 2 and 3: what the number of classes in the task changes in features of the same classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from featevo.study.choices import COMPLEXITY, LAST, RECOGNITION
from featevo.study.claim import Claim, Hypothesis, Line, Panel
from featevo.study.runs import INITS, Missing, Run, Seed

Read = Callable[[Run, tuple[str, ...]], float]
"""Reads from a run a number about the renders of the named classes."""


def _values(runs: Sequence[Run], read: Read) -> list[float]:
    """One number per run, about the classes that all runs have."""
    common = tuple(name for name in runs[0].names if all(name in run.names for run in runs))
    if not common:
        raise Missing(f"the runs of seed {runs[0].seed} have no class in common")
    return [read(run, common) for run in runs]


def _per_doubling(seed: Seed, init: str, read: Read) -> float:
    runs = seed.of(init)
    if len(runs) < 2:
        raise Missing(f"init={init} has runs of one number of classes; two are needed (data.num_classes=2,8)")
    return float(np.polyfit(np.log2([run.classes for run in runs]), _values(runs, read), 1)[0])


def _along_classes(init: str, read: Read, label: str) -> tuple[Panel, Callable[[Seed], list[Line]]]:
    def lines(seed: Seed) -> list[Line]:
        runs = seed.of(init)
        return [Line(seed.number, init, tuple(float(run.classes) for run in runs), tuple(_values(runs, read)))]

    return Panel(f"{init.capitalize()} weights", "classes in the task", label, doubling=True), lines


def _complexity(run: Run, names: tuple[str, ...]) -> float:
    return run.end(COMPLEXITY, names)


def _hypothesis(key: str, init: str) -> Hypothesis:
    return Hypothesis(
        key=key,
        statement=f"From {init} weights, features of the same classes are simpler when the task has fewer classes.",
        operational=f"{COMPLEXITY} of the classes common to the seed's runs, mean over the last {LAST} snapshots; "
        "slope of the least squares line over log2(number of classes).",
        unit="ranks per doubling",
        needs=f"init={init} with at least two numbers of classes, the smaller task's classes among the larger's",
        number=lambda seed: _per_doubling(seed, init, _complexity),
        inits=(init,),
        measure=COMPLEXITY,
    )


FEWER_IS_SIMPLER = Claim(
    key="2",
    title="Fewer classes, simpler features",
    paper="A CNN automatically generates features of just enough complexity to perform the task at hand, even when the "
    "network is pretrained on a more challenging task.",
    hypotheses=(_hypothesis("2a", "random"), _hypothesis("2b", "pretrained")),
    panels=tuple(_along_classes(init, _complexity, "effective rank, common classes") for init in INITS),
    limits="Tasks with more classes also show the network more pictures; batches in proportion to the number of "
    "classes give all the same number of steps, and each picture the same number of visits.",
)


def _recognition(run: Run, names: tuple[str, ...]) -> float:
    """Corrected for chance: 0 at chance, 1 for certainty, for any number of classes of the judge."""
    known: Any = (run.judge or {}).get("classes", run.classes)  # an older record has no classes of the judge
    chance = 1 / max(2, known if isinstance(known, int) else len(known))
    return (run.end(RECOGNITION, names) - chance) / (1 - chance)


def _slope(seed: Seed) -> float:
    return float(np.mean([_per_doubling(seed, init, _recognition) for init in INITS]))


HARDER_IS_CLEARER = Claim(
    key="3",
    title="A harder task, features that are recognised better",
    paper="Training on a more challenging task (e.g. larger number of classes) will yield features that are more "
    "informative and archetypal of the representative class members.",
    hypotheses=(
        Hypothesis(
            key="3a",
            statement="A judge recognises the same classes better in renders of networks whose task has more classes.",
            operational=f"{RECOGNITION} p of the classes common to the seed's runs, mean over the last {LAST} "
            "snapshots, corrected for chance among the judge's K classes, (p - 1/K) / (1 - 1/K); slope of the least "
            "squares line over log2(number of classes), mean of both inits.",
            unit="per doubling",
            needs="both inits with at least two numbers of classes, the smaller task's classes among the larger's",
            number=_slope,
            measure=RECOGNITION,
        ),
    ),
    panels=tuple(_along_classes(init, _recognition, "recognition above chance") for init in INITS),
    limits="A judge that chooses among each run's own classes has a harder task itself where they are more, which "
    "speaks against the claim: `supported` stands, `contradicted` may be the judge's.",
)
