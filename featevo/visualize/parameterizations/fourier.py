"""Images as Fourier coefficients, each scaled by the magnitude of its frequency in natural images.

Olah, Mordvintsev and Schubert, "Feature Visualization", Distill 2017, "Preconditioning and Parameterization"; scales as
in lucid (`optvis/param/spatial.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.visualize.parameterizations import Examples, Shape
from featevo.visualize.parameterizations.colour import Colour, colour

CONTRAST = 4.0
"""Lucid divides images by it, so that starts are faint and steps as large as for pixels."""


@dataclass(frozen=True)
class Fourier:
    """Fourier coefficients of decorrelated colours, high frequencies scaled down.

    Args:
        decay_power: Frequency f is scaled by f to the power of minus this; 1 as in natural images.
        start_std: Standard deviation of the start's coefficients.
        colour: Statistics of colours: "imagenet", "examples", a (C, C) matrix, or None.
    """

    decay_power: float = 1.0
    start_std: float = 0.01
    colour: str | Sequence[Sequence[float]] | None = "imagenet"

    def space(self, shape: Shape, examples: Examples) -> FourierSpace:
        """The space of images of this shape; errors as for `featevo.visualize.parameterizations.colour.colour`."""
        _, height, width = shape
        vertical = torch.fft.fftfreq(height, dtype=torch.float64)[:, None]
        horizontal = torch.fft.rfftfreq(width, dtype=torch.float64)[None, :]
        frequency = (vertical.square() + horizontal.square()).sqrt()  # in cycles per pixel
        scale = frequency.clamp_min(1 / max(height, width)) ** -self.decay_power
        scale *= (height * width) ** 0.5 / CONTRAST
        return FourierSpace(shape, scale.float(), self.start_std, colour(self.colour, shape, examples))


@dataclass(frozen=True)
class FourierSpace:
    """Coefficients (B, C, H, W // 2 + 1, 2): real and imaginary parts, unscaled."""

    shape: Shape
    scale: Tensor
    start_std: float
    colour: Colour

    def noise(self, generator: torch.Generator) -> Tensor:
        """Normal coefficients (C, H, W // 2 + 1, 2); the image is faint."""
        return self.start_std * torch.randn((self.shape[0], *self.scale.shape, 2), generator=generator)

    def encode(self, images: Tensor) -> Tensor:
        """Coefficients of images; exact between 0.02 and 0.98."""
        spectrum = torch.fft.rfft2(self.colour.channels(images)) / self.scale.to(images)
        return torch.view_as_real(spectrum)

    def decode(self, coefficients: Tensor) -> Tensor:
        spectrum = torch.view_as_complex(coefficients.contiguous()) * self.scale.to(coefficients)
        return self.colour.images(torch.fft.irfft2(spectrum, s=self.shape[1:]))
