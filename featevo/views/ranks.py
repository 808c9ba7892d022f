"""The processes that take one snapshot together, as far as views need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from torch import nn

from featevo.views.view import Drawn

T = TypeVar("T")


class Ranks(Protocol):
    """One or several processes with the same weights. All call these functions in the same order."""

    world: int
    is_main: bool

    def shared(self, value: T) -> T:
        """Rank 0's value, on every rank."""
        return value

    def on_main(self, function: Callable[[], T]) -> T | None:
        """The function's return value on rank 0, None on the others; all ranks raise its exception."""
        return function()

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """All units, each drawn by one rank: the images in the order of units on rank 0, none on the others."""
        return draw(units)


class Alone(Ranks):
    """One process."""

    world, is_main = 1, True


class Shards(Ranks):
    """One process that draws the batches of several, one after the other, so that the images are the same.

    Args:
        parts: Number of processes.
    """

    world, is_main = 1, True

    def __init__(self, parts: int) -> None:
        self.parts = parts

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """All units, each process's together."""
        shares = [own for part in range(self.parts) if (own := units[part :: self.parts])]
        drawn = {one.image.unit: one for own in shares for one in draw(own)}
        return [drawn[unit] for unit in units]
