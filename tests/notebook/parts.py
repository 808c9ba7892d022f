"""A record as the object that it is expected to be."""

from __future__ import annotations

from pathlib import Path

import featevo
from featevo.notebook.run import Run
from featevo.notebook.runs import Runs


def one(folder: Path) -> Run:
    """The run of a folder."""
    run = featevo.load(folder)
    assert isinstance(run, Run)
    return run


def several(*folders: Path) -> Runs:
    """The runs of a sweep or of several folders."""
    runs = featevo.load(*folders)
    assert isinstance(runs, Runs)
    return runs
