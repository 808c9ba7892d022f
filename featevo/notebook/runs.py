"""Several runs in a notebook, such as those of a sweep: a list of `Run`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from featevo.notebook.frame import as_frame, rows_of
from featevo.notebook.inline import inline
from featevo.notebook.run import Run
from featevo.page.gather import Gathered
from featevo.printable import printable
from featevo.record.find import LeftOut
from featevo.record.reading import all_class_names
from featevo.record.schema import percent

if TYPE_CHECKING:
    import pandas

FEW = 3
"""Runs without a record that are named above the images; of more, only their number."""


@dataclass(frozen=True, repr=False)
class Runs:
    """The records of several runs; a notebook shows their page, with one slider for all of them.

    `len`, iteration and an index work as for a list: `runs[0]` is the first, `runs["init=random"]` that of the name.

    Attributes:
        gathered: The records as they were read.
    """

    gathered: Gathered

    @property
    def names(self) -> list[str]:
        """Of the runs: in a sweep, what differs from the other jobs."""
        return [name for name, _ in self.gathered.runs]

    @property
    def left_out(self) -> list[str]:
        """Runs and jobs without a readable record, and why."""
        return [str(each) for each in self.gathered.left_out]

    @property
    def folder(self) -> Path:
        """Of the sweep, or the nearest folder that holds all runs."""
        return self.gathered.home

    def __len__(self) -> int:
        return len(self.gathered.runs)

    def __iter__(self) -> Iterator[Run]:
        return (Run(name, evolution) for name, evolution in self.gathered.runs)

    def __getitem__(self, which: int | str) -> Run:
        if isinstance(which, str):
            if which not in self.names:
                raise ValueError(f"there is no run {which!r}; there are: {'; '.join(self.names)}")
            which = self.names.index(which)
        if not -len(self) <= which < len(self):
            raise IndexError(f"there is no run {which}; there are {len(self)}, from 0")
        return Run(*self.gathered.runs[which])

    def frame(self, by_class: bool = False) -> pandas.DataFrame:
        """The rows of `Run.frame` of all runs, with the run's name in the first column, `job`; needs pandas."""
        tables = [({"job": name}, rows_of(evolution, by_class)) for name, evolution in self.gathered.runs]
        return as_frame([{**job, **row} for job, table in tables for row in table])

    def __repr__(self) -> str:
        best = [(run.best[1], run.name) for run in self if run.best]
        words = [f"{len(self)} {'run' if len(self) == 1 else 'runs'}"]
        words.append(f"{len(all_class_names(self.gathered.evolutions))} classes")
        if best:
            value, name = max(best, key=lambda pair: pair[0])
            words.append(f"best accuracy {percent(value)} ({name})")
        if self.left_out:
            words.append(f"{len(self.left_out)} left out")
        return printable(f"Runs of {self.folder}: {', '.join(words)}")

    def _repr_html_(self) -> str:
        gathered = self.gathered
        if len(self.left_out) > FEW:
            summary = LeftOut(self.folder, f"{len(self.left_out)} runs; the attribute left_out has the reasons")
            gathered = replace(gathered, left_out=[summary])
        return inline(gathered)
