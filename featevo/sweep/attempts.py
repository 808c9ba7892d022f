"""Earlier attempts at a job: one can be continued or set aside, and one that was killed is recorded as failed."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from featevo.record.files import write_json
from featevo.record.jobs import FAILED
from featevo.record.reading import read_run
from featevo.record.schema import CHECKPOINTS, LAST

ASIDE = ".unfinished"
"""Folder beside the jobs' folders that keeps unfinished attempts."""


def has_checkpoint(folder: Path) -> bool:
    """Whether a run that ended unfinished can go on from its last complete epoch."""
    return (folder / CHECKPOINTS / LAST).is_file()


def set_aside(folder: Path) -> Path:
    """Move the folder of an attempt to `ASIDE`; returns its new path."""
    place = folder.parent / ASIDE
    place.mkdir(exist_ok=True)
    return folder.rename(next(free for n in count(1) if not (free := place / f"{folder.name}-{n}").exists()))


def record_killed(folder: Path, error: str, study: Path) -> None:
    """Record an attempt that could not record its end as failed, in its folder and in W&B.

    Args:
        folder: The job's folder.
        error: Why it failed.
        study: The multirun's folder.
    """
    run = read_run(folder)
    write_json(folder / "run.json", {"schema": 1, **run, "status": FAILED, "error": error})
    known = run.get("wandb")
    if isinstance(known, dict) and {"id", "project"} <= known.keys():
        from featevo.tracking.wandb_run import mark_failed  # takes seconds, and few multiruns need it

        mark_failed(folder, known, study)
