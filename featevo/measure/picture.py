"""Plain numbers of images, so that nothing else is taken for what they show: contrast, saturation, use of the area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from featevo.measure.equalise import contrast
from featevo.measure.needs import Need

END = 0.002
"""Values within this distance of 0 or 1 are saturated; half a step of 8 bits."""

CELLS = 8
"""Cells a side in which the use of the area is counted."""


@dataclass(frozen=True)
class Contrast:
    """RMS contrast: the deviation of all values of an image from its mean colour, 0 to 0.5."""

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "picture/contrast"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,)."""
        return contrast(images)


@dataclass(frozen=True)
class Saturation:
    """The share of values at 0 or 1."""

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "picture/saturation"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,), each in 0..1."""
        return ((images <= END) | (images >= 1 - END)).double().mean((1, 2, 3))


@dataclass(frozen=True)
class Used:
    """The share of an image's area that holds its contrast, whatever that contrast is.

    With e_c the squared deviation from the mean colour in cell c of N = 8 x 8: (sum e)^2 / (N sum e^2), 1/64 for one
    cell, 1 where all cells have the same. NaN for an image of one colour.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "picture/used"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,)."""
        deviation = (images - images.mean((2, 3), keepdim=True)).double().square().sum(1, keepdim=True)
        deviation = deviation.masked_fill((images.amax((2, 3)) == images.amin((2, 3))).all(1)[:, None, None, None], 0)
        cells = F.adaptive_avg_pool2d(deviation, CELLS).flatten(1)
        return cells.sum(1).square() / (CELLS**2 * cells.square().sum(1))
