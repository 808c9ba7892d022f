"""Viewers: networks that compare images as a person might, by what their layers respond to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from featevo.measure.judge import MEAN, STD, judge
from featevo.model.efficientnet import MEAN as LITE0_MEAN
from featevo.model.efficientnet import STD as LITE0_STD
from featevo.model.efficientnet import efficientnet_lite0 as lite0
from featevo.model.origins import PACKAGED, pretrained_weights
from featevo.visualize.layers import watched

CHUNK = 32
"""Images in one forward pass."""


@dataclass(frozen=True)
class Viewer:
    """A network that compares images.

    Attributes:
        name: For tables.
        net: From normalised images.
        layers: Whose outputs (B, C, h, w) are compared.
        mean: Subtracted from images in 0..1, per channel.
        std: Divides them after that, per channel.
        side: Side in pixels that images are resized to, bicubically; larger ones are smoothed first.
    """

    name: str
    net: nn.Module = field(repr=False, compare=False)
    layers: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    side: int

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """Features (B, D) of images (B, C, H, W) in 0..1; half their squared distance sums 1 - cosine over layers.

        The cosine is that of the channels at a position, its mean is over positions.
        """
        images = images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images
        if images.shape[-2:] != (self.side, self.side):
            shrinks = max(images.shape[-2:]) > self.side
            images = F.interpolate(images, size=(self.side, self.side), mode="bicubic", antialias=shrinks).clamp(0, 1)
        mean, std = (images.new_tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        found = []
        for chunk in images.split(CHUNK):
            with watched(self.net, self.layers) as layers:
                self.net((chunk - mean) / std)
            each = [F.normalize(layers[name], dim=1) / layers[name][0, 0].numel() ** 0.5 for name in self.layers]
            found.append(torch.cat([layer.flatten(1) for layer in each], 1))
        return torch.cat(found)


def vgg16(weights: Path | None) -> Viewer:
    """The last ReLU of each block of a VGG-16, from a file with its convolutions (`features.N.weight`).

    Raises:
        ValueError: When there is no file, or it does not hold them.
    """
    if weights is None:
        raise ValueError("the viewer vgg16 takes a file with the convolutions of ImageNet's VGG-16: weights=FILE")
    return _of_blocks("VGG-16", weights)


def shipped(weights: Path | None = None) -> Viewer:
    """The same of the slim VGG-16 that comes with featevo, which was trained on drawn species."""
    return _of_blocks("slim VGG-16", None)


def efficientnet_lite0(weights: Path | None = None) -> Viewer:
    """Four blocks of EfficientNet-Lite0, trained on ImageNet; its weights come with the extra `viewers`.

    Raises:
        UserError: Where the extra is not installed.
    """
    net = lite0().eval()
    net.load_state_dict(pretrained_weights(PACKAGED)[0])
    layers = tuple(f"_blocks.{number}" for number in (2, 4, 10, 15))
    return Viewer("EfficientNet-Lite0", net, layers, LITE0_MEAN, LITE0_STD, 128)


VIEWERS = {"efficientnet_lite0": efficientnet_lite0, "vgg16": vgg16, "shipped": shipped}
"""By name: makes a viewer, from a file of weights where it takes one."""


def _of_blocks(name: str, weights: Path | None) -> Viewer:
    layers = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
    return Viewer(name, judge(weights, "conv5_3").net, layers, MEAN, STD, 64)
