"""The processes that take one snapshot together, as far as views must know of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from torch import nn

from featevo.views.view import Drawn

T = TypeVar("T")


class Ranks(Protocol):
    """Several processes with the same weights. All call these functions in the same order."""

    world: int
    is_main: bool

    def shared(self, value: T) -> T:
        """Rank 0's value, on every rank."""

    def on_main(self, function: Callable[[], T]) -> T | None:
        """What a function returns on rank 0, None on the others; what it raises, all raise."""

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """All units, each drawn by one rank: the images in the order of units on rank 0, none on the others."""


class Alone:
    """One process."""

    world, is_main = 1, True

    def shared(self, value: T) -> T:
        """The value itself."""
        return value

    def on_main(self, function: Callable[[], T]) -> T | None:
        """What the function returns."""
        return function()

    def draw(
        self, module: nn.Module, units: Sequence[int], draw: Callable[[Sequence[int]], list[Drawn]]
    ) -> list[Drawn]:
        """All units at once."""
        return draw(units)
