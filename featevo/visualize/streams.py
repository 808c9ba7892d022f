"""Random streams: each render draws its own numbers, so none depends on the others in its batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

START, TRANSFORMS = 0, 1
"""What a stream is for; streams of different purposes are unrelated."""


def stream(seed: int, unit: int, copy: int = 0, purpose: int = START) -> torch.Generator:
    """A generator on the CPU that no other unit, copy or purpose of the same seed shares."""
    # The generator turns neighbouring numbers into unrelated streams; it keeps 32 bits of them, in which these factors
    # keep thousands of units times hundreds of copies apart (tested).
    number = seed * 1_000_003 + unit + copy * 1_000_000_000_039 + purpose * 1_000_000_000_000_000_003
    return torch.Generator().manual_seed(number % 2**63)


class Streams:
    """The streams of a batch: each draw takes one number, or one tensor, per picture from the picture's own stream.

    Args:
        generators: One per picture.
        samples: Draws per picture; rows are (picture, sample).
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
        """Where each stream is."""
        return [generator.get_state() for generator in self.generators]

    def restore(self, state: list[Tensor]) -> None:
        """Go back to where each stream was, to draw the same numbers again."""
        for generator, before in zip(self.generators, state, strict=True):
            generator.set_state(before)

    def _draw(self, one: Callable[[torch.Generator], Tensor]) -> Tensor:
        return torch.stack([one(generator) for generator in self.generators for _ in range(self.samples)])
