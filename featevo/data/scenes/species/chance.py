"""Random choices, for designing a species and for drawing one image of it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Chance:
    """A stream of random choices.

    Args:
        rng: Their source: the same state gives the same choices.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def between(self, low: float, high: float) -> float:
        """A uniform number from `low` to `high`."""
        return low + (high - low) * float(self.rng.random())

    def about(self, value: float, share: float = 0.1) -> float:
        """The value, changed by up to `share` of itself."""
        return value * self.between(1.0 - share, 1.0 + share)

    def count(self, fewest: int, most: int) -> int:
        """A whole number, both ends included."""
        return int(self.rng.integers(fewest, most + 1))

    def flag(self, share: float) -> bool:
        """True with this probability, 0..1."""
        return bool(self.rng.random() < share)

    def one_of(self, *options: T) -> T:
        """One of the options, all equally likely."""
        return options[int(self.rng.integers(len(options)))]
