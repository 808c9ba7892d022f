"""Receptive fields: the pixels that an activation depends on, found exactly for any network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import frozen_eval, weights_dtype

AT_ONCE = 8
"""Images in a forward pass; from 16 on, some CPUs use convolutions that mix neighbouring positions."""


@dataclass(frozen=True)
class ReceptiveField:
    """Of the positions of one channel.

    Attributes:
        rows: (H', 2): of each row of positions, the first and the last row of pixels that it depends on.
        columns: (W', 2): the same for columns.
        size: (H, W) of the image.
    """

    rows: Tensor
    columns: Tensor
    size: tuple[int, int]

    @property
    def is_whole(self) -> bool:
        """Whether it can be as large as the image."""
        return all(_longest(ends) >= size for ends, size in zip((self.rows, self.columns), self.size, strict=True))

    def window(self, row: int, column: int) -> tuple[int, int, int, int]:
        """First row, first column, height and width for a position.

        All positions have the same height and width: where the field reaches into the padding around the image, so does
        the window.
        """
        (top, height), (left, width) = _window(self.rows, row), _window(self.columns, column)
        return top, left, height, width


def _longest(ends: Tensor) -> int:
    return int((ends[:, 1] - ends[:, 0]).max()) + 1


def _window(ends: Tensor, place: int) -> tuple[int, int]:
    first, last = ends[place].tolist()
    length = _longest(ends)
    return (last - length + 1 if first == 0 else first), length


def receptive_fields(
    model: nn.Module, wanted: Mapping[str, Sequence[int]], shape: tuple[int, int, int]
) -> dict[str, list[ReceptiveField | None]]:
    """The receptive fields of channels.

    One row or column of pixels after the other is set to NaN. An activation becomes NaN if and only if it depends on
    one of them, whatever the weights: no zero weight, ReLU or maximum hides a NaN, as they would hide a gradient or a
    changed value. This takes H + W forward passes of one image each.

    Args:
        model: From images (B, C, H, W) to anything.
        wanted: Channels by layer, see `featevo.visualize.layer_names`.
        shape: (C, H, W) of an image.

    Returns:
        By layer one field for each channel; None for a layer without rows and columns, such as one of tokens.

    Raises:
        ValueError: For an unknown layer.
    """
    height, width = shape[1:]
    with frozen_eval(model), torch.no_grad(), torch.backends.cudnn.flags(enabled=False):  # its convolutions mix, too
        rows, columns = (_ends(model, wanted, shape, axis) for axis in (2, 3))
    return {
        layer: [
            ReceptiveField(*pair, (height, width)) if pair else None
            for pair in zip(rows[layer], columns[layer], strict=True)
        ]
        if layer in rows
        else [None] * len(channels)
        for layer, channels in wanted.items()
    }


def _ends(
    model: nn.Module, wanted: Mapping[str, Sequence[int]], shape: tuple[int, int, int], axis: int
) -> dict[str, Tensor]:
    """Of layers with rows and columns, (K, positions, 2): the first and last pixel along an axis of the images."""
    reached: dict[str, list[Tensor]] = {}
    device = next((each.device for each in [*model.parameters(), *model.buffers()]), torch.device("cpu"))
    for places in torch.arange(shape[axis - 1]).split(AT_ONCE):
        images = torch.zeros(len(places), *shape, device=device, dtype=weights_dtype(model))
        for image, place in zip(images, places.tolist(), strict=True):
            image.select(axis - 1, place).fill_(torch.nan)
        with watched(model, wanted) as outputs:
            seen = Seen(model(images), outputs)
        for layer, channels in wanted.items():
            values = seen.by_channel(layer, len(places))
            if values.ndim == 4:
                reached.setdefault(layer, []).append(values[:, list(channels)].isnan().any(5 - axis).cpu())
    return {layer: _first_and_last(torch.cat(parts)) for layer, parts in reached.items()}


def _first_and_last(depends: Tensor) -> Tensor:
    """From (pixels, K, positions) to (K, positions, 2); all pixels where there is no dependence on any."""
    depends = depends | ~depends.any(0)
    first = depends.byte().argmax(0)
    last = len(depends) - 1 - depends.flip(0).byte().argmax(0)
    return torch.stack([first, last], -1)
