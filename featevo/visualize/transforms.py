"""Transforms randomly change the network's input, so that a render must hold under all of them.

A transform is any differentiable callable from images (B, C, H, W) and the batch's `Streams` to images. Each image is
changed by random numbers of its own stream. `featevo.visualize.Regularizer` resizes the images to their first size at
the end. Sizes are shares of the image's side, so that a regularizer means the same at every size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.visualize.checks import check_choice
from featevo.visualize.filters import gaussian_blur
from featevo.visualize.streams import Streams

FILLS = ("grey", "replicate", "reflect")
"""What `Pad` puts around an image."""


class Transform(Protocol):
    """Randomly changes the network's input."""

    def __call__(self, images: Tensor, streams: Streams, /) -> Tensor: ...


def _check_share(share: float) -> None:
    if not 0 <= share < 1:
        raise ValueError(f"share={share}: must be at least 0 and below 1 (a share of the image's side)")


def _pixels(share: float, images: Tensor) -> int:
    """A share of the images' shorter side in whole pixels, smaller than the side."""
    side = min(images.shape[2:])
    return min(round(share * side), side - 1)


@dataclass(frozen=True)
class Pad:
    """Adds a frame around the image, so that later shifts and rotations bring in defined pixels.

    Args:
        share: Width of the frame.
        fill: "grey" (0.5), "replicate" or "reflect".
    """

    share: float = 0.1
    fill: str = "grey"

    def __post_init__(self) -> None:
        _check_share(self.share)
        check_choice(FILLS, fill=self.fill)

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        margins = [_pixels(self.share, images)] * 4
        if self.fill == "grey":
            return F.pad(images, margins, value=0.5)
        return F.pad(images, margins, mode=self.fill)


@dataclass(frozen=True)
class Jitter:
    """Takes a random window of the image, smaller by `share`: a shift by whole pixels.

    Args:
        share: The largest shift.
    """

    share: float = 0.0625

    def __post_init__(self) -> None:
        _check_share(self.share)

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        most = _pixels(self.share, images)
        height, width = images.shape[2] - most, images.shape[3] - most
        corners = streams.integers(most, (2,)).tolist()
        return torch.stack(
            [image[:, y : y + height, x : x + width] for image, (y, x) in zip(images, corners, strict=True)]
        )


@dataclass(frozen=True)
class Crop:
    """Takes a random window with the image's aspect ratio, enlarged to the size of the image (bilinear).

    The window's centre is normally distributed around the image's centre (MACO's code: standard deviation 0.15 of the
    side), then moved so that the window lies inside.

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

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        height, width = images.shape[2:]
        sides = streams.uniform(self.low, self.high)
        centres = 0.5 + self.spread * streams.normal((2,))
        seen = []
        for image, share, (y, x) in zip(images, sides.tolist(), centres.tolist(), strict=True):
            rows, columns = max(round(share * height), 1), max(round(share * width), 1)
            top = min(max(round(y * height - rows / 2), 0), height - rows)
            left = min(max(round(x * width - columns / 2), 0), width - columns)
            seen.append(resized(image[None, :, top : top + rows, left : left + columns], (height, width)))
        return torch.cat(seen)


@dataclass(frozen=True)
class Flip:
    """Mirrors images left to right.

    Args:
        probability: Of being mirrored.
    """

    probability: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability={self.probability}: must be from 0 to 1")

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        mirrored = (streams.uniform(0, 1) < self.probability).to(images.device).view(-1, 1, 1, 1)
        return torch.where(mirrored, images.flip(3), images)


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

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        return images + self.std * streams.normal(tuple(images.shape[1:])).to(images)


@dataclass(frozen=True)
class RandomBlur:
    """A Gaussian blur of random width (the operator `GaussianBlur` changes the image itself).

    Args:
        low: Smallest standard deviation in pixels.
        high: Largest.
    """

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise ValueError(f"low={self.low}, high={self.high}: must be 0 <= low <= high")

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        return gaussian_blur(images, streams.uniform(self.low, self.high).to(images))


@dataclass(frozen=True)
class Scale:
    """Zooms each image around its centre.

    Args:
        low: Smallest factor; below 1 the image shrinks.
        high: Largest factor.
    """

    low: float = 0.9
    high: float = 1.1

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"low={self.low}, high={self.high}: must be 0 < low <= high")

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        inverse = 1 / streams.uniform(self.low, self.high)
        return sampled(images, torch.diag_embed(torch.stack([inverse, inverse], 1)))


@dataclass(frozen=True)
class Rotate:
    """Rotates each image around its centre.

    Args:
        degrees: The largest angle, to either side.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        if not 0 <= self.degrees <= 180:
            raise ValueError(f"degrees={self.degrees}: must be from 0 to 180")

    def __call__(self, images: Tensor, streams: Streams) -> Tensor:
        angle = streams.uniform(-self.degrees, self.degrees) * (math.pi / 180)
        cosine, sine = angle.cos(), angle.sin()
        return sampled(images, torch.stack([cosine, -sine, sine, cosine], 1).view(-1, 2, 2))


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Images at another size: bilinear, with antialiasing when they shrink; unchanged at their own size."""
    if tuple(images.shape[2:]) == size:
        return images
    return F.interpolate(images, size, mode="bilinear", align_corners=False, antialias=True)


def sampled(images: Tensor, matrices: Tensor) -> Tensor:
    """Images (B, C, H, W) through linear maps (B, 2, 2) from result to image, of (x, y) in pixels from the centre."""
    height, width = images.shape[2:]
    stretch = torch.tensor([width, height], dtype=torch.float32)  # the sampler's axes go from -1 to 1 on either side
    theta = torch.zeros(len(images), 2, 3)
    theta[:, :, :2] = matrices * stretch / stretch[:, None]
    grid = F.affine_grid(theta.to(images), list(images.shape), align_corners=False)
    return F.grid_sample(images - 0.5, grid, mode="bilinear", padding_mode="zeros", align_corners=False) + 0.5
