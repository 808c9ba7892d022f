"""Settings of an ascent that do not depend on the objective: their defaults, their checks, and the early stop."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from featevo.visualize.checks import check_choice, check_count, check_positive, check_whole
from featevo.visualize.parameterizations.start import Start
from featevo.visualize.schedule import Setting

KEEP = ("last", "best")
"""Which image of an ascent becomes the render."""


@dataclass(frozen=True)
class Plateau:
    """Ends a render whose objective has stopped growing.

    It is checked after every `every` steps. A render ends when the best value so far has grown, over the last
    `patience` checks, by no more than `min_gain` of its whole growth since the start.

    Args:
        patience: Checks without growth.
        min_gain: Share of the whole growth that still counts as growth.
        every: Steps between two checks; a multiple of the operators' `every` compares images at the same phase.

    Raises:
        ValueError: For settings out of range.
    """

    patience: int = 3
    min_gain: float = 0.02
    every: int = 4

    def __post_init__(self) -> None:
        if min(self.patience, self.every) < 1:
            raise ValueError(f"patience={self.patience}, every={self.every}: must be at least 1")
        if not 0 <= self.min_gain < 1:
            raise ValueError(f"min_gain={self.min_gain}: must be at least 0 and below 1")

    def reached(self, trace: Tensor) -> Tensor:
        """Whether each image has stalled (B,), from the objectives (steps, B) before each step so far."""
        steps, window = len(trace), self.patience * self.every
        if steps % self.every or steps <= window:
            return trace.new_zeros(trace.shape[1]).bool()
        best, earlier = trace.amax(0), trace[:-window].amax(0)
        return best - earlier <= self.min_gain * (best - trace[0])


@dataclass(frozen=True)
class AscentSettings:
    """The settings of these names in `featevo.visualize.maximize`, which explains them.

    The callback and the configuration take their defaults from here, as `AscentSettings.steps`.

    Raises:
        ValueError: For settings out of range.
    """

    steps: int = 128
    step_size: Setting | None = None
    first_step: float = 1.0
    seed: int = 0
    copies: int = 1
    start: Start = "noise"
    plateau: Plateau | None = None
    keep: str = "last"
    snapshots: frozenset[int] = frozenset()
    chunk_size: int | None = None
    memory_gb: float | None = None
    cuda_graph: bool = False

    def __post_init__(self) -> None:
        check_count(steps=self.steps, copies=self.copies, chunk_size=self.chunk_size)
        check_whole(seed=self.seed)
        check_positive(first_step=self.first_step, memory_gb=self.memory_gb)
        check_choice(KEEP, keep=self.keep)
        if self.snapshots and not 1 <= min(self.snapshots) <= max(self.snapshots) <= self.steps:
            raise ValueError(f"snapshots={sorted(self.snapshots)}: steps are 1 to {self.steps}")
