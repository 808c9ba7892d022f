"""Parameterizations: what is optimised. Pixels here; `fourier` and `maco` optimise frequencies.

A parameterization is a set of choices; its `space`, made for one size and type of picture, translates between
coefficients (B, ...), which the optimizer moves, and pictures (B, C, H, W) in 0..1, which operators and network see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

START_MEAN, START_STD = 0.5, 0.05
"""The pixels' start picture: mid-grey with faint normal noise, in the range 0..1."""

Examples = Tensor | Callable[[], Tensor] | None
"""Training pictures (N, C, H, W) in 0..1; a function is called by whoever needs them, and should keep what it read."""

Shape = tuple[int, int, int]
"""Channels, height, width of a picture."""


class Space(Protocol):
    """Coefficients of pictures of one shape."""

    def noise(self, generator: torch.Generator) -> Tensor:
        """The random start (...) of one picture, on the CPU, from this generator alone."""

    def encode(self, pictures: Tensor) -> Tensor:
        """Coefficients (B, ...) of pictures (B, C, H, W); exact where the space can express them."""

    def decode(self, coefficients: Tensor) -> Tensor:
        """Pictures (B, C, H, W) of coefficients (B, ...), differentiable; in 0..1, but for pixels as they are."""


class Parameterization(Protocol):
    """What is optimised."""

    def space(self, shape: Shape, examples: Examples) -> Space:
        """The space of pictures of this shape.

        Args:
            shape: Of the pictures.
            examples: Training pictures, for parameterizations that follow their statistics.

        Raises:
            ValueError: When examples are needed and missing, or do not fit.
        """


@dataclass(frozen=True)
class Pixels:
    """The pixels themselves, as in the paper; operators keep them in range.

    Args:
        start_std: Standard deviation of the start noise around mid-grey, in units of the range 0..1.
    """

    start_std: float = START_STD

    def space(self, shape: Shape, examples: Examples) -> PixelSpace:
        """Pictures are their own coefficients."""
        return PixelSpace(shape, self.start_std)


@dataclass(frozen=True)
class PixelSpace:
    """Pictures are their own coefficients."""

    shape: Shape
    start_std: float

    def noise(self, generator: torch.Generator) -> Tensor:
        """Faint normal noise around mid-grey (C, H, W)."""
        return (START_MEAN + self.start_std * torch.randn(self.shape, generator=generator)).clamp(0, 1)

    def encode(self, pictures: Tensor) -> Tensor:
        """The same."""
        return pictures

    def decode(self, coefficients: Tensor) -> Tensor:
        """The same."""
        return coefficients


def fitting(examples: Examples, shape: Shape, what: str) -> Tensor:
    """The examples as float32.

    Raises:
        ValueError: When there are none, or of another shape; the message says what needs them.
    """
    if callable(examples):
        examples = examples()
    if examples is None:
        raise ValueError(f"{what} follows the statistics of pictures: give examples (N, C, H, W) in 0..1")
    if examples.ndim != 4 or tuple(examples.shape[1:]) != shape or not len(examples):
        raise ValueError(f"examples of shape {tuple(examples.shape)}: {what} needs (N, {', '.join(map(str, shape))})")
    return within_range(examples, f"examples of {what}")


def within_range(pictures: Tensor, what: str) -> Tensor:
    """Pictures as float32 on the CPU.

    Raises:
        ValueError: When they are not in 0..1, as pictures of whole numbers up to 255 are not.
    """
    pictures = pictures.detach().cpu()
    if not pictures.is_floating_point() or not 0 <= float(pictures.min()) <= float(pictures.max()) <= 1:
        low, high = float(pictures.min()), float(pictures.max())
        raise ValueError(f"{what}: pictures are floating point from 0 to 1, these are {low:g} to {high:g}")
    return pictures.float()
