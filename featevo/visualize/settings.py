"""How an ascent runs, whatever it maximises: the one place of its defaults, their checks, and the early stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from featevo.visualize.parameterizations.start import Start
from featevo.visualize.schedule import Setting

KEEP = ("last", "best")
"""Which picture of an ascent becomes the render."""


@dataclass(frozen=True)
class Plateau:
    """Ends a render whose objective has stopped growing.

    Looked at after every `every` steps: when the best value so far has grown, over the last `patience` looks, by no
    more than `min_gain` of all that it has grown since the start.

    Args:
        patience: Looks without growth.
        min_gain: Share of the whole growth that still counts as growth.
        every: Steps between two looks; a multiple of the operators' `every` compares pictures at the same phase.

    Raises:
        ValueError: For settings out of range.
    """

    patience: int = 3
    min_gain: float = 0.02
    every: int = 4

    def __post_init__(self) -> None:
        if self.patience < 1 or self.every < 1 or not 0 <= self.min_gain < 1:
            raise ValueError(
                f"patience={self.patience}, min_gain={self.min_gain}, every={self.every}: "
                "use at least 1, at least 0 and below 1, at least 1"
            )

    def reached(self, trace: Tensor) -> Tensor:
        """Whether each picture has stalled (B,), by the objectives (steps, B) before each step so far."""
        steps, window = len(trace), self.patience * self.every
        if steps % self.every or steps <= window:
            return trace.new_zeros(trace.shape[1]).bool()
        best, earlier = trace.amax(0), trace[:-window].amax(0)
        return best - earlier <= self.min_gain * (best - trace[0])


@dataclass(frozen=True)
class AscentSettings:
    """The settings of `featevo.visualize.maximize` of these names, explained there.

    The defaults of the callback and of the configuration are read from here, as `AscentSettings.steps`.

    Raises:
        ValueError: For settings out of range.
    """

    steps: int = 128
    step_size: Setting | None = None
    seed: int = 0
    copies: int = 1
    start: Start = "noise"
    plateau: Plateau | None = None
    keep: str = "last"
    snapshots: frozenset[int] = frozenset()
    chunk_size: int | None = None
    memory_gb: float | None = None

    def __post_init__(self) -> None:
        check_positive(steps=self.steps, copies=self.copies, chunk_size=self.chunk_size, memory_gb=self.memory_gb)
        if self.keep not in KEEP:
            raise ValueError(f"keep={self.keep!r}: use one of {', '.join(KEEP)}")
        if self.snapshots and not 1 <= min(self.snapshots) <= max(self.snapshots) <= self.steps:
            raise ValueError(f"snapshots={sorted(self.snapshots)}: steps are 1 to {self.steps}")


def check_positive(**settings: float | None) -> None:
    """Raise `ValueError` for the first setting that is given and not above zero, by its name."""
    for name, value in settings.items():
        if value is not None and not value > 0:
            raise ValueError(f"{name}={value}: must be above 0")


def check_normalisation(channels: int, mean: Sequence[float], std: Sequence[float]) -> None:
    """Raise `ValueError` for a mean or deviation that pictures of so many channels cannot be normalised with."""
    for name, values in (("mean", mean), ("std", std)):
        if len(values) not in (1, channels):
            raise ValueError(f"{name}={tuple(values)}: give one number, or one for each of {channels} channels")
    check_positive(**{f"std[{index}]": value for index, value in enumerate(std)})
