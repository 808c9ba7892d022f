"""Images with their blocks in other places."""

from __future__ import annotations

import torch
from torch import Tensor


def rearranged(images: Tensor, height: int, width: int, order: Tensor) -> Tensor:
    """Put the blocks of each image in another order.

    Args:
        images: (N, C, H, W); H and W are multiples of the block's sides.
        height: Of a block in pixels.
        width: Likewise.
        order: (N, blocks): which block comes to each place, both counted row by row.
    """
    blocks = images.unflatten(3, (-1, width)).unflatten(2, (-1, height)).permute(0, 2, 4, 1, 3, 5)
    mixed = blocks.flatten(1, 2)[torch.arange(len(images))[:, None], order]
    return mixed.view(blocks.shape).permute(0, 3, 1, 4, 2, 5).reshape(images.shape)
