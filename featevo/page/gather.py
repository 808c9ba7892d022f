"""Which runs a page is about: those of the folders given, each a run's or a whole sweep's."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.errors import UserError
from featevo.page.study import find_study
from featevo.record.jobs import Job
from featevo.record.reading import Evolution, read_evolution
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE, read_sweep

NONE = "a report needs at least one run folder, and none was given"


@dataclass(frozen=True)
class Gathered:
    """The runs of a page.

    Attributes:
        title: What they are together.
        home: The folder given, or the nearest one that holds all that have a record.
        evolutions: In the order of the arguments, a sweep's in that of its jobs; a run given twice is there once.
        left_out: One line for each run or folder that cannot be shown, and why.
        study: What was concluded from runs, where a folder given or `home` holds it.
    """

    title: str
    home: Path
    evolutions: list[Evolution]
    left_out: list[str]
    study: Path | None = None


def gather(folders: Sequence[Path]) -> Gathered:
    """Read the record of every run.

    Args:
        folders: Run folders and sweep folders; also a study's.

    Raises:
        UserError: None of them has a record.
    """
    if not folders:
        raise UserError(NONE)
    evolutions: dict[Path, Evolution] = {}
    left_out: list[str] = []
    sources = []
    for source in folders:
        for folder, name in _runs(source, left_out):
            if folder.resolve() in evolutions:
                continue
            try:
                evolutions[folder.resolve()] = read_evolution(folder)
                sources.append(source)
            except UserError as error:
                if not (folder / INDEX).is_file() and find_study([folder]):
                    continue  # a study's own folder
                left_out.append(f"{name}: {error}" if name else str(error))
    if not evolutions:
        raise UserError("; ".join(left_out) or NONE)
    found = list(evolutions.values())
    home = Path(os.path.commonpath([source.resolve() for source in sources]))
    one = home.name if (home / FILE).is_file() else found[0].name
    title = one if len(set(sources)) == 1 else f"{len(found)} runs"
    return Gathered(title, home, found, left_out, find_study([*folders, home]))


def _runs(source: Path, left_out: list[str]) -> Iterator[tuple[Path, str]]:
    """The folder of a run, or those of a sweep's jobs that have pictures, each with the job's name."""
    if not (source / FILE).is_file():
        yield source, ""
        return
    try:
        jobs = read_sweep(source).jobs()
    except UserError as error:
        left_out.append(str(error))
        return
    for job in jobs:
        if job.folder is not None and (job.folder / INDEX).is_file():
            yield job.folder, job.name
        else:
            left_out.append(f"{job.name}: {_fate(job)}, and has left no pictures")


def _fate(job: Job) -> str:
    return "did not run" if job.folder is None else f"{job.status} ({job.error})" if job.error else job.status
