"""Penalties: terms R(x) that are subtracted from the objective. x* = argmax_x (a_i(x) - sum of weight * R(x)).

A penalty is any callable from images (B, C, H, W) to one value each, with an attribute `weight`. All are means over an
image's pixels, so that a weight means the same at every image size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from featevo.visualize.checks import check_choice, check_positive
from featevo.visualize.schedule import Setting, least, most

SPACES = ("pixel", "frequency")
"""Where a norm is computed."""


class Penalty(Protocol):
    """A term that is subtracted."""

    @property
    def weight(self) -> Setting: ...

    def __call__(self, images: Tensor, /) -> Tensor: ...


def _check_weight(weight: Setting) -> None:
    if not 0 <= least(weight) <= most(weight) < math.inf:
        raise ValueError(f"weight={weight}: a penalty's weight must be a finite number, at least 0")


@dataclass(frozen=True)
class TotalVariation:
    """Difference between neighbouring pixels: mean of (|right neighbour - x|^2 + |lower neighbour - x|^2)^(beta / 2).

    Mahendran and Vedaldi, CVPR 2015, section 3: "for beta > 1 ... spikes are spread". Beyond the last row and column
    differences are 0. The paper's sum over channels and pixels is a mean here.

    Args:
        weight: Of the term; a number or a `Schedule`.
        beta: 1: total variation proper; 2: penalises large differences more.
    """

    weight: Setting = 1.0
    beta: float = 2.0

    def __post_init__(self) -> None:
        _check_weight(self.weight)
        check_positive(beta=self.beta)

    def __call__(self, images: Tensor) -> Tensor:
        right = torch.diff(images, dim=3, append=images[..., -1:])
        down = torch.diff(images, dim=2, append=images[..., -1:, :])
        # In flat areas the root has no derivative; with the smallest normal number added, the derivative is 0.
        square = right.square() + down.square() + torch.finfo(images.dtype).tiny
        return square.pow(self.beta / 2).flatten(1).mean(1)


@dataclass(frozen=True)
class AlphaNorm:
    """Distance of pixels from grey: mean of |x - grey|^alpha; a high alpha only bounds the range.

    Mahendran and Vedaldi, CVPR 2015, section 3 (alpha = 6), with the mean in place of the sum.

    Args:
        weight: Of the term; a number or a `Schedule`.
        alpha: Exponent.
        grey: In 0..1.
    """

    weight: Setting = 1.0
    alpha: float = 6.0
    grey: float = 0.5

    def __post_init__(self) -> None:
        _check_weight(self.weight)
        if not self.alpha >= 1:
            raise ValueError(f"alpha={self.alpha}: must be at least 1")

    def __call__(self, images: Tensor) -> Tensor:
        return (images - self.grey).abs().pow(self.alpha).flatten(1).mean(1)


@dataclass(frozen=True)
class L1:
    """Mean absolute difference to grey, of pixels or of Fourier coefficients (of the unitary transform).

    Args:
        weight: Of the term; a number or a `Schedule`.
        space: "pixel" or "frequency".
        grey: In 0..1.
    """

    weight: Setting = 1.0
    space: str = "pixel"
    grey: float = 0.5

    def __post_init__(self) -> None:
        _check_weight(self.weight)
        check_choice(SPACES, space=self.space)

    def _values(self, images: Tensor) -> Tensor:
        values = images - self.grey
        return torch.fft.fft2(values, norm="ortho") if self.space == "frequency" else values

    def __call__(self, images: Tensor) -> Tensor:
        return self._values(images).abs().flatten(1).mean(1)


@dataclass(frozen=True)
class L2(L1):
    """Mean square difference to grey, of pixels or of Fourier coefficients weighted by their squared frequency.

    Unweighted, both would be the same number (Parseval); weighted, it is the energy of fine detail. Arguments: as for
    `L1`.
    """

    def __call__(self, images: Tensor) -> Tensor:
        values = self._values(images)
        if self.space == "frequency":
            height, width = images.shape[2:]
            vertical = torch.fft.fftfreq(height, device=images.device, dtype=images.dtype)[:, None]
            horizontal = torch.fft.fftfreq(width, device=images.device, dtype=images.dtype)
            values = values * (vertical.square() + horizontal.square()).sqrt()
        return values.abs().square().flatten(1).mean(1)
