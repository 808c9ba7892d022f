"""The comparison of a multirun's jobs: a strip per job, its snapshots from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.figures.comparison import save_comparison
from featevo.record.jobs import Job
from featevo.record.reading import Evolution, read_evolution


def save_jobs(folder: Path, jobs: Sequence[Job]) -> Path | None:
    """Draw `comparison.png`, whole or not at all.

    Args:
        folder: Of the multirun.
        jobs: Those without a snapshot are left out.

    Returns:
        The figure's path, None where no job has a snapshot.
    """
    runs = runs_of(jobs)
    return save_comparison(folder.name, runs, folder / "comparison.png") if runs else None


def runs_of(jobs: Sequence[Job]) -> list[tuple[str, Evolution]]:
    """Name and record of every job that has drawn something; one whose record is broken does not hide the others."""
    return [(job.name, evolution) for job in jobs if (evolution := _evolution(job)) is not None]


def _evolution(job: Job) -> Evolution | None:
    if job.folder is None:
        return None
    try:
        evolution = read_evolution(job.folder)
    except UserError:
        return None
    return evolution if any(snapshot.images for snapshot in evolution.snapshots) else None
