"""Operators: what is done to the picture itself after a step, every k steps; the paper's form of regularisation.

An operator is any callable from pictures (B, C, H, W) to pictures of the same shape with an attribute `every`. It must
treat every picture by itself, or a render would depend on its batch. A new one is a class here or anywhere importable,
and an entry in `conf/regularizer/*.yaml` that names it as `_target_`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from featevo.visualize.median import BORDERS, median_filter


class Operator(Protocol):
    """Applied after every `every`-th step."""

    @property
    def every(self) -> int: ...

    def __call__(self, pictures: Tensor, /) -> Tensor: ...


def _check_every(every: int) -> None:
    if every < 1:
        raise ValueError(f"every={every}: an operator is applied every 1, 2, 3, ... steps")


@dataclass(frozen=True)
class Clip:
    """Keep pixels inside the range of pictures ("changes that fall outside the normal range are clipped", section III).

    Args:
        low: Smallest value allowed.
        high: Largest value allowed.
        every: Steps between two applications.
    """

    low: float = 0.0
    high: float = 1.0
    every: int = 1

    def __post_init__(self) -> None:
        _check_every(self.every)
        if not self.low < self.high:
            raise ValueError(f"low={self.low}, high={self.high}: the range to clip to is empty")

    def __call__(self, pictures: Tensor) -> Tensor:
        return pictures.clamp(self.low, self.high)


@dataclass(frozen=True)
class MedianFilter:
    """Remove what no neighbour supports ("a 5x5 median filter is applied every four gradient steps", section III).

    The paper does not state the border; replicate is OpenCV's rule.

    Args:
        kernel_size: Side of the window in pixels, odd.
        border: "replicate" or "reflect".
        every: Steps between two applications.
    """

    kernel_size: int = 5
    border: str = "replicate"
    every: int = 4

    def __post_init__(self) -> None:
        _check_every(self.every)
        if self.kernel_size < 1 or self.kernel_size % 2 == 0:
            raise ValueError(f"kernel_size={self.kernel_size}: a median filter needs an odd window")
        if self.border not in BORDERS:
            raise ValueError(f"border={self.border!r}: use one of {', '.join(BORDERS)}")

    def __call__(self, pictures: Tensor) -> Tensor:
        return median_filter(pictures, self.kernel_size, self.border)
