"""The parts of a claim: hypotheses with one number per seed, and panels that show the runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from featevo.study.runs import INITS, Run, Seed
from featevo.study.verdicts import why_withdrawn

Reader = Callable[[Run], dict[int, float]]
"""Reads a value by epoch from a run; raises `Missing`."""


@dataclass(frozen=True)
class Hypothesis:
    """A statement about one number per seed: its mean over seeds is above 0.

    Attributes:
        key: Such as `1a`.
        statement: The statement in words.
        operational: How the number of a seed is computed from its runs.
        unit: Unit of that number.
        needs: The runs that each seed needs.
        number: Computes the number from the runs of one seed; raises `Missing`.
        measure: The recorded measure that it uses, by one judge in all runs; None: it uses only curves.
        inits: The initialisations whose runs it uses.
        compares_inits: Whether the judge must not be related to the pretrained weights.
    """

    key: str
    statement: str
    operational: str
    unit: str
    needs: str
    number: Callable[[Seed], float]
    measure: str | None = None
    inits: tuple[str, ...] = INITS
    compares_inits: bool = False

    @property
    def withdrawn(self) -> str:
        """Why there is no verdict, whatever the numbers are; empty where there is one."""
        return why_withdrawn(self.measure)


@dataclass(frozen=True)
class Line:
    """One seed in a panel: `x` and `y` have equal length; `mark` is the `x` of a marker on the line."""

    seed: int
    group: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    mark: float | None = None


@dataclass(frozen=True)
class Panel:
    """One diagram of the runs, with a line per seed; `doubling`: x is the number of classes, on a log scale."""

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
        title: A short title.
        paper: Quotation from the paper.
        hypotheses: What must hold for it; see `concluded`.
        panels: Each panel without its lines, and a function that makes the lines of one seed or raises `Missing`.
        limits: What the verdict does not show.
        found_since: Evidence against it that was found after the plan was fixed, besides withdrawn measures.
    """

    key: str
    title: str
    paper: str
    hypotheses: tuple[Hypothesis, ...]
    panels: tuple[tuple[Panel, Callable[[Seed], list[Line]]], ...]
    limits: str
    found_since: str = ""


def mean_curve(runs: Sequence[Run], read: Reader) -> dict[int, float]:
    """Mean over the runs by epoch, for the epochs that all runs have."""
    curves = [read(run) for run in runs]
    epochs = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {epoch: sum(curve[epoch] for curve in curves) / len(curves) for epoch in epochs}


def mean_line(
    seed: Seed, group: str, runs: Sequence[Run], read: Reader, mark: Callable[[Run], float] | None = None
) -> Line:
    """The mean curve of a seed's runs over epochs, with the mean of an epoch to mark."""
    curve = mean_curve(runs, read)
    marked = None if mark is None else float(np.mean([mark(run) for run in runs]))
    return Line(seed.number, group, tuple(map(float, curve)), tuple(curve.values()), marked)
