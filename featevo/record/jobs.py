"""The jobs of a multirun and their states, read from each `run.json`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featevo.errors import UserError
from featevo.record.files import write_text
from featevo.record.liveness import is_alive
from featevo.record.reading import read_run
from featevo.record.safe import MOST_SWEEP, inside, read_text
from featevo.record.schema import is_number

FINISHED, FAILED, INTERRUPTED, RUNNING, MISSING = "finished", "failed", "interrupted", "running", "missing"
"""The statuses of a job; a run that was killed counts as failed."""

JOBS = ".jobs"
"""Folder of a multirun with a file for each started job: the path of its run folder."""

ENDED = (FINISHED, FAILED, INTERRUPTED)


@dataclass(frozen=True)
class Job:
    """One job of a multirun.

    Attributes:
        number: From 0.
        overrides: What differs from the other jobs, such as `init=random`.
        folder: Its run folder; None where it has not started, or its folder is outside the multirun's.
        status: See above.
        error: Why it failed, None where it did not.
        best: Best value of the monitored metric, None where nothing was measured.
        best_epoch: When that was.
        epochs: Completed epochs.
        seconds: How long it took.
    """

    number: int
    overrides: tuple[str, ...]
    folder: Path | None = None
    status: str = MISSING
    error: str | None = None
    best: float | None = None
    best_epoch: int | None = None
    epochs: int | None = None
    seconds: float | None = None

    @property
    def name(self) -> str:
        """Its overrides as text."""
        return ", ".join(self.overrides) or f"job {self.number}"


def read_jobs(folder: Path, plan: Sequence[Sequence[str]]) -> list[Job]:
    """The present state of every planned job.

    Args:
        folder: Of the multirun; a job's is in it, by default `<number>-<what differs>`.
        plan: What differs in each job.
    """
    return [_job(folder, number, tuple(overrides)) for number, overrides in enumerate(plan)]


def write_job_folder(sweep: Path, number: int, folder: Path) -> None:
    """Record the folder of a job, as `hydra.sweep.subdir` may be anything.

    Args:
        sweep: Folder of the multirun.
        number: Of the job.
        folder: Of the job, in it.

    Raises:
        UserError: Another job has the same folder.
    """
    own = os.path.relpath(folder, sweep)
    for other in (sweep / JOBS).glob("[0-9]*"):
        if (
            other.name.isdecimal()
            and int(other.name) != number
            and read_text(sweep, f"{JOBS}/{other.name}", MOST_SWEEP) == own
        ):
            raise UserError(
                f"jobs {other.name} and {number} have the same folder {folder}; hydra.sweep.subdir must differ"
            )
    write_text(sweep / JOBS / str(number), own)


def _job_folder(sweep: Path, number: int) -> Path | None:
    try:
        known = [read_text(sweep, f"{JOBS}/{number}", MOST_SWEEP)]
    except OSError:
        known = sorted(path.name for path in sweep.glob(f"{number}-*"))
    found = next((name for name in known if os.path.exists(sweep / name / "run.json")), None)
    if found is None:
        return None
    inside(sweep, found)
    return sweep / found


def _job(sweep: Path, number: int, overrides: tuple[str, ...]) -> Job:
    folder = None
    try:
        folder = _job_folder(sweep, number)
        if folder is None:
            return Job(number, overrides)
        run = read_run(folder)
    except UserError as error:
        return Job(number, overrides, folder, FAILED, str(error))
    status, problem = status_of(run)
    metrics = run.get("metrics")
    numbers = {"seconds": run.get("seconds"), **(metrics if isinstance(metrics, dict) else {})}
    numbers = {key: value for key, value in numbers.items() if is_number(value)}
    best = next((key for key in numbers if key.startswith("best_") and key != "best_epoch"), "")
    values = (numbers.get(best), numbers.get("best_epoch"), numbers.get("epochs"), numbers.get("seconds") or None)
    return Job(number, overrides, folder, status, problem, *values)


def status_of(run: dict[str, Any]) -> tuple[str, str | None]:
    """A run's status and error; a run recorded as running whose process is gone was killed.

    A run whose process cannot be known from here, as on another machine, counts as running.
    """
    status = run.get("status", RUNNING)
    if status == RUNNING and is_alive(run) is False:
        return FAILED, f"killed: process {run.get('process', 'unknown')} is gone"
    error = run.get("error")
    return str(status), None if error is None else str(error)
