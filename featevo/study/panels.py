"""The diagrams of the runs: a line per run, and the levels of images of known kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from featevo.study.arms import twin
from featevo.study.choices import VIEWER
from featevo.study.numbers import Reader, common, likeness, pairwise
from featevo.study.runs import Missing, Names, Run, Seed

CONTROLS = ("real", "start", "noise")
"""Images whose likeness is drawn as a level: the ceiling, and two floors."""


@dataclass(frozen=True)
class Line:
    """One run in a panel: `x` and `y` have equal length; `group` is its arm."""

    seed: int
    group: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One diagram: the lines of all runs, and heights to compare them with, by name."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...] = ()
    levels: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawing:
    """How a panel is made.

    Attributes:
        panel: Its labels, and levels that need no run.
        arms: Arms that are drawn, each with its twin.
        points: Of a run, x and y; gets the classes that the small and the large task have in common, if `of_common`.
        of_common: Whether only these classes are drawn.
        with_controls: Whether the controls of likeness are levels.
    """

    panel: Panel
    arms: tuple[str, ...]
    points: Callable[[Run, Names | None], list[tuple[float, float]]]
    of_common: bool = False
    with_controls: bool = False

    def drawn(self, seeds: Sequence[Seed]) -> Panel:
        """The panel with the lines of all runs that have what it needs."""
        lines = [line for seed in seeds for line in self._lines(seed)]
        runs = [seed.runs[arm] for seed in seeds for arm in self.arms if arm in seed.runs]
        levels = self.panel.levels | (controls(runs) if self.with_controls else {})
        return replace(self.panel, lines=tuple(lines), levels=levels)

    def _lines(self, seed: Seed) -> Iterator[Line]:
        for arm in [*self.arms, *map(twin, self.arms)]:
            with suppress(Missing):
                run = seed.of(arm)
                if points := self.points(run, common(seed) if self.of_common else None):
                    x, y = zip(*points, strict=True)
                    yield Line(seed.number, arm, x, y)


def controls(runs: Sequence[Run]) -> dict[str, float]:
    """The likeness of images of known kinds: the mean over the runs that have them."""
    found = {}
    for kind in CONTROLS:
        of_runs = [run.controls.get(f"likeness/{VIEWER}", {}).get(kind) for run in runs]
        known = [value for value in of_runs if value is not None]
        if known:
            found[kind] = float(np.mean(known))
    return found


def over_epochs(arms: tuple[str, ...], read: Reader, panel: Panel, **options: bool) -> Drawing:
    """What is read, by epoch."""

    def points(run: Run, names: Names | None) -> list[tuple[float, float]]:
        return [(float(snapshot.epoch), read(run, snapshot, names)) for snapshot in run.snapshots]

    return Drawing(panel, arms, points, **options)


def likeness_over_epochs(*arms: str, of_common: bool = False) -> Drawing:
    """The likeness by epoch, with its controls."""
    what = "likeness of the common classes" if of_common else "likeness"
    panel = Panel(what.capitalize(), "epoch", what, levels={"chance": 0.5})
    return over_epochs(arms, likeness(), panel, of_common=of_common, with_controls=True)


def pairwise_over_epochs(kind: str, title: str, *arms: str) -> Drawing:
    """The pairwise accuracy of the common classes on changed validation images, by epoch."""

    panel = Panel(title, "epoch", "pairwise accuracy", levels={"chance": 0.5})
    return over_epochs(arms, pairwise(kind), panel, of_common=True)


def curve_over_epochs(metric: str, label: str, *arms: str) -> Drawing:
    """A column of `metrics.csv`."""

    def points(run: Run, names: Names | None) -> list[tuple[float, float]]:
        return [(float(epoch), value) for epoch, value in run.curve(metric).items()]

    return Drawing(Panel(label.capitalize(), "epoch", label), arms, points)


def likeness_over_loss(*arms: str) -> Drawing:
    """The likeness by training loss."""
    read = likeness()

    def points(run: Run, names: Names | None) -> list[tuple[float, float]]:
        return [(s.train_loss, read(run, s, None)) for s in run.snapshots if s.train_loss is not None]

    panel = Panel("Likeness by training loss", "training loss", "likeness", levels={"chance": 0.5})
    return Drawing(panel, arms, points, with_controls=True)
