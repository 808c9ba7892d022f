"""Parameterizations: what is optimised. Pixels here; `fourier` and `maco` optimise frequencies.

A parameterization holds settings. Its `space`, for one shape of images, translates between coefficients (B, ...), which
the optimizer moves, and images (B, C, H, W) in 0..1, which operators and network see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

START_MEAN, START_STD = 0.5, 0.05
"""The start image of pixels: mid-grey with faint normal noise, in the range 0..1."""

Examples = Tensor | Callable[[], Tensor] | None
"""Training images (N, C, H, W) in 0..1, or a function that returns them: called when needed, it should cache them."""

Shape = tuple[int, int, int]
"""Channels, height, width of an image."""


class Space(Protocol):
    """Coefficients of images of one shape."""

    def noise(self, generator: torch.Generator) -> Tensor:
        """The random start (...) of one image, on the CPU, from this generator alone."""

    def encode(self, images: Tensor) -> Tensor:
        """Coefficients (B, ...) of images (B, C, H, W); exact for images that the space can represent."""

    def decode(self, coefficients: Tensor) -> Tensor:
        """Images (B, C, H, W) of coefficients (B, ...), differentiable; in 0..1, except that pixels are not clipped."""


class Parameterization(Protocol):
    """What is optimised."""

    def space(self, shape: Shape, examples: Examples) -> Space:
        """The space of images of this shape.

        Args:
            shape: Of the images.
            examples: Training images, for parameterizations that use their statistics.

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
        return PixelSpace(shape, self.start_std)


@dataclass(frozen=True)
class PixelSpace:
    """Images are their own coefficients."""

    shape: Shape
    start_std: float

    def noise(self, generator: torch.Generator) -> Tensor:
        return (START_MEAN + self.start_std * torch.randn(self.shape, generator=generator)).clamp(0, 1)

    def encode(self, images: Tensor) -> Tensor:
        return images

    def decode(self, coefficients: Tensor) -> Tensor:
        return coefficients


def fitting(examples: Examples, shape: Shape, what: str) -> Tensor:
    """The examples as float32; a `ValueError` for missing or unsuitable examples names what needs them."""
    if callable(examples):
        examples = examples()
    if examples is None:
        raise ValueError(f"{what} uses the statistics of images: give examples (N, C, H, W) in 0..1")
    if examples.ndim != 4 or tuple(examples.shape[1:]) != shape or not len(examples):
        raise ValueError(f"examples of shape {tuple(examples.shape)}: {what} needs (N, {', '.join(map(str, shape))})")
    return within_range(examples, f"examples of {what}")


def within_range(images: Tensor, what: str) -> Tensor:
    """Images as float32 on the CPU; raises `ValueError` unless they are floating point in 0..1."""
    images = images.detach().cpu()
    low, high = float(images.min()), float(images.max())
    if not images.is_floating_point() or not 0 <= low <= high <= 1:
        raise ValueError(f"{what}: images are floating point from 0 to 1, these are {low:g} to {high:g}")
    return images.float()
