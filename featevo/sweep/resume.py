"""`sweep.resume=FOLDER`: repeat a multirun; only missing and unfinished jobs run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from featevo.errors import UserError
from featevo.record.jobs import FINISHED, RUNNING
from featevo.record.sweep import read_sweep

KEY = "sweep.resume="
ASIDE = ".unfinished"
"""Folder in the sweep's folder that keeps unfinished attempts."""


def resumed(arguments: Sequence[str]) -> tuple[list[str], Path | None]:
    """The arguments of the multirun to resume, and its folder; without `sweep.resume` the same arguments and None.

    Other arguments, such as another launcher, are added. Folders of unfinished jobs are moved to `ASIDE`.

    Raises:
        UserError: The folder has no sweep, its jobs still run, or an argument would change them.
    """
    given = [word for word in arguments if word.startswith(KEY)]
    if not given:
        return list(arguments), None
    folder = Path(given[-1].removeprefix(KEY))
    added = [word for word in arguments if not word.startswith(KEY)]
    for word in added:
        if not word.startswith(("launcher=", "hydra.")):
            raise UserError(
                f"{word}: would change the jobs of the sweep; {KEY}FOLDER allows only launcher= and hydra.*"
            )
    sweep = read_sweep(folder)
    jobs = sweep.jobs()
    running = [job.number for job in jobs if job.status == RUNNING]
    if running:
        raise UserError(f"{given[-1]}: job {running[0]} is still running; wait for it, or stop its process")
    for job in jobs:
        if job.folder is not None and job.status != FINISHED:
            _move_aside(job.folder)
    return [*sweep.command, *added, f"hydra.sweep.dir={_quoted(folder)}"], folder


def _quoted(folder: Path) -> str:
    """A path as a value for Hydra."""
    return "'" + str(folder).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _move_aside(folder: Path) -> None:
    place = folder.parent / ASIDE
    place.mkdir(exist_ok=True)
    folder.rename(next(free for n in count(1) if not (free := place / f"{folder.name}-{n}").exists()))
