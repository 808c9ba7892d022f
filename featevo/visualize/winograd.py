"""Winograd convolution on the CPU: 3 x 3 filters with up to four times fewer multiplications.

An output tile of m x m pixels needs an input tile of (m + 2) x (m + 2). Both and the filter are transformed, so that
the convolution becomes one product per transformed pixel, summed over channels: a batch of matrix products. With m = 4
these are 36 multiplications for 16 outputs, where a direct convolution has 144. The weights are transformed once.

Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, sections 4.1 to 4.3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Matrices = dict[int, list[list[float]]]

INPUT: Matrices = {
    2: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    4: [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1]],
}  # fmt: skip
FILTER: Matrices = {
    2: [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]],
    4: [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
}  # fmt: skip
OUTPUT: Matrices = {
    2: [[1, 1, 1, 0], [0, 1, -1, -1]],
    4: [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
}
"""By m: the transforms B^T, G and A^T of the source, of one axis."""

CACHE = 2_000_000
"""Bytes of transformed tiles at once, at least: about what a core's caches hold."""


def tile_of(layer: nn.Module, height: int, width: int) -> int | None:
    """The m for a layer and maps of this size; None where a direct convolution is as fast, or it is another layer.

    The limits were measured with VGG-16 at 64 and 224 pixels and at a quarter of its width.
    """
    if type(layer) is not nn.Conv2d or layer.weight.dtype != torch.float32 or layer.weight.device.type != "cpu":
        return None
    if (layer.kernel_size, layer.stride, layer.dilation, layer.groups) != ((3, 3), (1, 1), (1, 1), 1):
        return None
    if layer.padding not in ((1, 1), "same") or layer.padding_mode != "zeros":
        return None
    size = layer.in_channels * layer.out_channels
    if min(height, width) > 4:
        return 4 if size >= 64 * 128 else None
    return 2 if size >= 512 * 512 else None


def transformed(weight: Tensor, m: int) -> tuple[Tensor, Tensor]:
    """Filters (O, I, 3, 3) as ((m + 2)^2, I, O), and those of the gradient with respect to the input, (.., O, I)."""
    both = _of_tiles(FILTER, m, weight)

    def one(filters: Tensor) -> Tensor:
        return (both @ filters.flatten(2).permute(2, 1, 0).flatten(1)).view(-1, filters.shape[1], filters.shape[0])

    return one(weight), one(weight.flip(2, 3).transpose(0, 1))


class Convolution(torch.autograd.Function):
    """`apply(images (B, I, H, W), filters, filters of the gradient, m)` is the convolution (B, O, H, W), zeros around.

    Both filters are those of `transformed`. The gradient is only with respect to the images.
    """

    @staticmethod
    def forward(ctx, images, filters, of_gradient, m):  # type: ignore[no-untyped-def]
        """The convolution."""
        ctx.rest = of_gradient, filters, m
        return _convolved(images, filters, m)

    @staticmethod
    def backward(ctx, gradient):  # type: ignore[no-untyped-def]
        """Again a convolution, which can be differentiated, too."""
        return Convolution.apply(gradient, *ctx.rest), None, None, None


def _of_tiles(matrices: Matrices, m: int, like: Tensor) -> Tensor:
    """The transform of both axes of a flattened tile, as one matrix."""
    one = like.new_tensor(matrices[m])
    return torch.kron(one, one)


def _convolved(images: Tensor, filters: Tensor, m: int) -> Tensor:
    side = m + 2
    count, channels, height, width = images.shape
    _, _, outputs = filters.shape
    down, across = -(-height // m), -(-width // m)
    into, out_of = _of_tiles(INPUT, m, filters), _of_tiles(OUTPUT, m, filters)
    padded = F.pad(images.permute(0, 2, 3, 1), (0, 0, 1, across * m - width + 1, 1, down * m - height + 1))
    tiles = padded.unfold(1, side, m).unfold(2, side, m)  # (B, down, across, I, side, side), a view
    result = images.new_empty(count, down * m, across * m, outputs)
    places = result.view(count, down, m, across, m, outputs).permute(2, 4, 0, 1, 3, 5)
    # As many rows of tiles at once as fit into the caches, but enough to make the filters' way from memory worth it.
    fitting = max(CACHE, filters.nbytes) // (across * side * side * max(channels, outputs) * filters.itemsize)
    rows, together = (max(1, fitting), 1) if fitting < down else (down, max(1, fitting // down))
    for image in range(0, count, together):
        for row in range(0, down, rows):
            part = slice(image, image + together), slice(row, row + rows)
            some = tiles[part].permute(4, 5, 0, 1, 2, 3)
            product = torch.bmm((into @ some.reshape(side * side, -1)).view(side * side, -1, channels), filters)
            values = out_of @ product.view(side * side, -1)
            places[:, :, part[0], part[1]] = values.view(m, m, *some.shape[2:5], outputs)
    return result[:, :height, :width].permute(0, 3, 1, 2)
