"""Channels of inner layers: for each the image that maximises its mean activation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from featevo.views.channel_units import CHANNELS, PICTURES, STRIDE, ChannelUnits, check_name
from featevo.views.optimised import check_ascent, image_of
from featevo.views.view import Context, Drawn, Network
from featevo.visualize import Channel, Render, maximize
from featevo.visualize.layer_choice import shown_name


@dataclass(frozen=True)
class Channels:
    """One image per channel (C. Olah, A. Mordvintsev, L. Schubert, "Feature Visualization", Distill 2017).

    Args:
        settings: Keyword arguments of `featevo.visualize.maximize`: steps, step_size, first_step, seed, chunk_size,
            regularizer, examples.
        layers: Which layers, see `featevo.views.channel_units.ChannelUnits`.
        channels: Which channels of each layer, see there.
        pictures: Most validation images of each class by which channels are chosen.
        name: Of the view in the record; several such views of a run need different ones.
    """

    settings: Mapping[str, Any]
    layers: Sequence[str] | None = None
    channels: int | Sequence[int] = CHANNELS
    pictures: int = PICTURES
    name: str = "channels"

    goes_on = False

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed."""
        check_name(self.name)
        self._chooser.check()
        if self.layers is not None and not self.layers:
            raise ValueError("layers=[]: name at least one, or none for three that are spread through the network")
        check_ascent(network, self.settings)

    def units(self, network: Network, context: Context) -> list[int]:
        return self._chooser.choose(network, context)

    def steps(self, units: Sequence[int]) -> int:
        return len(units) * self.settings["steps"]

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        drawn: dict[int, Drawn] = {}
        for layer, own in self._chooser.by_layer(network, units).items():
            renders = maximize(
                network.module,
                Channel(layer, [unit % STRIDE for unit in own]),
                image_size=network.image_size,
                channels=network.channels,
                mean=network.mean,
                std=network.std,
                on_step=partial(_report, context, self.steps([*drawn])),
                **self.settings,
            )
            group = shown_name(network.module, layer)
            drawn |= {unit: self._drawn(render, unit, group) for unit, render in zip(own, renders, strict=True)}
        return [drawn[unit] for unit in units]

    @property
    def _chooser(self) -> ChannelUnits:
        return ChannelUnits(self.layers, self.channels, self.pictures)

    def _drawn(self, render: Render, unit: int, group: str) -> Drawn:
        values = {"activation": render.value}
        image = image_of(render, self.name, unit, f"{group} {render.unit}", values, group=group)
        provenance = {**render.settings, "objective": Channel.__name__, "weights": render.weights}
        return Drawn(image, render.image.clone(), provenance, {"objective": render.settings["objective"]})


def _report(context: Context, before: int, done: int, total: int) -> None:
    context.on_step(before + done)
