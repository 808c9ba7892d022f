"""Claim 2: with the same pictures and classes, fewer classes give simpler features, also from pretrained weights."""

from __future__ import annotations

from functools import partial

from featevo.study.choices import COMPLEXITY, LAST
from featevo.study.claim import Claim, Hypothesis
from featevo.study.claims.classes import along_classes, per_doubling
from featevo.study.runs import INITS, Run


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
        number=lambda seed: per_doubling(seed, init, _complexity),
        inits=(init,),
        measure=COMPLEXITY,
    )


FEWER_IS_SIMPLER = Claim(
    key="2",
    title="Fewer classes, simpler features",
    paper="A CNN automatically generates features of just enough complexity to perform the task at hand, even when the "
    "network is pretrained on a more challenging task.",
    hypotheses=(_hypothesis("2a", "random"), _hypothesis("2b", "pretrained")),
    panels=tuple(partial(along_classes, init, _complexity, "effective rank, common classes") for init in INITS),
    limits="Tasks with more classes also show the network more pictures; batches in proportion to the number of "
    "classes give all the same number of steps, and each picture the same number of visits.",
)
