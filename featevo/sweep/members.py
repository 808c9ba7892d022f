"""The runs that a folder given to a command stands for."""

from __future__ import annotations

from pathlib import Path

from featevo.errors import UserError
from featevo.record.reading import INDEX
from featevo.sweep.record import FILE, read_sweep


def run_folders(folder: Path) -> list[Path]:
    """A run's folder itself, or those of a sweep's jobs that have a record.

    Raises:
        UserError: When it is neither, or no job of the sweep has drawn anything.
    """
    if (folder / INDEX).is_file():
        return [folder]
    if not (folder / FILE).is_file():
        raise UserError(f"{folder} is neither a run folder nor a sweep's: it has neither {INDEX} nor {FILE}")
    found = [job.folder for job in read_sweep(folder).jobs() if job.folder and (job.folder / INDEX).is_file()]
    if not found:
        raise UserError(f"{folder}: no job of this sweep has drawn anything yet")
    return found
