"""The runs of a page, and their study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.page.study_section import find_study
from featevo.record.find import Found, find_runs
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE


@dataclass(frozen=True)
class Gathered(Found):
    """The runs of a page, with `study`: the study.json in one of the given folders or in `home`, or None."""

    study: Path | None = None


def gather(folders: Sequence[Path]) -> Gathered:
    """Read the record of every run.

    Args:
        folders: Of runs and sweeps; also of a study.

    Raises:
        UserError: None of them has a record.
    """
    found = find_runs([folder for folder in folders if not _is_only_study(folder)])
    return Gathered(**vars(found), study=find_study([*folders, found.home]))


def _is_only_study(folder: Path) -> bool:
    return find_study([folder]) is not None and not any((folder / name).is_file() for name in (INDEX, FILE))
