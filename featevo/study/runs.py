"""Finished runs of the study: curves by epoch, measures by snapshot; and the design: runs by seed and cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from featevo.errors import UserError
from featevo.record.jobs import FINISHED, status_of
from featevo.record.reading import Evolution, read_curve
from featevo.record.safe import MOST_JSON, read_text
from featevo.record.schema import Snapshot
from featevo.study.choices import LAST

INITS = ("random", "pretrained")


class Missing(Exception):
    """The reason why a number cannot be computed from some runs."""


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        evolution: Its record.
        seed: Seed of the weights, the order of the data and, where data is generated, the data.
        init: One of `INITS`.
        config: Its configuration, from `.hydra/config.yaml`.
    """

    evolution: Evolution
    seed: int
    init: str
    config: dict[str, Any]

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.evolution.folder

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of its classes, in the order of their units."""
        return tuple(self.evolution.classes.values())

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.names)

    @property
    def cell(self) -> tuple[str, int]:
        """Its place in the design: (init, number of classes)."""
        return self.init, self.classes

    def curve(self, metric: str) -> dict[int, float]:
        """Values by epoch of a column of `metrics.csv`."""
        found = dict(read_curve(self.folder, metric))
        if not found:
            raise Missing(f"{self.folder} has no {metric} in metrics.csv")
        return found

    def measured(self, measure: str) -> dict[int, float]:
        """Values by epoch of a measure, mean over classes, from the last snapshot of each epoch of training."""
        found = {s.epoch: float(s.measures[measure]) for s in self._trained if _known(s.measures.get(measure))}
        if not found:
            raise Missing(f"{self.folder} has no {measure} in its record")
        return found

    def end(self, measure: str, names: tuple[str, ...]) -> float:
        """Mean of a measure over the renders of these classes in the last `LAST` snapshots."""
        last = self._trained[-LAST:]
        found = [
            float(render.measures[measure])
            for snapshot in last
            for render in snapshot.of_view()
            if render.name in names and _known(render.measures.get(measure))
        ]
        if len(found) < len(names) * len(last) or not found:
            raise Missing(f"{self.folder} lacks {measure} of some render in its last {LAST} snapshots")
        return float(np.mean(found))

    @property
    def judge(self) -> dict[str, Any] | None:
        """The judge that rated its renders, as recorded; None where the record has no judge."""
        judges = [_judge(s) for s in self._trained if s.measures]
        if any(judge != judges[0] for judge in judges):
            raise Missing(f"{self.folder} was measured by several judges; measure it again by one")
        return judges[0] if judges else None

    @property
    def _trained(self) -> list[Snapshot]:
        return [s for s in self.evolution.of_main_view.snapshots if s.val_acc is not None and s.error is None]


@dataclass(frozen=True)
class Seed:
    """The runs of one seed.

    Attributes:
        number: The seed.
        runs: Runs by cell: (init, number of classes).
        design: All cells of the study, sorted.
    """

    number: int
    runs: dict[tuple[str, int], Run]
    design: tuple[tuple[str, int], ...]

    def of(self, init: str) -> list[Run]:
        """The runs of one init, in ascending order of the number of classes.

        Raises:
            Missing: The study has none, or this seed lacks a cell of the study.
        """
        cells = [cell for cell in self.design if cell[0] == init]
        if not cells:
            raise Missing(f"no run with init={init}")
        for cell in cells:
            if cell not in self.runs:
                raise Missing(f"seed {self.number} lacks init={init} with {cell[1]} classes")
        return [self.runs[cell] for cell in cells]

    def pairs(self) -> list[tuple[Run, Run]]:
        """Pairs (pretrained, random) with the same number of classes."""
        random = {run.classes: run for run in self.of("random")}
        pairs = [(run, random[run.classes]) for run in self.of("pretrained") if run.classes in random]
        if not pairs:
            raise Missing("no number of classes has runs of both inits")
        return pairs


def as_run_of_study(evolution: Evolution) -> Run:
    """Make a run of the study from a record.

    Raises:
        UserError: It cannot be used; the message has the reason without the folder.
    """
    status, error_text = status_of(evolution.run)
    if status != FINISHED:
        raise UserError(f"its status is {status}" + (f" ({error_text})" if error_text else ""))
    try:
        text = read_text(evolution.folder, ".hydra/config.yaml", MOST_JSON)
        config = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
        seed, init = int(config["seed"]), str(config["init"]["name"])  # type: ignore[index, call-overload]
    except Exception as error:  # a broken file, YAML, configuration or value
        raise UserError(".hydra/config.yaml with its seed and init.name cannot be read") from error
    if init not in INITS:
        raise UserError(f"init is {init}; the claims are about {' and '.join(INITS)}")
    if not evolution.classes:
        raise UserError("no snapshot has a render of a class")
    return Run(evolution, seed, init, config)  # type: ignore[arg-type]


def by_seed(runs: Sequence[Run]) -> list[Seed]:
    """Group runs by seed, in ascending order; `collect` has removed duplicates."""
    design = tuple(sorted({run.cell for run in runs}))
    numbers = sorted({run.seed for run in runs})
    return [Seed(n, {run.cell: run for run in runs if run.seed == n}, design) for n in numbers]


def _judge(snapshot: Snapshot) -> Any:
    measured = snapshot.provenance.get("measures")
    return measured.get("judge") if isinstance(measured, dict) else None


def _known(value: Any) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))
