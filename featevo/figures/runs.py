"""What the folders given to a command hold: one run, or several to compare, a sweep's among them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.errors import UserError
from featevo.figures.sweep import runs_of
from featevo.record.reading import Evolution, read_evolution
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE, read_sweep


@dataclass(frozen=True)
class Given:
    """The runs of some folders.

    Attributes:
        title: for a comparison.
        folder: the one that holds them all.
        runs: name and record of each, in the order given.
        left_out: folders of jobs that have drawn nothing, or whose record cannot be read.
        compared: whether they are several, or a sweep's.
    """

    title: str
    folder: Path
    runs: list[tuple[str, Evolution]]
    left_out: list[str]
    compared: bool


def given(folders: Sequence[Path]) -> Given:
    """Read run folders and sweep folders.

    Raises:
        UserError: one is neither, a run's record cannot be read, or no run of a sweep has drawn anything.
    """
    runs: list[tuple[str, Evolution]] = []
    left_out = []
    for folder in folders:
        if (folder / FILE).is_file() and not (folder / INDEX).is_file():
            jobs = read_sweep(folder).jobs()
            drawn = runs_of(jobs)
            runs += drawn
            names = [name for name, _ in drawn]
            left_out += [f"{folder}: {job.name}: {job.status}, no picture" for job in jobs if job.name not in names]
        elif folder.is_dir() and not (folder / INDEX).is_file():
            raise UserError(f"{folder} is neither a run folder nor a sweep's: it has neither {INDEX} nor {FILE}")
        else:
            evolution = read_evolution(folder)
            runs.append((evolution.name, evolution))
    if not runs:
        raise UserError(f"{folders[0]}: no job of this sweep has drawn anything yet")
    compared = len(runs) > 1 or (folders[0] / FILE).is_file()
    folder = Path(os.path.commonpath([path.resolve() for path in folders])) if len(folders) > 1 else folders[0]
    title = folder.resolve().name if len(folders) == 1 else f"{len(runs)} runs"
    return Given(title, folder, _distinct(runs), left_out, compared)


def _distinct(runs: list[tuple[str, Evolution]]) -> list[tuple[str, Evolution]]:
    """Runs of one name are told apart by their folders."""
    count = Counter(name for name, _ in runs)
    return [(name if count[name] == 1 else f"{name} ({run.folder.resolve().name})", run) for name, run in runs]
