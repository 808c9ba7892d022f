"""Reading the record of a run: for the figure, the film, the table and the page."""

from __future__ import annotations

import csv
import math
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from featevo.errors import UserError
from featevo.record.index import lines_of
from featevo.record.safe import MOST_CSV, MOST_INDEX, all_inside, inside, read_bytes, read_json, read_text
from featevo.record.schema import INDEX, MAIN_VIEW, REAL, Snapshot, is_number, snapshot_of
from featevo.record.units import name_with_group

CONTROLS, TRANSFER = "evolution/controls.json", "evolution/transfer.json"
"""Files with numbers about all snapshots: `featevo.measure.controls`, `featevo.measure.transfer`."""

LAYERS = "evolution/layers.json"
"""The file of how layers change over all snapshots: `featevo.measure.layer_change`."""

_REAL_NAME = re.compile(r"(\d{3,9})-.+-(\d{1,9})\.png", re.ASCII)

MOST_EPOCHS = 10**12
"""Rows of `metrics.csv` with a larger epoch are left out."""


@dataclass(frozen=True)
class Evolution:
    """The ordered snapshots of one run, with `run.json` as a dictionary (empty where there is none)."""

    folder: Path
    run: dict[str, Any]
    snapshots: list[Snapshot]

    @property
    def name(self) -> str:
        """The run's name, or its folder's."""
        return str(self.run.get("name") or self.folder.resolve().name)

    @cached_property
    def classes(self) -> dict[int, str]:
        """Name by unit, of every class drawn in any snapshot, in the order of the units."""
        return self._units_of(MAIN_VIEW)

    @cached_property
    def main_view(self) -> str:
        """The view of the run's figures and film: the classes; in a run without them, the first view recorded."""
        views = [image.view for snapshot in self.snapshots for image in snapshot.images]
        return MAIN_VIEW if MAIN_VIEW in views or not views else views[0]

    @cached_property
    def main_units(self) -> dict[int, str]:
        """Name by unit, of every unit of the main view, in the order of the units."""
        return self._units_of(self.main_view)

    def _units_of(self, view: str) -> dict[int, str]:
        images = (image for snapshot in self.snapshots for image in snapshot.of_view(view))
        return dict(sorted({image.unit: name_with_group(image) or str(image.unit) for image in images}.items()))

    @cached_property
    def real(self) -> dict[int, list[str]]:
        """Files of real images by unit, relative to the folder, in the order of their numbers; often none.

        They are of classes, so a run without classes has none.
        """
        if self.main_view != MAIN_VIEW:
            return {}
        try:
            entries = os.scandir(inside(self.folder, REAL))
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
        except (OSError, UserError):
            return {}
        found = sorted((int(match[1]), int(match[2]), match[0]) for match in map(_REAL_NAME.fullmatch, names) if match)
        files: dict[int, list[str]] = {}
        for unit, _, name in found:
            files.setdefault(unit, []).append(f"{REAL}/{name}")
        return files

    @property
    def of_main_view(self) -> Evolution:
        """The same run without snapshots of other views or weights alone, unless all are such ones."""
        kept = [snapshot for snapshot in self.snapshots if snapshot.belongs_to(self.main_view)]
        return replace(self, snapshots=kept) if kept else self

    def labels(self) -> list[str]:
        """A label for each snapshot: its epoch, with the step where the epoch alone is not unique."""
        count = Counter(snapshot.epoch for snapshot in self.snapshots)
        return [f"{s.epoch}, step {s.step}" if count[s.epoch] > 1 else str(s.epoch) for s in self.snapshots]


def class_names(evolution: Evolution) -> dict[int, str]:
    """Name by unit of every drawn class, with the unit if several classes have the name."""
    count = Counter(evolution.classes.values())
    return {unit: f"{name} ({unit})" if count[name] > 1 else name for unit, name in evolution.classes.items()}


def all_class_names(evolutions: Sequence[Evolution]) -> list[str]:
    """The names of the classes of all runs, each once, in the order of the runs."""
    return list(dict.fromkeys(name for evolution in evolutions for name in class_names(evolution).values()))


def evenly(count: int, most: int) -> list[int]:
    """At most `most` of `count` places, evenly spread, first and last included."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int)).tolist()


def in_phase(count: int, most: int, period: int = 1) -> tuple[int, list[int]]:
    """At most `most` of `count` places, all at the last one's place within a period; and the first.

    Values that change periodically, as by an operator every few steps, can be compared only at equal phase.

    Returns:
        Steps between two places, 1 where all fit, and the places: the first, then every so many up to the last.
    """
    last = count - 1
    every = 1 if count <= most else period * math.ceil(last / (period * (most - 1)))
    return every, sorted({0, *range(last % every, count, every)}) if count else []


def period_of(settings: Mapping[str, Any]) -> int:
    """Number of steps after which the same operators are due again, from the settings of a render; 1 if unknown."""
    regularizer = settings.get("regularizer")
    period = regularizer.get("period") if isinstance(regularizer, dict) else None
    return period if isinstance(period, int) and period > 0 else 1


def read_evolution(run_folder: Path) -> Evolution:
    """Read a run folder, also of a run that is still going or was killed while it wrote.

    Raises:
        UserError: no record there, a line that cannot be read (other than a half-written last one), an image outside
            the folder, or a record of a newer featevo.
    """
    snapshots = []
    try:
        for line in lines_of(read_bytes(run_folder, INDEX, MOST_INDEX), run_folder / INDEX):
            try:
                snapshots.append(snapshot_of(line.entry))
            except ValueError as error:
                raise UserError(f"{run_folder / INDEX}, line {line.number}: {error}") from error
            all_inside(run_folder, (image.file for image in snapshots[-1].images if image.file))
    except (FileNotFoundError, NotADirectoryError) as error:
        wanted = f"{INDEX} was looked for there and not found"
        raise UserError(f"{run_folder} is not a run folder: {wanted}") from error
    snapshots.sort(key=lambda snapshot: (snapshot.epoch, snapshot.step))
    return Evolution(run_folder, read_run(run_folder), snapshots)


def read_curve(run_folder: Path, metric: str = "val_acc") -> list[tuple[int, float]]:
    """(epoch, value) of every epoch in `metrics.csv` that has the metric; empty where there is none.

    Accuracies are fractions in [0, 1].
    """
    curve = {}
    try:
        for row in csv.DictReader(StringIO(read_text(run_folder, "metrics.csv", MOST_CSV), newline="")):
            try:
                epoch, value = int(row["epoch"]), float(row[metric])
            except (KeyError, TypeError, ValueError):  # an empty cell, or a row cut off by a crash
                continue
            if math.isfinite(value) and abs(epoch) < MOST_EPOCHS:
                curve[epoch] = value
    except csv.Error as error:
        raise UserError(f"{run_folder / 'metrics.csv'} cannot be read ({error})") from error
    except OSError:
        return []
    return sorted(curve.items())


def read_controls(run_folder: Path) -> dict[str, dict[str, float]]:
    """Mean by measure and control (real images, noise) of `evolution/controls.json`; invalid entries are left out."""
    try:
        content = read_json(run_folder, CONTROLS)
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    controls = {
        measure: {
            name: float(entry["mean"])
            for name, entry in named.items()
            if isinstance(entry, dict) and is_number(entry.get("mean"))
        }
        for measure, named in content.items()
        if isinstance(named, dict)
    }
    return {measure: means for measure, means in controls.items() if means}


def read_run(run_folder: Path) -> dict[str, Any]:
    """A run's `run.json`; empty where it is missing or not whole."""
    try:
        run = read_json(run_folder, "run.json")
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
