"""Finding the runs in the folders that a command is given."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.errors import UserError
from featevo.record.jobs import status_of
from featevo.record.reading import Evolution, read_controls, read_curve, read_evolution, read_run
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE, read_sweep

SHOWN = 3
"""Reasons in the error of a command that found nothing."""

EMPTY = "and has no images"
NEVER = f"did not run, {EMPTY}"


@dataclass(frozen=True)
class LeftOut:
    """A run or folder that is not used, and why; for a job of a sweep, `folder` is the sweep's."""

    folder: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.folder}: {self.reason}"


@dataclass(frozen=True)
class Found:
    """Runs with at least one snapshot.

    Attributes:
        runs: Name and record of each, in the given order, a sweep's in the order of its jobs, without duplicates.
        left_out: The others, in the same order.
        home: The given folder, or the nearest folder that contains all those with a run.
        of_sweep: Whether they are the runs of one sweep.
    """

    runs: list[tuple[str, Evolution]]
    left_out: list[LeftOut]
    home: Path
    of_sweep: bool = False

    @property
    def evolutions(self) -> list[Evolution]:
        """The records."""
        return [evolution for _, evolution in self.runs]

    @property
    def compared(self) -> bool:
        """Whether they are several runs, or a sweep's."""
        return self.of_sweep or len(self.runs) > 1

    @property
    def title(self) -> str:
        """A title for the runs together."""
        if self.of_sweep:
            return self.home.resolve().name
        return f"{len(self.runs)} runs" if self.compared else self.runs[0][1].name


def find_runs(paths: Sequence[Path], deep: bool = False) -> Found:
    """Find and read runs. Broken and empty ones are left out and named.

    Args:
        paths: Folders of runs and of sweeps.
        deep: Whether to use all runs below any other folder.

    Raises:
        UserError: No run was found.
    """
    runs: dict[str, tuple[str, Evolution]] = {}
    left_out: list[LeftOut] = []
    sources: set[tuple[Path, bool]] = set()
    for path in paths:
        for job, folder, problem in candidates(path, deep):
            place = os.path.realpath(folder)
            if place in runs:
                continue
            try:
                if problem:
                    raise UserError(problem)
                evolution = _read(folder)
            except UserError as error:
                given = path if job else folder
                left_out.append(LeftOut(given, f"{job}: " * bool(job) + _reason(given, error)))
                continue
            runs[place] = (job or evolution.name, evolution)
            sources.add((path, bool(job)))
    if not runs:
        lines = [str(left) for left in left_out]
        more = [f"and {len(lines) - SHOWN} more"] * (len(lines) > SHOWN)
        raise UserError("; ".join(lines[:SHOWN] + more) or "give at least one folder of a run or a sweep")
    home, of_sweep = next(iter(sources))
    if len(sources) > 1:
        home, of_sweep = Path(os.path.commonpath([path.resolve() for path, _ in sources])), False
    count = Counter(name for name, _ in runs.values())
    named = [(f"{name} ({run.folder.resolve().name})" if count[name] > 1 else name, run) for name, run in runs.values()]
    return Found(named, left_out, home, of_sweep)


def candidates(path: Path, deep: bool = False) -> list[tuple[str, Path, str]]:
    """Runs of a folder: the job's name, empty outside sweeps; its folder; why it is no run, empty if it may be one."""
    if any((path / name).is_file() for name in (INDEX, "run.json")):
        return [("", path, "")]
    if (path / FILE).is_file():
        try:
            jobs = read_sweep(path).jobs()
        except UserError as error:
            return [("", path, str(error))]
        return [(job.name, job.folder or path, "" if job.folder else job.error or NEVER) for job in jobs] or [
            ("", path, f"{FILE} has no job")
        ]
    if not deep:
        return [("", path, f"neither a run folder nor a sweep's: it has neither {INDEX} nor {FILE}")]
    below = sorted(index.parent.parent for index in path.glob(f"**/{INDEX}"))
    return [("", run, "") for run in below] or [("", path, f"no run: {INDEX} was looked for in it and below")]


def _read(folder: Path) -> Evolution:
    run = read_run(folder)
    if not (folder / INDEX).is_file() or not (evolution := read_evolution(folder)).snapshots:
        status, error = status_of(run) if run else ("of unknown status", None)
        raise UserError(f"{status} ({error}), {EMPTY}" if error else f"{status}, {EMPTY}")
    # These are read later, when an error would stop all other runs, too.
    read_curve(folder)
    read_controls(folder)
    return evolution


def _reason(folder: Path, error: UserError) -> str:
    """The error as one line, without the folder's name at its start."""
    return " ".join(re.sub(rf"^{re.escape(str(folder))}(/|: | )", "", str(error)).split())


def may_write(folder: Path, given: Sequence[Path]) -> Path:
    """The default folder for output, if it is safe to write there.

    It may be one of the given folders. Otherwise it must be no run or sweep, whose files would be replaced, and not the
    user's home or a folder above it.

    Raises:
        UserError: When it is not.
    """
    taken = any((folder / name).is_file() for name in (FILE, "run.json"))
    place = folder.resolve()
    if (taken or Path.home().is_relative_to(place)) and place not in [each.resolve() for each in given]:
        raise UserError(
            f"{folder} contains all given folders and is none of them; name the folder to write to by --out"
        )
    return folder
