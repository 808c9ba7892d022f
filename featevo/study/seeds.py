"""The design: for every seed the runs of each init and number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featevo.study.runs import Missing, Run


@dataclass(frozen=True)
class Seed:
    """The runs of one seed.

    Attributes:
        number: The seed.
        runs: Runs by cell: (init, number of classes).
        design: All cells of the study, sorted.
    """

    number: int
    runs: dict[tuple[str, int], Run]
    design: tuple[tuple[str, int], ...]

    def of(self, init: str) -> list[Run]:
        """The runs of one init, in ascending order of the number of classes.

        Raises:
            Missing: The study has none, or this seed lacks a cell of the study.
        """
        cells = [cell for cell in self.design if cell[0] == init]
        if not cells:
            raise Missing(f"no run with init={init}")
        for cell in cells:
            if cell not in self.runs:
                raise Missing(f"seed {self.number} lacks init={init} with {cell[1]} classes")
        return [self.runs[cell] for cell in cells]

    def pairs(self) -> list[tuple[Run, Run]]:
        """Pairs (pretrained, random) with the same number of classes."""
        random = {run.classes: run for run in self.of("random")}
        pairs = [(run, random[run.classes]) for run in self.of("pretrained") if run.classes in random]
        if not pairs:
            raise Missing("no number of classes has runs of both inits")
        return pairs


def by_seed(runs: Sequence[Run]) -> list[Seed]:
    """Group runs by seed, in ascending order; `collect` has removed duplicates."""
    design = tuple(sorted({run.cell for run in runs}))
    numbers = sorted({run.seed for run in runs})
    return [Seed(n, {run.cell: run for run in runs if run.seed == n}, design) for n in numbers]
