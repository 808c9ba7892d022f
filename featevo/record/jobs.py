"""The jobs of a multirun and what became of each, read from their `run.json`. Light: readers need no Hydra for it."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featevo.record.files import write_text
from featevo.record.reading import read_run

FINISHED, FAILED, INTERRUPTED, RUNNING, MISSING = "finished", "failed", "interrupted", "running", "missing"
"""What a job can be; a run whose process is gone without a word counts as failed."""

PLACES = ".jobs"
"""Folder of a multirun with a file for each job that has begun: where it is."""

ENDED = (FINISHED, FAILED, INTERRUPTED)


@dataclass(frozen=True)
class Job:
    """One job of a multirun.

    Attributes:
        number: From 0.
        overrides: What differs from the other jobs, such as `init=random`.
        folder: Its run folder; None where it has not begun.
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
        """What differs, in words."""
        return ", ".join(self.overrides) or f"job {self.number}"


def read_jobs(folder: Path, plan: Sequence[Sequence[str]]) -> list[Job]:
    """What has become of every planned job so far.

    Args:
        folder: Of the multirun; a job's is in it, by default `<number>-<what differs>`.
        plan: What differs in each job.
    """
    return [_job(folder, number, tuple(overrides)) for number, overrides in enumerate(plan)]


def note_folder(study: Path, number: int, folder: Path) -> None:
    """Put down where a job is: `hydra.sweep.subdir` may be anything.

    Args:
        study: Folder of the multirun.
        number: Of the job.
        folder: Of the job, in it.
    """
    write_text(study / PLACES / str(number), os.path.relpath(folder, study))


def _place(study: Path, number: int) -> Path | None:
    note = study / PLACES / str(number)
    known = [study / note.read_text(encoding="utf-8")] if note.is_file() else sorted(study.glob(f"{number}-*"))
    return next((path for path in known if (path / "run.json").is_file()), None)


def _job(folder: Path, number: int, overrides: tuple[str, ...]) -> Job:
    place = _place(folder, number)
    if place is None:
        return Job(number, overrides)
    run = read_run(place)
    metrics = run.get("metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    best = next((key for key in metrics if key.startswith("best_") and key != "best_epoch"), "")
    status, error = status_of(run)
    return Job(
        number,
        overrides,
        place,
        status,
        error,
        metrics.get(best),
        metrics.get("best_epoch"),
        metrics.get("epochs"),
        run.get("seconds") or None,
    )


def status_of(run: dict[str, Any]) -> tuple[str, str | None]:
    """A run's status and error; one that says "running" though its process is gone has been killed."""
    status = run.get("status", RUNNING)
    if status == RUNNING and not _is_alive(run):
        return FAILED, f"killed: process {run.get('process', 'unknown')} is gone"
    return status, run.get("error")


def is_here(job: Job) -> bool:
    """Whether a job is, or was, on this machine."""
    return job.folder is not None and read_run(job.folder).get("host") == socket.gethostname()


def _is_alive(run: dict[str, Any]) -> bool:
    process = run.get("process")
    if not isinstance(process, int):
        return False
    if run.get("host") not in (None, socket.gethostname()):
        return True  # on a cluster's other machine, which only its scheduler can ask
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """A process that has ended and waits for its parent to notice; only Linux tells."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
