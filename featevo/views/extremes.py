"""The images that activate channels most and least, and where in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.views.activations import LOGITS, activations
from featevo.views.view import Network
from featevo.visualize.objectives.features import by_position
from featevo.visualize.receptive import ReceptiveField, receptive_fields


@dataclass(frozen=True)
class Exemplar:
    """An image that a channel responds to.

    Attributes:
        picture: Its place among the images.
        activation: Of the position whose receptive field is the window; the mean over positions for a whole image.
        window: First row, first column, height, width; it may reach beyond the image.
    """

    picture: int
    activation: float
    window: tuple[int, int, int, int]


def extremes(
    network: Network, channels: Mapping[str, Sequence[int]], images: Tensor, count: int
) -> dict[str, list[tuple[list[Exemplar], list[Exemplar]]]]:
    """For each channel the images with the highest activation, and those with the lowest.

    Each image counts once: with its highest (lowest) position, or with its mean over positions where the receptive
    field is the whole image or the layer has no rows and columns.

    Args:
        network: The module may be in training or eval mode, and stays in it.
        channels: By layer, see `featevo.visualize.layer_names`, or `LOGITS`.
        images: (N, C, H, W) in 0..1.
        count: Number of images, or all if there are fewer.

    Returns:
        By layer, for each channel the images from the highest and from the lowest on; of equal ones the first.

    Raises:
        ValueError: As for `featevo.views.activations.activations`.
    """
    size = (images.shape[1], images.shape[2], images.shape[3])
    inner = {layer: own for layer, own in channels.items() if layer != LOGITS}
    fields = receptive_fields(network.module, inner, size)
    fields |= {layer: [None] * len(own) for layer, own in channels.items() if layer == LOGITS}
    peaks: dict[str, list[Tensor]] = {layer: [] for layer in channels}
    places: dict[str, list[Tensor]] = {layer: [] for layer in channels}
    for batch in activations(network, list(channels), images):
        for layer, values in batch.items():
            own = by_position(values[:, list(channels[layer])].float())
            whole = torch.tensor([_of_positions(field) is None for field in fields[layer]], device=own.device)
            (high, high_at), (low, low_at) = own.max(2), own.min(2)
            ends = torch.where(whole, own.mean(2), torch.stack([high, low]))
            peaks[layer].append(ends.cpu())
            places[layer].append(torch.stack([high_at, low_at]).cpu())
    return {
        layer: _of_layer(torch.cat(peaks[layer], 1), torch.cat(places[layer], 1), fields[layer], size, count)
        for layer in channels
    }


def _of_positions(field: ReceptiveField | None) -> ReceptiveField | None:
    return None if field is None or field.is_whole else field


def _of_layer(
    peaks: Tensor, places: Tensor, fields: Sequence[ReceptiveField | None], size: tuple[int, int, int], count: int
) -> list[tuple[list[Exemplar], list[Exemplar]]]:
    """From peaks and places (2, N, K): the highest and the lowest of N images for K channels."""

    def of(end: int, channel: int) -> list[Exemplar]:
        values, field = peaks[end, :, channel], _of_positions(fields[channel])
        order = values.sort(descending=end == 0, stable=True).indices[:count].tolist()
        windows = [(0, 0, size[1], size[2])] * len(order)
        if field is not None:
            wide = len(field.columns)
            windows = [field.window(*divmod(int(places[end, picture, channel]), wide)) for picture in order]
        return [Exemplar(one, float(values[one]), window) for one, window in zip(order, windows, strict=True)]

    return [(of(0, channel), of(1, channel)) for channel in range(peaks.shape[2])]
