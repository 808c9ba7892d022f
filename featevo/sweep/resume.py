"""`sweep.resume=FOLDER`: the same multirun once more, of which only what is missing or unfinished runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from featevo.errors import UserError
from featevo.record.jobs import FINISHED, RUNNING
from featevo.record.sweep import read_sweep

KEY = "sweep.resume="
ASIDE = ".unfinished"
"""Where unfinished attempts are kept, inside the sweep's folder."""


def resumed(arguments: Sequence[str]) -> tuple[list[str], Path | None]:
    """The arguments of the multirun to go on with, and its folder; unchanged and None where none is asked for.

    What is given besides, such as another launcher, is added. Folders of unfinished jobs are put aside.

    Raises:
        UserError: When the folder holds no sweep, or one with jobs still running.
    """
    asked = [word for word in arguments if word.startswith(KEY)]
    if not asked:
        return list(arguments), None
    folder = Path(asked[-1].removeprefix(KEY))
    added = [word for word in arguments if not word.startswith(KEY)]
    for word in added:
        if not word.startswith(("launcher=", "hydra.")):
            raise UserError(f"{word}: a sweep goes on as it began; {KEY}FOLDER takes launcher= and hydra.* besides")
    sweep = read_sweep(folder)
    jobs = sweep.jobs()
    running = [job.number for job in jobs if job.status == RUNNING]
    if running:
        raise UserError(f"{asked[-1]}: job {running[0]} is still running; wait for it, or stop its process")
    for job in jobs:
        if job.folder is not None and job.status != FINISHED:
            _put_aside(job.folder)
    return [*sweep.command, *added, f"hydra.sweep.dir={_quoted(folder)}"], folder


def _quoted(folder: Path) -> str:
    """As a value for Hydra, whatever characters it has."""
    return "'" + str(folder).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _put_aside(folder: Path) -> None:
    place = folder.parent / ASIDE
    place.mkdir(exist_ok=True)
    folder.rename(next(free for n in count(1) if not (free := place / f"{folder.name}-{n}").exists()))
