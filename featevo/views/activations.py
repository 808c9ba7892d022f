"""Activations of channels for real images, and the channels that stand out by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from featevo.views.view import Network
from featevo.visualize.layers import Seen, watched
from featevo.visualize.network import frozen_eval, image_dtype, normalised, weights_dtype
from featevo.visualize.objectives import class_logits
from featevo.visualize.objectives.features import by_position

LOGITS = ""
"""In place of a layer's name: what the network returns, one channel per class."""

AT_ONCE = 16
"""Images in a forward pass: the activations of early layers are large."""


def activations(network: Network, layers: Sequence[str], images: Tensor) -> Iterator[dict[str, Tensor]]:
    """The activations of batches of images, by layer.

    Args:
        network: The module may be in training or eval mode, and stays in it.
        layers: Names as in `featevo.visualize.layer_names`, or `LOGITS`.
        images: (N, C, H, W) in 0..1.

    Yields:
        Activations (B, channels, ...), channels first for any layer, on the network's device.

    Raises:
        ValueError: For an unknown layer, one whose channels are ambiguous, or activations that are not finite.
    """
    for batch in images.split(AT_ONCE):
        found = _forward(network, layers, batch)
        for layer, values in found.items():
            if not values.isfinite().all():
                raise ValueError(f"{layer or 'logits'}: activations of real images are not finite")
        yield found


def _forward(network: Network, layers: Sequence[str], batch: Tensor) -> dict[str, Tensor]:
    module, inner = network.module, [layer for layer in layers if layer != LOGITS]
    with frozen_eval(module) as device, torch.no_grad(), watched(module, inner) as outputs:
        shown = normalised(batch.to(device, image_dtype(module)), network.mean, network.std, weights_dtype(module))
        seen = Seen(module(shown), outputs)
        found = {layer: seen.by_channel(layer, len(batch)) for layer in inner}
        return found | ({LOGITS: class_logits(seen.output, len(batch))} if LOGITS in layers else {})


def mean_activations(network: Network, layers: Sequence[str], images: Tensor) -> dict[str, Tensor]:
    """The mean activation of each channel over images and positions: (channels,), float64 on the CPU, by layer.

    Arguments and errors as for `activations`.
    """
    sums: dict[str, Tensor] = {}
    for batch in activations(network, layers, images):
        for layer, values in batch.items():
            sums[layer] = sums.get(layer, 0) + by_position(values.float()).mean(2).cpu().double().sum(0)
    return {layer: total / len(images) for layer, total in sums.items()}


def firing(means: Tensor, count: int) -> list[int]:
    """The channels with the highest mean activation, at most `count` of (channels,); of equal ones the first."""
    return sorted(means.sort(descending=True, stable=True).indices[:count].tolist())


def changed(before: Tensor, after: Tensor, count: int) -> list[int]:
    """The channels whose mean activation over the same images changed most between two states of the weights.

    Args:
        before: (channels,), from `mean_activations`.
        after: (channels,), of the later weights.
        count: Number of channels, or all if there are fewer; of equal ones the first.

    Returns:
        Channels in ascending order.
    """
    return firing((after - before).abs(), count)
