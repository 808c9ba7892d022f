"""The runs that a folder given to a command stands for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featevo.errors import UserError
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE, read_sweep


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


def may_write(folder: Path, given: Sequence[Path]) -> Path:
    """The folder that holds all that was given, if files may go there without being asked for.

    It may be one of those given; else no run or sweep, which would lose files of its own, and not the user's home or
    above it.

    Raises:
        UserError: When they may not.
    """
    taken = any((folder / name).is_file() for name in (FILE, "run.json"))
    place = folder.resolve()
    if (taken or Path.home().is_relative_to(place)) and place not in [each.resolve() for each in given]:
        raise UserError(f"{folder} holds all of these and is none of them; --out says where to write")
    return folder
