"""The design: runs ordered by seed, each seed with its runs of every init and number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featevo.study.runs import Missing, Run


@dataclass(frozen=True)
class Seed:
    """One seed's runs.

    Attributes:
        number: The seed.
        runs: By (init, number of classes).
        design: Every (init, number of classes) of the study, in order.
    """

    number: int
    runs: dict[tuple[str, int], Run]
    design: tuple[tuple[str, int], ...]

    def of(self, init: str) -> list[Run]:
        """The runs of one init, by number of classes.

        Raises:
            Missing: When the study has none, or this seed lacks one that the study has.
        """
        cells = [cell for cell in self.design if cell[0] == init]
        if not cells:
            raise Missing(f"no run with init={init}")
        for cell in cells:
            if cell not in self.runs:
                raise Missing(f"seed {self.number} lacks init={init} with {cell[1]} classes")
        return [self.runs[cell] for cell in cells]

    def pairs(self) -> list[tuple[Run, Run]]:
        """(pretrained, random) of the same number of classes."""
        random = {run.classes: run for run in self.of("random")}
        pairs = [(run, random[run.classes]) for run in self.of("pretrained") if run.classes in random]
        if not pairs:
            raise Missing("no number of classes has runs of both inits")
        return pairs


def by_seed(runs: Sequence[Run]) -> list[Seed]:
    """All seeds in order; the runs as `collect` gives them, none twice."""
    design = tuple(sorted({run.cell for run in runs}))
    numbers = sorted({run.seed for run in runs})
    return [Seed(n, {run.cell: run for run in runs if run.seed == n}, design) for n in numbers]


def common_classes(runs: Sequence[Run]) -> tuple[str, ...]:
    """The classes that all of these runs have.

    Raises:
        Missing: When there is none.
    """
    common = tuple(name for name in runs[0].names if all(name in run.names for run in runs))
    if not common:
        raise Missing(f"the runs of seed {runs[0].seed} have no class in common")
    return common
