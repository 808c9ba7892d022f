"""Which runs a page is about: those of the folders given, each a run's or a whole sweep's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from featevo.errors import UserError
from featevo.record.reading import INDEX, Evolution, read_evolution
from featevo.sweep.jobs import Job
from featevo.sweep.record import FILE, read_sweep


@dataclass
class Gathered:
    """The runs of a page.

    Attributes:
        title: What they are together.
        home: The folder that holds all of them.
        evolutions: In the order of the arguments, a sweep's in that of its jobs; a run given twice is there once.
        left_out: One line for each run or folder that cannot be shown, and why.
    """

    title: str
    home: Path
    evolutions: list[Evolution] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def gather(folders: Sequence[Path]) -> Gathered:
    """Read the record of every run.

    Args:
        folders: Run folders and sweep folders.

    Raises:
        UserError: None of them has a record.
    """
    if not folders:
        raise UserError("a report needs at least one run folder, and none was given")
    home = Path(os.path.commonpath([folder.resolve() for folder in folders]))
    gathered = Gathered(home.name, home)
    seen = set()
    for folder, name in _runs(folders, gathered.left_out):
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        try:
            gathered.evolutions.append(read_evolution(folder))
        except UserError as error:
            gathered.left_out.append(f"{name}: {error}" if name else str(error))
    if not gathered.evolutions:
        raise UserError("; ".join(gathered.left_out))
    if len(folders) > 1:
        gathered.title = f"{len(gathered.evolutions)} runs"
    elif not (folders[0] / FILE).is_file():
        gathered.title = gathered.evolutions[0].name
    return gathered


def _runs(folders: Sequence[Path], left_out: list[str]) -> Iterator[tuple[Path, str]]:
    """Each run's folder, with the job's name where it is one of a sweep."""
    for folder in folders:
        if not (folder / FILE).is_file():
            yield folder, ""
            continue
        try:
            jobs = read_sweep(folder).jobs()
        except UserError as error:
            left_out.append(str(error))
            continue
        for job in jobs:
            if job.folder is not None and (job.folder / INDEX).is_file():
                yield job.folder, job.name
            else:
                left_out.append(f"{job.name}: {_fate(job)}, and has left no pictures")


def _fate(job: Job) -> str:
    return "did not run" if job.folder is None else f"{job.status} ({job.error})" if job.error else job.status
