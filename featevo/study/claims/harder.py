"""Claim 3: a harder task gives features that a judge recognises better."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from featevo.study.choices import LAST, RECOGNITION
from featevo.study.claim import Claim, Hypothesis
from featevo.study.claims.classes import along_classes, per_doubling
from featevo.study.runs import INITS, Run
from featevo.study.seeds import Seed


def _recognition(run: Run, names: tuple[str, ...]) -> float:
    """Corrected for chance: 0 for a guess, 1 for certainty, whatever the number of classes that the judge knows."""
    chance = 1 / _known_to(run.judge, run.classes)
    return (run.end(RECOGNITION, names) - chance) / (1 - chance)


def _known_to(judge: dict[str, Any] | None, own: int) -> int:
    """Among how many classes the judge chose; the run's own where the record does not say."""
    known = (judge or {}).get("classes", own)
    return max(2, known if isinstance(known, int) else len(known))


def _slope(seed: Seed) -> float:
    return float(np.mean([per_doubling(seed, init, _recognition) for init in INITS]))


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
            inits=INITS,
            measure=RECOGNITION,
        ),
    ),
    panels=tuple(partial(along_classes, init, _recognition, "recognition above chance") for init in INITS),
    limits="A judge that chooses among each run's own classes has a harder task itself where they are more, which "
    "speaks against the claim: `supported` stands, `contradicted` may be the judge's.",
)
