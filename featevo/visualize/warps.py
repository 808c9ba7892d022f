"""Transforms that turn and zoom around the middle, by bilinear sampling; size stays, the outside is grey."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.visualize.streams import Streams


@dataclass(frozen=True)
class Scale:
    """Zooms each picture around its middle.

    Args:
        low: Smallest factor; below 1 the picture shrinks.
        high: Largest factor.
    """

    low: float = 0.9
    high: float = 1.1

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"low={self.low}, high={self.high}: must be 0 < low <= high")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        inverse = 1 / streams.uniform(self.low, self.high)
        none = torch.zeros_like(inverse)
        return sampled(pictures, torch.stack([inverse, none, none, inverse], 1).view(-1, 2, 2))


@dataclass(frozen=True)
class Rotate:
    """Turns each picture around its middle.

    Args:
        degrees: The largest angle, to either side.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        if not 0 <= self.degrees <= 180:
            raise ValueError(f"degrees={self.degrees}: must be from 0 to 180")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        angle = streams.uniform(-self.degrees, self.degrees) * (math.pi / 180)
        cosine, sine = angle.cos(), angle.sin()
        return sampled(pictures, torch.stack([cosine, -sine, sine, cosine], 1).view(-1, 2, 2))


def sampled(pictures: Tensor, matrices: Tensor) -> Tensor:
    """Each picture as seen through a linear map of the plane.

    Args:
        pictures: (B, C, H, W).
        matrices: (B, 2, 2): where (x, y) of the result, in pixels from the middle, lies in the picture.
    """
    height, width = pictures.shape[2:]
    stretch = torch.tensor([width, height], dtype=torch.float32)  # the sampler's axes go from -1 to 1 on either side
    theta = torch.zeros(len(pictures), 2, 3)
    theta[:, :, :2] = matrices * stretch / stretch[:, None]
    grid = F.affine_grid(theta.to(pictures), list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures - 0.5, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + 0.5
