"""Random streams: each render has its own random numbers, so it does not depend on the others in its batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

START, TRANSFORMS = 0, 1
"""Purposes of a stream; streams of different purposes are independent."""


def stream(seed: int, unit: int, copy: int = 0, purpose: int = START) -> torch.Generator:
    """A generator on the CPU that differs for every unit, copy and purpose of one seed."""
    # The generator turns neighbouring seeds into independent streams. It uses 32 bits of a seed; these factors keep
    # thousands of units times hundreds of copies apart within 32 bits (tested).
    number = seed * 1_000_003 + unit + copy * 1_000_000_000_039 + purpose * 1_000_000_000_000_000_003
    return torch.Generator().manual_seed(number % 2**63)


class Streams:
    """The streams of a batch: each draw takes one number, or one tensor, per image from the image's own stream.

    Args:
        generators: One per image.
        samples: Draws per image; rows are (image, sample).
    """

    def __init__(self, generators: Sequence[torch.Generator], samples: int = 1) -> None:
        self.generators = list(generators)
        self.samples = samples

    def uniform(self, low: float, high: float, shape: Sequence[int] = ()) -> Tensor:
        """Numbers (B, *shape) from low to high, float32 on the CPU."""
        return low + (high - low) * self._draw(lambda generator: torch.rand(shape, generator=generator))

    def normal(self, shape: Sequence[int] = ()) -> Tensor:
        """Standard normal numbers (B, *shape), float32 on the CPU."""
        return self._draw(lambda generator: torch.randn(shape, generator=generator))

    def integers(self, high: int, shape: Sequence[int] = ()) -> Tensor:
        """Integers (B, *shape) from 0 to high, both included."""
        return self._draw(lambda generator: torch.randint(0, high + 1, tuple(shape), generator=generator))

    def state(self) -> list[Tensor]:
        """The state of each stream."""
        return [generator.get_state() for generator in self.generators]

    def restore(self, state: list[Tensor]) -> None:
        """Go back to a state, to draw the same numbers again."""
        for generator, before in zip(self.generators, state, strict=True):
            generator.set_state(before)

    def _draw(self, one: Callable[[torch.Generator], Tensor]) -> Tensor:
        return torch.stack([one(generator) for generator in self.generators for _ in range(self.samples)])
