"""Finished runs of the study: curves by epoch, measures and matrices by snapshot; and the runs of one seed by arm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from featevo.errors import UserError
from featevo.record.jobs import FINISHED, status_of
from featevo.record.reading import Evolution, read_controls, read_curve
from featevo.record.safe import MOST_JSON, MOST_MATRICES, read_json, read_text
from featevo.record.schema import Snapshot, is_number
from featevo.study.arms import ARMS, PREFIX, twin
from featevo.study.choices import PRIMARY, REPLICATION

Names = tuple[str, ...]
"""Names of classes."""


class Missing(Exception):
    """The reason why a number cannot be computed from some runs."""


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        evolution: Its record.
        seed: Seed of the weights, the order of the data, and of which images are drawn or taken.
        data: Name of its data set.
        arm: One of `ARMS`.
        config: Its configuration, from `.hydra/config.yaml`.
    """

    evolution: Evolution
    seed: int
    data: str
    arm: str
    config: dict[str, Any]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Its configuration by dotted keys; references to other keys are left as text."""
        return dict(flat(self.config))

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.evolution.folder

    @cached_property
    def names(self) -> Names:
        """Names of its classes, in the order of their units."""
        return tuple(self.evolution.classes.values())

    @cached_property
    def snapshots(self) -> list[Snapshot]:
        """Its snapshots with images of the classes, from the first epoch to the last."""
        return [s for s in self.evolution.of_main_view.snapshots if s.of_view() and s.error is None]

    def curve(self, metric: str) -> dict[int, float]:
        """Values by epoch of a column of `metrics.csv`."""
        found = dict(read_curve(self.folder, metric))
        if not found:
            raise Missing(f"{self.folder} has no {metric} in metrics.csv")
        return found

    def measured(self, snapshot: Snapshot, measure: str, names: Names | None = None) -> float:
        """A measure of a snapshot: its mean over all classes, or over those with these names."""
        if names is None:
            values = [snapshot.measures.get(measure)]
        else:
            values = [image.measures.get(measure) for image in snapshot.of_view() if image.name in names]
        known = [float(value) for value in values if value is not None and is_number(value)]
        if not known or len(known) < len(values):
            raise Missing(f"{self.folder} has no {measure} at epoch {snapshot.epoch}")
        return float(np.mean(known))

    def pairs(self, snapshot: Snapshot, matrix: str, names: Names) -> float:
        """The mean of a snapshot's matrix over all ordered pairs of different classes with these names."""
        whole = self._matrices(snapshot)
        classes, rows = whole.get("classes"), whole.get(matrix)
        try:
            places = [classes.index(name) for name in names]  # type: ignore[union-attr]
            values = [rows[i][j] for i in places for j in places if i != j]  # type: ignore[index]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            values = []
        if not values or not all(map(is_number, values)):
            raise Missing(f"{self.folder} has no matrix {matrix} of these classes at epoch {snapshot.epoch}")
        return float(np.mean(values))

    def _matrices(self, snapshot: Snapshot) -> dict[str, Any]:
        if snapshot.folder not in self._read:
            try:
                whole = read_json(self.folder, snapshot.matrices_file, MOST_MATRICES)
            except (OSError, ValueError, UserError):
                whole = {}
            self._read[snapshot.folder] = whole if isinstance(whole, dict) else {}
        return self._read[snapshot.folder]

    @cached_property
    def _read(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def controls(self) -> dict[str, dict[str, float]]:
        """Means by measure and control."""
        return read_controls(self.folder)


@dataclass(frozen=True)
class Seed:
    """The runs of one seed on one data set, by arm; `of` gives those of the plain arms, or of their twins."""

    number: int
    runs: dict[str, Run]
    shuffled: bool = False

    @property
    def twins(self) -> Seed:
        """The same seed with the twin in the place of each arm."""
        return replace(self, shuffled=True)

    def of(self, arm: str) -> Run:
        """The run of an arm.

        Raises:
            Missing: The seed has none.
        """
        name = twin(arm) if self.shuffled else arm
        if name not in self.runs:
            raise Missing(f"seed {self.number} lacks the arm {name}")
        return self.runs[name]


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
        config: Any = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
        # In a multirun, the record's own name is that of the folder.
        seed, data, name = int(config["seed"]), str(config["data"]["name"]), str(config["name"])
    except Exception as error:  # a broken file, YAML, configuration or value
        raise UserError(".hydra/config.yaml with its seed and data.name cannot be read") from error
    arm = name.removeprefix(PREFIX)
    if not name.startswith(PREFIX) or arm not in ARMS:
        # Interpolations are not resolved: in the folder of somebody else, one could name the reader's environment.
        shown = evolution.name if "${" in name else name
        raise UserError(f"it is no run of the second study: its name is {shown}, not {PREFIX}ARM")
    if data not in (PRIMARY, REPLICATION):
        raise UserError(f"its data set is {data}; the study has {PRIMARY} and {REPLICATION}")
    if not evolution.classes:
        raise UserError("no snapshot has a render of a class")
    return Run(evolution, seed, data, arm, config)


def by_seed(runs: Sequence[Run], data: str) -> list[Seed]:
    """The runs on one data set by seed, in ascending order; `collect` has removed duplicates."""
    own = [run for run in runs if run.data == data]
    return [Seed(n, {run.arm: run for run in own if run.seed == n}) for n in sorted({run.seed for run in own})]


def referred(value: str) -> str:
    """The dotted key that a value refers to, as `${data.num_classes}` does; empty for any other value."""
    found = re.fullmatch(r"\$\{([\w.]+)\}", value)
    return found[1] if found else ""


def flat(config: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a configuration by dotted keys."""
    for key, value in config.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
