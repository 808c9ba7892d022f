"""The runs of a page, and the study that was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.page.study import find_study
from featevo.record.find import Found, find_runs
from featevo.record.schema import INDEX
from featevo.record.sweep import FILE


@dataclass(frozen=True)
class Gathered(Found):
    """The runs of a page, with `study`: what was concluded from them, where a folder given or `home` holds that."""

    study: Path | None = None


def gather(folders: Sequence[Path]) -> Gathered:
    """Read the record of every run.

    Args:
        folders: Run folders and sweep folders; also a study's.

    Raises:
        UserError: None of them has a record.
    """
    found = find_runs([folder for folder in folders if not _is_only_study(folder)])
    return Gathered(**vars(found), study=find_study([*folders, found.home]))


def _is_only_study(folder: Path) -> bool:
    return find_study([folder]) is not None and not any((folder / name).is_file() for name in (INDEX, FILE))
