"""Two-alternative forced choice: is a render nearer to a real image of its class than to one of another class?

Near means a small perceptual distance (Zhang et al. 2018, arXiv 1801.03924, without their learned weights) in a network
that was trained on other data. Chance is 0.5; real images of the same kind are the ceiling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
        smallest: Smaller images are enlarged to this side in pixels, bicubically.
    """

    name: str
    net: nn.Module
    layers: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    smallest: int

    @torch.no_grad()
    def features(self, images: Tensor) -> Tensor:
        """Features (B, D) of images (B, C, H, W) in 0..1; half their squared distance sums 1 - cosine over layers.

        The cosine is that of the channels at a position, its mean is over positions.
        """
        images = images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images
        if images.shape[-1] < self.smallest:
            images = F.interpolate(images, size=self.smallest, mode="bicubic").clamp(0, 1)
        mean, std = (images.new_tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        found = []
        for chunk in images.split(CHUNK):
            with watched(self.net, self.layers) as layers:
                self.net((chunk - mean) / std)
            each = [F.normalize(layers[name], dim=1) / layers[name][0, 0].numel() ** 0.5 for name in self.layers]
            found.append(torch.cat([layer.flatten(1) for layer in each], 1))
        return torch.cat(found)


def vgg16(weights: Path) -> Viewer:
    """The last ReLU of each block of a VGG-16, from a file with its convolutions (`features.N.weight`).

    Raises:
        ValueError: When the file does not hold them.
    """
    layers = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
    return Viewer("VGG-16", judge(weights, "conv5_3").net, layers, MEAN, STD, 64)


def efficientnet_lite0() -> Viewer:
    """Four blocks of EfficientNet-Lite0, trained on ImageNet; its weights come with the extra `viewers`.

    Raises:
        UserError: Where the extra is not installed.
    """
    net = lite0().eval()
    net.load_state_dict(pretrained_weights(PACKAGED)[0])
    layers = tuple(f"_blocks.{number}" for number in (2, 4, 10, 15))
    return Viewer("EfficientNet-Lite0", net, layers, LITE0_MEAN, LITE0_STD, 128)


def forced_choice(images: Tensor, classes: Sequence[int], real: Tensor, labels: Tensor, same: bool = False) -> Tensor:
    """The share of pairs (real image of the class, real image of another class) in which the former is nearer.

    Args:
        images: Features (B, D) of images, by a viewer.
        classes: Of each image.
        real: Features (N, D) of real images, by the same viewer.
        labels: Their classes (N,).
        same: Whether `images` are `real`: no image is then compared with itself.

    Returns:
        (B,), each in 0..1.
    """
    distance = torch.cdist(images, real)
    if same:
        distance.fill_diagonal_(torch.inf)
    shares = []
    for row, own in zip(distance, classes, strict=True):
        of_class, of_others = row[(labels == own) & row.isfinite()], row[labels != own]
        shares.append((of_class[:, None] < of_others[None]).float().mean())
    return torch.stack(shares)
