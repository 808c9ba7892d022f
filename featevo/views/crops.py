"""Crops of images, enlarged to equal tiles, and a sheet of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

GAP, ROW_GAP = 1 / 32, 3 / 32
"""White between the tiles of a row, and between rows, as parts of a tile's width."""

BEYOND = 0.5
"""Value of pixels beyond an image."""


def crop(image: Tensor, window: tuple[int, int, int, int]) -> Tensor:
    """A part of an image (C, H, W).

    Args:
        image: To cut.
        window: First row, first column, height, width; it may reach beyond the image, where it is grey.

    Returns:
        (C, height, width).
    """
    top, left, height, width = window
    part = image.new_full((len(image), height, width), BEYOND)
    inside = image[:, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    row, column = max(-top, 0), max(-left, 0)
    part[:, row : row + inside.shape[1], column : column + inside.shape[2]] = inside
    return part


def tile(part: Tensor, height: int, width: int) -> Tensor:
    """An image (C, h, w) as (C, height, width): scaled to fit, each pixel a square, in the middle of white."""
    scale = min(height / part.shape[1], width / part.shape[2])
    size = [max(1, round(scale * side)) for side in part.shape[1:]]
    scaled = F.interpolate(part[None], size=size, mode="nearest-exact")[0]
    rest = (height - size[0], width - size[1])
    margins = (rest[1] // 2, rest[1] - rest[1] // 2, rest[0] // 2, rest[0] - rest[0] // 2)
    return F.pad(scaled, margins, value=1.0)


def sheet(rows: Sequence[Sequence[Tensor]]) -> Tensor:
    """Tiles (C, H, W) of equal size in rows of equal length, with thin white gaps."""
    gap, row_gap = (max(1, round(share * rows[0][0].shape[2])) for share in (GAP, ROW_GAP))
    return _joined([_joined(tiles, gap, 2) for tiles in rows], row_gap, 1)


def _joined(parts: Sequence[Tensor], gap: int, axis: int) -> Tensor:
    shape = list(parts[0].shape)
    shape[axis] = gap
    white = parts[0].new_ones(shape)
    return torch.cat([piece for part in parts for piece in (white, part)][1:], axis)
