"""What a claim is made of: hypotheses, each one number per seed, and what to show of the runs behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from featevo.study.runs import Run
from featevo.study.seeds import Seed
from featevo.study.verdicts import why_withdrawn


@dataclass(frozen=True)
class Hypothesis:
    """One statement about one number per seed: its mean over seeds is above 0.

    Attributes:
        key: Such as `1a`.
        statement: In words.
        operational: How a seed's number is got from its runs.
        unit: Of that number.
        needs: The runs it needs, of each seed.
        number: From one seed's runs to its number; raises `Missing`.
        inits: Whose runs it uses.
        measure: What must be recorded with the snapshots, measured by one judge; nothing: the curves suffice.
        compares_inits: Whether a judge that is related to the pretrained weights would be partial.
    """

    key: str
    statement: str
    operational: str
    unit: str
    needs: str
    number: Callable[[Seed], float]
    inits: tuple[str, ...]
    measure: str | None = None
    compares_inits: bool = False

    @property
    def withdrawn(self) -> str:
        """Why no verdict is given, whatever the numbers are; empty where one is."""
        return why_withdrawn(self.measure)


@dataclass(frozen=True)
class Line:
    """One seed in a panel: `x` and `y` of equal length; `mark` is an `x` to be marked on it."""

    seed: int
    group: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    mark: float | None = None


@dataclass(frozen=True)
class Panel:
    """One diagram of what the runs did, every seed a line; `doubling`: x are numbers of classes, on a log scale."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...] = ()
    mark_label: str = ""
    doubling: bool = False


@dataclass(frozen=True)
class Claim:
    """One conclusion of the paper.

    Attributes:
        key: Its number.
        title: In a few words.
        paper: As the paper says it.
        hypotheses: What must hold for it; see `concluded`.
        panels: What to show of the seeds' runs; each raises `Missing` where it cannot be.
        limits: What the verdict does not say.
        found_since: What is known against it since the plan was fixed, beside what is withdrawn.
    """

    key: str
    title: str
    paper: str
    hypotheses: tuple[Hypothesis, ...]
    panels: tuple[Callable[[Sequence[Seed]], Panel], ...]
    limits: str
    found_since: str = ""


def mean_curve(runs: Sequence[Run], read: Callable[[Run], dict[int, float]]) -> dict[int, float]:
    """Mean by epoch over the runs, of the epochs that all have."""
    curves = [read(run) for run in runs]
    epochs = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {epoch: sum(curve[epoch] for curve in curves) / len(curves) for epoch in epochs}
