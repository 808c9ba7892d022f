"""Channels of inner layers as units of a view: which are drawn, their numbers and names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from featevo.record.schema import MAIN_VIEW
from featevo.views.activations import firing, mean_activations
from featevo.views.view import Context, Network
from featevo.visualize.checks import check_count
from featevo.visualize.layer_choice import spread_layers
from featevo.visualize.layers import find_layer

STRIDE = 10_000
"""Number of a unit = place of its layer * STRIDE + channel."""

CHANNELS, PICTURES = 6, 16
"""Channels drawn of each layer, and images of each class that decide which."""


@dataclass(frozen=True)
class ChannelUnits:
    """Chooses channels of layers; views with equal settings draw the same units in one run.

    Attributes:
        layers: Names as in `featevo.visualize.layer_names`; None: three that are spread through the network.
        channels: A list: these of each layer. A number: at most so many of each layer, at the first snapshot those with
            the highest mean activation for validation images, or evenly spread ones where there are no images; later
            snapshots have the same.
        pictures: Most validation images of each class.
    """

    layers: Sequence[str] | None = None
    channels: int | Sequence[int] = CHANNELS
    pictures: int = PICTURES

    def check(self) -> None:
        """Raise `ValueError` for the first setting that is not allowed for any network."""
        check_count(pictures=self.pictures)
        if isinstance(self.layers, str):
            raise ValueError(f"layers={self.layers!r}: give a list of names")
        if isinstance(self.channels, int):
            check_count(channels=self.channels)
        elif not _are_different_counts(self.channels):
            raise ValueError(f"channels={self.channels}: give a number, or different channels counted from 0")

    def choose(self, network: Network, context: Context) -> list[int]:
        """The units in ascending order.

        Raises:
            ValueError: For an unknown layer, one named twice, one with more than `STRIDE` channels, or a channel that a
                layer does not have.
        """
        layers, by_firing = self._layers(network), False
        images = torch.zeros(1, *network.shape)
        if isinstance(self.channels, int) and context.real and not context.known:
            images, by_firing = context.real(self.pictures)[0], True
        means = mean_activations(network, layers, images)
        if any(unit // STRIDE >= len(layers) for unit in context.known):
            raise ValueError(f"layers: the snapshot before has more than {len(layers)}; draw the same ones")
        chosen = []
        for place, layer in enumerate(layers):
            size = len(means[layer])
            if size > STRIDE:
                raise ValueError(f"layer={layer!r} has {size} channels; units are numbered for at most {STRIDE}")
            if not isinstance(self.channels, int):
                own = sorted(self.channels)
            elif context.known:
                own = [unit % STRIDE for unit in context.known if unit // STRIDE == place]
            elif by_firing:
                own = firing(means[layer], self.channels)
            else:
                count = min(self.channels, size)
                own = [number * size // count for number in range(count)]
            if own and max(own) >= size:
                raise ValueError(f"channel {max(own)} does not exist: {layer} has channels 0 to {size - 1}")
            chosen += [place * STRIDE + channel for channel in own]
        return chosen

    def by_layer(self, network: Network, units: Sequence[int]) -> dict[str, list[int]]:
        """Units from `choose` by the name of their layer; a unit's channel is its number modulo `STRIDE`."""
        names = self._layers(network)
        places = sorted({unit // STRIDE for unit in units})
        return {names[place]: [unit for unit in units if unit // STRIDE == place] for place in places}

    def _layers(self, network: Network) -> list[str]:
        if self.layers is None:
            return spread_layers(network.module, network.shape)
        modules = [find_layer(network.module, name) for name in self.layers]
        for place, module in enumerate(modules):
            if module in modules[:place]:
                raise ValueError(f"layers={list(self.layers)}: {self.layers[place]} is there twice")
        return list(self.layers)


def _are_different_counts(channels: Sequence[int]) -> bool:
    all_counts = all(isinstance(channel, int) and channel >= 0 for channel in channels)
    return all_counts and 0 < len(channels) == len(set(channels))


def check_name(name: str) -> None:
    """Raise `ValueError` for a name that cannot be a view's of its own."""
    if not re.fullmatch("[A-Za-z0-9-]+", name) or name == MAIN_VIEW:
        raise ValueError(f"name={name!r}: use letters, digits and dashes, and not {MAIN_VIEW!r}")
