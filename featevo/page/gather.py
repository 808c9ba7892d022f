"""The runs of a page, and the study that was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.page.study import find_study
from featevo.record.find import find_runs
from featevo.record.reading import INDEX, Evolution
from featevo.record.sweep import FILE


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
    found = find_runs([folder for folder in folders if not _is_only_study(folder)])
    evolutions = [evolution for _, evolution in found.runs]
    study = find_study([*folders, found.home])
    return Gathered(found.title, found.home, evolutions, [str(left) for left in found.left_out], study)


def _is_only_study(folder: Path) -> bool:
    return find_study([folder]) is not None and not any((folder / name).is_file() for name in (INDEX, FILE))
