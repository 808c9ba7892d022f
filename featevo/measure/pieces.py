"""The number of squares of one colour that describe an image best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from featevo.measure.needs import Need

VARIANCE = 1 / 12
"""Variance that a description may leave out: that of white noise over the range 0..1."""


@dataclass(frozen=True)
class Pieces:
    """Number of squares in the best description of an image by squares of one colour each.

    An image is cut into quarters, each of these again or not, down to pixels. Each square is described by its mean
    colour, so a cut is worth its cost when it lowers the squared error enough. The measure is the number of squares at
    the least of SSE / (2 VARIANCE) + squares * channels / 2 * log(pixels), the Bayesian information criterion with
    the residue's variance known: white noise of any strength is one square.

    Source: recursive dyadic partitions, D. Donoho, "CART and best-ortho-basis: a connection", Annals of Statistics
    25(5), 1997; the cost of a piece after G. Schwarz, "Estimating the dimension of a model", Annals of Statistics 6(2),
    1978.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "image/pieces"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,), float64, 1 to H * W."""
        channels, height, width = images.shape[1:]
        cost = VARIANCE * channels * math.log(height * width)
        side = 1 << max(height - 1, width - 1).bit_length()
        margin = (0, side - width, 0, side - height)  # without pixels, so that it costs nothing
        total = F.pad(images.double(), margin)
        squares = total.square().sum(1, keepdim=True)
        pixels = F.pad(torch.ones_like(squares[..., :height, :width]), margin)
        best, pieces = cost * pixels, pixels
        while side > 1:
            side //= 2
            total, squares, pixels, best, pieces = (
                4 * F.avg_pool2d(x, 2) for x in (total, squares, pixels, best, pieces)
            )
            error = squares - total.square().sum(1, keepdim=True) / pixels.clamp(min=1)
            there = (pixels > 0).double()
            whole = error + cost * there
            pieces = torch.where(whole <= best, there, pieces)
            best = torch.minimum(whole, best)
        return pieces.flatten()
