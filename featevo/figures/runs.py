"""What the folders given to a command hold: one run, or several to compare, a sweep's among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featevo.record.find import LeftOut, find_runs
from featevo.record.reading import Evolution


@dataclass(frozen=True)
class Given:
    """The runs of some folders.

    Attributes:
        title: for a comparison.
        folder: the one that holds them all.
        runs: name and record of each, in the order given.
        left_out: the others, and why.
        compared: whether they are several, or a sweep's.
    """

    title: str
    folder: Path
    runs: list[tuple[str, Evolution]]
    left_out: list[LeftOut]
    compared: bool


def given(folders: Sequence[Path]) -> Given:
    """Read run folders and sweep folders.

    Raises:
        UserError: none has a run with a snapshot.
    """
    found = find_runs(folders)
    compared = found.of_sweep or len(found.runs) > 1
    return Given(found.title, found.home, _distinct(found.runs), found.left_out, compared)


def _distinct(runs: list[tuple[str, Evolution]]) -> list[tuple[str, Evolution]]:
    """Runs of one name are told apart by their folders."""
    count = Counter(name for name, _ in runs)
    return [(name if count[name] == 1 else f"{name} ({run.folder.resolve().name})", run) for name, run in runs]
