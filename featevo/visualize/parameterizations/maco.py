"""MACO: only the phases of an image are optimised; the magnitude of each frequency is that of real images.

Fel et al., "Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained Optimization", NeurIPS 2023,
section 3: x = F^-1(r exp(i phi)), r the mean magnitude of a data set. As in the authors' code, magnitudes are those of
decorrelated colours, and a sigmoid bounds the pixels. Here r is computed in the same space (before the sigmoid), so
that renders have exactly these magnitudes there. The mean has no phase; it is that of the colour statistics. (A
frequency that is its own opposite, three per channel, is a real number: phases change its sign and size.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from featevo.visualize.parameterizations import Examples, Shape, fitting
from featevo.visualize.parameterizations.colour import Colour, colour


@dataclass(frozen=True)
class Maco:
    """Phases of decorrelated colours.

    Args:
        magnitude: None: computed from the examples; or a file written by `numpy.save`, or a tensor (C, H, W // 2 + 1):
            mean magnitudes as from `mean_magnitude`.
        colour: Statistics of colours: "examples", "imagenet", a (C, C) matrix, or None.
    """

    magnitude: str | Tensor | None = None
    colour: str | Sequence[Sequence[float]] | None = "examples"

    def __repr__(self) -> str:
        magnitude = f"tensor {tuple(self.magnitude.shape)}" if isinstance(self.magnitude, Tensor) else self.magnitude
        return f"Maco(magnitude={magnitude!r}, colour={self.colour!r})"

    def space(self, shape: Shape, examples: Examples) -> MacoSpace:
        """The space of images of this shape.

        Raises:
            ValueError: When examples are missing, or the magnitude cannot be read or has another shape.
        """
        axes = colour(self.colour, shape, examples)
        if self.magnitude is None:
            magnitude = mean_magnitude(fitting(examples, shape, "MACO (no magnitude given)"), axes)
        elif isinstance(self.magnitude, Tensor):
            magnitude = self.magnitude.detach().float().cpu()
        else:
            magnitude = _read(self.magnitude)
        wanted = (shape[0], shape[1], shape[2] // 2 + 1)
        if tuple(magnitude.shape) != wanted:
            raise ValueError(f"magnitude of shape {tuple(magnitude.shape)}: images of {shape} need {wanted}")
        return MacoSpace(shape, magnitude, axes)


@dataclass(frozen=True)
class MacoSpace:
    """Coefficients (B, C, H, W // 2 + 1): phases in radians."""

    shape: Shape
    magnitude: Tensor
    colour: Colour

    def noise(self, generator: torch.Generator) -> Tensor:
        """Phases (C, H, W // 2 + 1), uniformly distributed."""
        return math.tau * torch.rand(tuple(self.magnitude.shape), generator=generator)

    def encode(self, images: Tensor) -> Tensor:
        """Phases of images; their magnitudes are dropped."""
        phases = torch.fft.rfft2(self.colour.channels(images)).angle()
        # Rounding puts a negative number at pi or -pi: if both of a pair were at pi, they would not be opposite.
        second = self._paired(phases)
        second[: self.shape[1] // 2 + 1] = False
        return torch.where(second, -_opposite(phases), phases)

    def decode(self, coefficients: Tensor) -> Tensor:
        magnitude = self.magnitude.to(coefficients, copy=True)
        magnitude[:, 0, 0] = 0  # the mean has no phase; colours are relative to the mean of the images
        # In a real image, a frequency and its opposite have opposite phases. Otherwise the inverse transform would
        # average the two, and their magnitudes would shrink.
        opposed = (coefficients - _opposite(coefficients)) / 2
        spectrum = torch.polar(magnitude, torch.where(self._paired(coefficients), opposed, coefficients))
        return self.colour.images(torch.fft.irfft2(spectrum, s=self.shape[1:]))

    def _paired(self, phases: Tensor) -> Tensor:
        """Where (H, W // 2 + 1) the spectrum contains both a frequency and its opposite."""
        height, width = self.shape[1:]
        paired = torch.zeros(phases.shape[-2:], dtype=torch.bool, device=phases.device)
        paired[:, 0] = True
        if width % 2 == 0:
            paired[:, -1] = True
        own = [0] if height % 2 else [0, height // 2]  # their own opposites: real numbers, whose phase is a sign
        paired[own] = False
        return paired


def _opposite(phases: Tensor) -> Tensor:
    """For each row of frequencies, the row of the opposite vertical frequency."""
    return phases.flip(-2).roll(1, -2)


def mean_magnitude(examples: Tensor, axes: Colour) -> Tensor:
    """Mean magnitude (C, H, W // 2 + 1) of each Fourier coefficient of examples (N, C, H, W) along colour axes."""
    sums = [torch.fft.rfft2(axes.channels(part)).abs().sum(0) for part in examples.split(64)]
    return torch.stack(sums).sum(0) / len(examples)


def _read(path: str) -> Tensor:
    file = Path(path).expanduser()
    if file.exists() and not file.is_file():  # opening a FIFO would wait
        raise ValueError(f"magnitude={path}: not a file")
    try:
        return torch.from_numpy(np.load(file, allow_pickle=False)).float()
    except (OSError, EOFError, ValueError, TypeError) as error:
        raise ValueError(f"magnitude={path}: not a file that numpy.save wrote ({error})") from error
