"""Transforms: a random change of what the network sees, so that a picture must hold under all of them.

A transform is any callable from pictures (B, C, H, W) and the batch's `Streams` to pictures, differentiable. Each
picture is changed by numbers of its own stream. What changes size is resized to the picture's own at the end
(`featevo.visualize.Regularizer`). Sizes are shares of the picture's side, so a bundle means the same at every size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.visualize.filters import gaussian_blur
from featevo.visualize.streams import Streams

FILLS = ("grey", "replicate", "reflect")
"""What `Pad` puts around a picture."""


class Transform(Protocol):
    """Changes what the network sees, at random."""

    def __call__(self, pictures: Tensor, streams: Streams, /) -> Tensor: ...


def check_share(name: str, value: float, most: float = 1.0) -> None:
    """Raise `ValueError` for what is no share of a picture's side."""
    if not 0 <= value < most:
        raise ValueError(f"{name}={value}: must be at least 0 and below {most:g} (a share of the picture's side)")


def pixels(share: float, pictures: Tensor) -> int:
    """A share of the pictures' shorter side in whole pixels, fewer than it has."""
    side = min(pictures.shape[2:])
    return min(round(share * side), side - 1)


@dataclass(frozen=True)
class Pad:
    """A frame around the picture, so that later shifts and turns bring in something known.

    Args:
        share: Its width.
        fill: "grey" (0.5), "replicate" or "reflect".
    """

    share: float = 0.1
    fill: str = "grey"

    def __post_init__(self) -> None:
        check_share("share", self.share)
        if self.fill not in FILLS:
            raise ValueError(f"fill={self.fill!r}: use one of {', '.join(FILLS)}")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        margins = [pixels(self.share, pictures)] * 4
        if self.fill == "grey":
            return F.pad(pictures, margins, value=0.5)
        return F.pad(pictures, margins, mode=self.fill)


@dataclass(frozen=True)
class Jitter:
    """A random window of the picture, smaller by `share`: shifts by whole pixels.

    Args:
        share: The largest shift.
    """

    share: float = 0.0625

    def __post_init__(self) -> None:
        check_share("share", self.share)

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        most = pixels(self.share, pictures)
        height, width = pictures.shape[2] - most, pictures.shape[3] - most
        corners = streams.integers(most, (2,)).tolist()
        windows = [picture[:, y : y + height, x : x + width] for picture, (y, x) in zip(pictures, corners, strict=True)]
        return torch.stack(windows)


@dataclass(frozen=True)
class Crop:
    """A random window of the picture's own shape, enlarged to the size of the picture (bilinear).

    The window's centre is normal around the picture's (MACO's code: standard deviation 0.15 of the side), moved so that
    the window lies inside.

    Args:
        low: Smallest side of the window.
        high: Largest side of the window.
        spread: Standard deviation of its centre.
    """

    low: float = 0.5
    high: float = 1.0
    spread: float = 0.15

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high <= 1:
            raise ValueError(f"low={self.low}, high={self.high}: must be 0 < low <= high <= 1 (shares of the side)")
        if not 0 <= self.spread < math.inf:
            raise ValueError(f"spread={self.spread}: must be a finite number, at least 0")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        height, width = pictures.shape[2:]
        sides = streams.uniform(self.low, self.high)
        centres = 0.5 + self.spread * streams.normal((2,))
        seen = []
        for picture, share, (y, x) in zip(pictures, sides.tolist(), centres.tolist(), strict=True):
            rows, columns = max(round(share * height), 1), max(round(share * width), 1)
            top = min(max(round(y * height - rows / 2), 0), height - rows)
            left = min(max(round(x * width - columns / 2), 0), width - columns)
            seen.append(resized(picture[None, :, top : top + rows, left : left + columns], (height, width)))
        return torch.cat(seen)


@dataclass(frozen=True)
class Flip:
    """Mirrors half of the pictures left to right.

    Args:
        probability: Of being mirrored.
    """

    probability: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability={self.probability}: must be from 0 to 1")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        mirrored = (streams.uniform(0, 1) < self.probability).to(pictures.device).view(-1, 1, 1, 1)
        return torch.where(mirrored, pictures.flip(3), pictures)


@dataclass(frozen=True)
class Noise:
    """Adds normal noise.

    Args:
        std: Its standard deviation, in units of the range 0..1.
    """

    std: float = 0.05

    def __post_init__(self) -> None:
        if not self.std >= 0:
            raise ValueError(f"std={self.std}: must be at least 0")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        return pictures + self.std * streams.normal(tuple(pictures.shape[1:])).to(pictures)


@dataclass(frozen=True)
class RandomBlur:
    """A Gaussian blur of random width (the operator `GaussianBlur` changes the picture itself).

    Args:
        low: Smallest standard deviation in pixels.
        high: Largest.
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"low={self.low}, high={self.high}: must be 0 <= low <= high")

    def __call__(self, pictures: Tensor, streams: Streams) -> Tensor:
        return gaussian_blur(pictures, streams.uniform(self.low, self.high).to(pictures))


def resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures at another size: bilinear, averaging over source pixels when it shrinks; unchanged where it fits."""
    if tuple(pictures.shape[2:]) == size:
        return pictures
    return F.interpolate(pictures, size, mode="bilinear", align_corners=False, antialias=True)


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
