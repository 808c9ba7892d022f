"""Exemplars: for each unit the validation images that activate it most, and least. Nothing is optimised.

People predict a channel's activation better from such images than from synthetic ones (92 % against 82 %; J. Borowski
et al., "Exemplary Natural Images Explain CNN Activations Better than State-of-the-Art Feature Visualization", ICLR
2021, arXiv 2010.12606), so they belong beside the images of `featevo.views.channels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from featevo.record.schema import Image
from featevo.views.activations import LOGITS
from featevo.views.channel_units import CHANNELS, PICTURES, STRIDE, ChannelUnits, check_name
from featevo.views.crops import crop, sheet, tile
from featevo.views.extremes import Exemplar, extremes
from featevo.views.view import Context, Drawn, Network, RealImages
from featevo.visualize.checks import check_count
from featevo.visualize.layer_choice import shown_name
from featevo.visualize.network import hash_of

COUNT = 4
"""Images in a row."""


@dataclass(frozen=True)
class Exemplars:
    """One image per unit: above a row of the images that activate it most, below a row of those that do so least.

    Of a convolution's channel, an image is represented by the position with the highest (below: lowest) activation, and
    shown is its receptive field, enlarged. Where that is the whole image, or the layer has no rows and columns, the
    whole image is shown and the activation is the mean over positions, as for the images of `Channels`. With the same
    `layers`, `channels` and `pictures` the units are those of `Channels`.

    Args:
        layers: Which layers, see `featevo.views.channel_units.ChannelUnits`; an empty list: none, but the logits, whose
            units are all classes.
        channels: Which channels of each layer, see there.
        count: Images in each row, or all if there are fewer.
        pictures: Most validation images of each class.
        name: Of the view in the record; several such views of a run need different ones.
    """

    layers: Sequence[str] | None = None
    channels: int | Sequence[int] = CHANNELS
    count: int = COUNT
    pictures: int = PICTURES
    name: str = "exemplars"

    goes_on = False

    def check(self, network: Network) -> None:
        """Raise `ValueError` for the first setting that is not allowed."""
        check_name(self.name)
        self._chooser.check()
        check_count(count=self.count)

    def units(self, network: Network, context: Context) -> Sequence[int]:
        self._real(context)
        return range(len(network.classes)) if self._of_classes else self._chooser.choose(network, context)

    def steps(self, units: Sequence[int]) -> int:
        return 0

    def draw(self, network: Network, units: Sequence[int], context: Context) -> list[Drawn]:
        images, labels = self._real(context)(self.pictures)
        by_layer = {LOGITS: list(units)} if self._of_classes else self._chooser.by_layer(network, units)
        channels = {layer: [self._channel(unit) for unit in own] for layer, own in by_layer.items()}
        classes = [network.classes[label] for label in labels.tolist()]
        provenance = {"count": self.count, "pictures": len(images), "weights": hash_of(network.module)}
        drawn: dict[int, Drawn] = {}
        for layer, found in extremes(network, channels, images, self.count).items():
            group = "" if self._of_classes else shown_name(network.module, layer)
            for unit, (most, least) in zip(by_layer[layer], found, strict=True):
                image = Image(
                    view=self.name,
                    unit=unit,
                    file="",
                    name=f"{group} {self._channel(unit)}" if group else network.classes[unit],
                    group=group,
                    values={"most": most[0].activation, "least": least[0].activation},
                )
                tiles = [[_tile(images, one) for one in row] for row in (most, least)]
                own = {"most": _described(most, classes), "least": _described(least, classes)}
                drawn[unit] = Drawn(image, sheet(tiles).cpu(), provenance, own)
        return [drawn[unit] for unit in units]

    @property
    def _of_classes(self) -> bool:
        return self.layers is not None and not self.layers

    @property
    def _chooser(self) -> ChannelUnits:
        return ChannelUnits(self.layers, self.channels, self.pictures)

    def _channel(self, unit: int) -> int:
        return unit if self._of_classes else unit % STRIDE

    def _real(self, context: Context) -> RealImages:
        if context.real is None:
            raise ValueError(f"{self.name}: validation images are needed, and there are none")
        return context.real


def _tile(images: Tensor, exemplar: Exemplar) -> Tensor:
    return tile(crop(images[exemplar.picture], exemplar.window), *images.shape[2:])


def _described(row: Sequence[Exemplar], classes: Sequence[str]) -> list[dict[str, Any]]:
    return [{"class": classes[one.picture], **vars(one)} for one in row]
