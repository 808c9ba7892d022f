"""The effective number of coherent regions of one colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from featevo.measure.needs import Need
from featevo.visualize.filters import median_filter

LEVELS = 5
"""Per colour channel. Odd, so that grey with faint noise stays within one level."""

LEAST = 0.01
"""Share of the image that a region must cover."""


@dataclass(frozen=True)
class ColourRegions:
    """Effective number of coherent colour regions.

    After a 5 x 5 median, colours are rounded to five levels a channel, and pixels of one colour that touch form a
    region; those under 1 % of the image are left out. With a the shares of area among those kept, the measure is
    exp(-sum a log a) times the square of the share of the image that they cover.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "image/colour_regions"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, 3, H, W) in 0..1 to (B,), float64, 0 to 100; one plain colour gives 1."""
        levels = (median_filter(images) * (LEVELS - 1)).round().long()
        codes = (levels * levels.new_tensor([LEVELS**2, LEVELS, 1]).view(3, 1, 1)).sum(1)
        return torch.tensor([_effective(code) for code in codes.cpu().numpy()], dtype=torch.float64)


def _effective(codes: np.ndarray) -> float:
    areas: list[int] = []
    for code in np.unique(codes):
        labels, _ = ndimage.label(codes == code)
        areas.extend(np.bincount(labels.ravel())[1:])
    share = np.array(areas) / codes.size
    share = share[share >= LEAST]
    covered = share.sum()
    if not covered:
        return 0.0
    share = share / covered
    return float(np.exp(-(share * np.log(share)).sum()) * covered**2)
