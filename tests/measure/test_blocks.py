"""Blocks against a loop over places."""

import torch

from featevo.measure.blocks import rearranged


def test_each_place_has_the_block_that_the_order_names():
    images = torch.rand(2, 3, 4, 9, generator=torch.Generator().manual_seed(0))
    order = torch.tensor([[5, 0, 3, 1, 4, 2], [0, 1, 2, 3, 4, 5]])
    mixed = rearranged(images, 2, 3, order)
    for image in range(2):
        for place, block in enumerate(order[image].tolist()):
            (row, column), (down, right) = divmod(place, 3), divmod(block, 3)
            expected = images[image, :, 2 * down : 2 * down + 2, 3 * right : 3 * right + 3]
            assert torch.equal(mixed[image, :, 2 * row : 2 * row + 2, 3 * column : 3 * column + 3], expected)
