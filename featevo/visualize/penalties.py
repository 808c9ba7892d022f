"""Penalties: terms R(x) that are subtracted from the objective. x* = argmax_x (a_i(x) - sum of weight * R(x)).

A penalty is any callable from pictures (B, C, H, W) to one value each, with an attribute `weight`. All are means over a
picture's pixels, so that a weight means the same at every picture size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from featevo.visualize.schedule import Setting, least, most

SPACES = ("pixel", "frequency")
"""Where a norm is taken."""


class Penalty(Protocol):
    """A term that is subtracted."""

    @property
    def weight(self) -> Setting: ...

    def __call__(self, pictures: Tensor, /) -> Tensor: ...


def _check_weight(weight: Setting) -> None:
    if not 0 <= least(weight) <= most(weight) < math.inf:
        raise ValueError(f"weight={weight}: a penalty's weight must be a finite number, at least 0")


@dataclass(frozen=True)
class TotalVariation:
    """How much neighbouring pixels differ: mean of (|right neighbour - x|^2 + |lower neighbour - x|^2)^(beta / 2).

    Mahendran and Vedaldi, CVPR 2015, section 3: "for beta > 1 ... spikes are spread". Beyond the last row and column
    differences are 0. Their sum over channels and pixels is here a mean.

    Args:
        weight: Of the term; a number or a `Schedule`.
        beta: 1: total variation proper; 2: penalises large differences more.
    """

    weight: Setting = 1.0
    beta: float = 2.0

    def __post_init__(self) -> None:
        _check_weight(self.weight)
        if not self.beta > 0:
            raise ValueError(f"beta={self.beta}: must be above 0")

    def __call__(self, pictures: Tensor) -> Tensor:
        right = torch.diff(pictures, dim=3, append=pictures[..., -1:])
        down = torch.diff(pictures, dim=2, append=pictures[..., -1:, :])
        # In flat places the root has no derivative; the smallest normal number gives it one of zero.
        square = right.square() + down.square() + torch.finfo(pictures.dtype).tiny
        return square.pow(self.beta / 2).flatten(1).mean(1)


@dataclass(frozen=True)
class AlphaNorm:
    """How far pixels are from grey: mean of |x - grey|^alpha; a high alpha only bounds the range.

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

    def __call__(self, pictures: Tensor) -> Tensor:
        return (pictures - self.grey).abs().pow(self.alpha).flatten(1).mean(1)


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
        _check_space(self.space)

    def __call__(self, pictures: Tensor) -> Tensor:
        return _in(self.space, pictures - self.grey).abs().flatten(1).mean(1)


@dataclass(frozen=True)
class L2:
    """Mean square difference to grey, of pixels or of Fourier coefficients weighted by their squared frequency.

    Unweighted, both would be the same number (Parseval); weighted, it is the energy of fine detail.

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
        _check_space(self.space)

    def __call__(self, pictures: Tensor) -> Tensor:
        values = _in(self.space, pictures - self.grey)
        if self.space == "frequency":
            height, width = pictures.shape[2:]
            vertical = torch.fft.fftfreq(height, device=pictures.device, dtype=pictures.dtype)[:, None]
            horizontal = torch.fft.fftfreq(width, device=pictures.device, dtype=pictures.dtype)
            values = values * (vertical.square() + horizontal.square()).sqrt()
        return values.abs().square().flatten(1).mean(1)


def _check_space(space: str) -> None:
    if space not in SPACES:
        raise ValueError(f"space={space!r}: use one of {', '.join(SPACES)}")


def _in(space: str, values: Tensor) -> Tensor:
    return torch.fft.fft2(values, norm="ortho") if space == "frequency" else values
