"""Inversion: validation images rebuilt from the features of a layer, to see what the layer keeps of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from featevo.record.schema import Image
from featevo.views.optimised import check_ascent, image_of
from featevo.views.pictures import fixed_pictures
from featevo.views.view import Context, Drawn, Network
from featevo.visualize import (
    AlphaNorm,
    Clip,
    FeatureMatch,
    NormalisedAscent,
    Regularizer,
    Render,
    Schedule,
    TotalVariation,
    maximize,
)
from featevo.visualize.checks import check_count
from featevo.visualize.layer_choice import shown_name, spread_layers
from featevo.visualize.layers import find_layer
from featevo.visualize.network import hash_of

ORIGINAL = "original"
"""The group of the validation images themselves."""

SMOOTH = Regularizer(
    operators={"clip": Clip()},
    penalties={"total_variation": TotalVariation(2.0), "alpha_norm": AlphaNorm(1.0)},
    balanced=True,
    optimizer=NormalisedAscent(Schedule(0.06, 0.003)),
)
"""The paper's penalties with a falling step, without random transforms, which blur; chosen by looking."""

AT_ONCE = 64
"""Most images whose features are in memory at once; those of an early layer are larger than its images."""


@dataclass(frozen=True)
class Inversion:
    """Validation images, rebuilt from noise until a layer's features are those of the image.

        x* = argmin_x |phi(x) - phi(x_0)|^2 / |phi(x_0)|^2 + R(x)
        (Mahendran and Vedaldi, CVPR 2015, eq. 1 and section 3; IJCV 2016)

    phi is the layer with the weights of the snapshot, in eval mode. Each image's `values` are `error`, the relative
    squared distance of the features (0: equal), and `pixel_error`, the root mean square difference to the original, in
    units of the range 0..1.

    Units: place of the layer * number of images + place of the image; after these, the images themselves, as the group
    "original".

    Args:
        layers: Names as in `featevo.visualize.layer_names`; None: three that are spread through the network.
        pictures: Validation images of each class.
        name: Of the view.
        settings: Further keyword arguments of `featevo.visualize.maximize`: steps, step_size, first_step, seed,
            chunk_size, regularizer, examples. Random transforms would shift an image against its own features.
    """

    settings: Mapping[str, Any]
    layers: Sequence[str] | None = None
    pictures: int = 1
    name: str = "inversion"

    goes_on = False
    defaults: ClassVar[dict[str, Any]] = {"regularizer": SMOOTH, "steps": 128, "first_step": 1.0}

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed."""
        if self.layers is not None and (not self.layers or len(set(self.layers)) < len(self.layers)):
            raise ValueError(f"layers={list(self.layers)}: name at least one layer, each once")
        check_count(pictures=self.pictures)
        check_ascent(network, self.settings)

    def units(self, network: Network, context: Context) -> range:
        layers = self._layers(network)
        pictures = fixed_pictures(network, context, self.pictures, self.name)
        return range((len(layers) + 1) * len(pictures.images))

    def steps(self, units: Sequence[int]) -> int:
        return len(units) * self.settings["steps"]

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        pictures = fixed_pictures(network, context, self.pictures, self.name)
        layers, count = self._layers(network), len(pictures.images)
        provenance = {"layers": layers, "objective": "FeatureMatch", "weights": hash_of(network.module)}
        drawn: dict[int, Drawn] = {}
        for unit in (unit for unit in units if unit // count == len(layers)):
            image = Image(view=self.name, unit=unit, file="", name=pictures.names[unit % count], group=ORIGINAL)
            drawn[unit] = Drawn(image, pictures.images[unit % count].clone(), provenance)
        for place, layer in enumerate(layers):
            own = [unit for unit in units if unit // count == place]
            for some in (own[first : first + AT_ONCE] for first in range(0, len(own), AT_ONCE)):
                originals = pictures.images[[unit % count for unit in some]]
                # An original takes no steps: for the progress, its steps are done.
                renders = self._renders(network, layer, some, originals, context, len(drawn) * self.settings["steps"])
                for render, original in zip(renders, originals, strict=True):
                    one = self._drawn(render, original, layer, pictures.names[render.unit % count])
                    drawn[render.unit] = replace(one, provenance={**render.settings, **provenance})
        return [drawn[unit] for unit in units]

    def _layers(self, network: Network) -> list[str]:
        if self.layers is None:
            found = spread_layers(network.module, network.shape)
            return [shown_name(network.module, layer) for layer in found]
        for layer in self.layers:
            find_layer(network.module, layer)
        return list(self.layers)

    def _renders(
        self, network: Network, layer: str, units: Sequence[int], originals: Tensor, context: Context, done: int
    ) -> list[Render]:
        # One image at a time: the rounding of features depends on the size of a batch, which ranks share differently.
        one_by_one = [
            FeatureMatch.of(network.module, layer, original[None], network.mean, network.std).targets
            for original in originals
        ]
        match = FeatureMatch(layer, torch.cat(one_by_one))
        match.units = tuple(units)  # random numbers are by unit, not by place in the batch
        settings: dict[str, Any] = {"image_size": network.image_size, "channels": network.channels}
        settings |= {"mean": network.mean, "std": network.std, **self.settings}
        return maximize(network.module, match, on_step=lambda steps, total: context.on_step(done + steps), **settings)

    def _drawn(self, render: Render, original: Tensor, layer: str, name: str) -> Drawn:
        difference = (render.image - original).square().mean().sqrt()
        values = {"error": -render.value, "pixel_error": float(difference)}
        image = image_of(render, self.name, render.unit, name, values, group=layer)
        return Drawn(image, render.image.clone())  # of the image alone: it is a view into its batch
