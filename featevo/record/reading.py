"""The record of a run as its readers see it: the figure, the animation, the table and the page all start here."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from io import StringIO
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from featevo.errors import UserError
from featevo.record.safe import MOST_CSV, read_json, read_text

SCHEMA = 1
INDEX = "evolution/index.jsonl"
CONTROLS = "evolution/controls.json"
MOST_EPOCHS = 10**12
"""A row of `metrics.csv` with a larger epoch is none."""


@dataclass(frozen=True)
class RenderEntry:
    """One picture of the record; `file` is relative to the run folder.

    `probabilities` are the network's own by class, the highest that the writer keeps; older records have none.
    `trace` has the objective's first value and every `trace_every`-th up to the last of `trace_of`; an older record
    has `trace_of` 0, and 33 values before and after filters as they came.
    """

    view: str
    unit: int
    file: str
    name: str = ""
    logit: float | None = None
    probability: float | None = None
    probabilities: dict[int, float] = field(default_factory=dict)
    trace: list[Any] = field(default_factory=list)
    trace_of: int = 0
    trace_every: int = 1
    measures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """All renders of one moment of training; accuracies are fractions in [0, 1], `epoch` counts completed passes.

    `training` is the same for all snapshots of one training and for no other's; older records have none.
    """

    epoch: int
    step: int = 0
    trigger: str = ""
    val_acc: float | None = None
    val_loss: float | None = None
    train_loss: float | None = None
    seconds: float | None = None
    folder: str = ""
    training: str = ""
    error: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Any] = field(default_factory=dict)
    renders: list[RenderEntry] = field(default_factory=list)

    def of_view(self, view: str) -> list[RenderEntry]:
        """The renders of one view, in the order of their units."""
        return sorted((render for render in self.renders if render.view == view), key=lambda render: render.unit)

    @property
    def accuracy(self) -> str:
        """The validation accuracy as people write it."""
        return percent(self.val_acc)

    @property
    def caption(self) -> str:
        """The accuracy with what a reader must know about it: `before training`, `97 % (last)`."""
        if self.epoch == 0 and self.val_acc is None:
            return "before training"
        return f"{self.accuracy} (last)" if self.trigger == "last_epoch" else self.accuracy


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
        drawn = {r.unit: r.name or str(r.unit) for s in self.snapshots for r in s.of_view("classes")}
        return dict(sorted(drawn.items()))

    def labels(self) -> list[str]:
        """What to call each snapshot: its epoch, with the step where the epoch alone is not unique."""
        count = Counter(snapshot.epoch for snapshot in self.snapshots)
        return [f"{s.epoch}, step {s.step}" if count[s.epoch] > 1 else str(s.epoch) for s in self.snapshots]


def evenly(count: int, most: int) -> list[int]:
    """At most `most` of `count` places, evenly spread, first and last included."""
    return np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int)).tolist()


def in_phase(count: int, most: int, period: int = 1) -> tuple[int, list[int]]:
    """At most `most` of `count` places, all at the last one's place within a period; and the first.

    Values that something changes every `period` steps can only be compared at one such place.

    Returns:
        Steps between two places, 1 where all fit, and the places: the first, then every so many up to the last.
    """
    last = count - 1
    every = 1 if count <= most else period * math.ceil(last / (period * (most - 1)))
    return every, sorted({0, *range(last % every, count, every)}) if count else []


def period_of(settings: Mapping[str, Any]) -> int:
    """After how many steps the same operators are due again, by the settings of a render; 1 where they do not say."""
    regularizer = settings.get("regularizer")
    period = regularizer.get("period") if isinstance(regularizer, dict) else None
    return period if isinstance(period, int) and period > 0 else 1


def percent(fraction: float | None) -> str:
    """A fraction in [0, 1] as people write it, `64 %` or `97.5 %`; `-` where there is none."""
    if fraction is None or not is_number(fraction):
        return "-"
    return f"{100 * fraction:.1f}".removesuffix(".0") + " %"


def read_evolution(run_folder: Path) -> Evolution:
    """Read a run folder, also of a run that is still going or was killed while it wrote.

    Raises:
        UserError: no record there, a line that cannot be read (other than a half-written last one), or a record
            of a newer featevo.
    """
    path = run_folder / INDEX
    if not path.is_file():
        raise UserError(f"{run_folder} is not a run folder: {INDEX} was looked for there and not found")
    snapshots = sorted(_snapshots(path), key=lambda snapshot: (snapshot.epoch, snapshot.step))
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
    """Mean by measure and control (real pictures, noise) of `evolution/controls.json`; what is none is left out."""
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


def is_number(value: Any) -> bool:
    """Whether a value of a record can be shown as a number: finite, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _snapshots(path: Path) -> Iterator[Snapshot]:
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=0)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            if number == last:  # the run was killed, or is writing, in the middle of this line
                return
            raise UserError(f"{path}, line {number}: not JSON ({error.msg}); each line must be one snapshot") from error
        yield _snapshot(entry, f"{path}, line {number}")


def _snapshot(entry: Any, where: str) -> Snapshot:
    if not isinstance(entry, dict):
        raise UserError(f"{where}: not a snapshot; each line must be one JSON object")
    try:
        if entry.get("schema", SCHEMA) > SCHEMA:
            newer = f"schema {entry['schema']} was written by a newer featevo; this one reads {SCHEMA}"
            raise UserError(f"{where}: {newer}")
        renders = [_render(render) for render in entry.get("renders") or []]
        return Snapshot(**_known(Snapshot, entry) | {"renders": renders})
    except (TypeError, AttributeError, ValueError) as error:
        message = f"{where}: not a snapshot; it needs an epoch, and each render a view, a unit and a file"
        raise UserError(f"{message} ({error})") from error


def _render(entry: dict[str, Any]) -> RenderEntry:
    known = _known(RenderEntry, entry)
    probabilities = known.get("probabilities", {})
    numbers = {int(unit): value for unit, value in probabilities.items() if is_number(value)}
    return RenderEntry(**known | {"probabilities": numbers})


def _known(kind: type, entry: dict[str, Any]) -> dict[str, Any]:
    """The entries this version has a field for: a record may say more than this reader asks, or null or NaN for none.

    Raises:
        TypeError: One is of another type than its field.
    """
    known = {}
    for name, types in _types(kind).items():
        value = entry.get(name)
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue
        if not isinstance(value, types) or isinstance(value, bool):
            raise TypeError(f"{name} cannot be {json.dumps(value):.40}")
        known[name] = value
    return known


@cache
def _types(kind: type) -> dict[str, tuple[type, ...]]:
    """What the fields of a class may be in JSON, where a number with nothing behind the point is an integer."""
    types = {}
    for name, hint in get_type_hints(kind).items():
        each = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        types[name] = tuple(get_origin(one) or one for one in each) + ((int,) if float in each else ())
    return types


def read_run(run_folder: Path) -> dict[str, Any]:
    """A run's `run.json`; empty where it is missing or not whole."""
    try:
        run = read_json(run_folder, "run.json")
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
