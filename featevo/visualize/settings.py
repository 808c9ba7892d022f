"""When a render may end before its last step: each picture by its own trace."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


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
