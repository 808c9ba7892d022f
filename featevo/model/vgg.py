"""VGG-16 by torchvision's builder, at any width and with any head."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models.vgg import VGG, cfgs, make_layers

CONFIGURATION = cfgs["D"]
"""Thirteen convolutions in five blocks of halving resolution (Simonyan and Zisserman 2015, Table 1, column D)."""


def vgg16(num_classes: int, width: float = 1.0, hidden: int = 4096, pool: int = 7, dropout: float = 0.5) -> VGG:
    """The sixteen layers of VGG-16, their weights as PyTorch's layers start by default.

    With the default arguments this is `torchvision.models.vgg16` with its last layer replaced, as in section V of the
    paper; module names (`features.N`, `classifier.N`) are torchvision's at every width.

    Args:
        num_classes: Length of the last layer.
        width: Factor on the channels of every convolution; 0.25 gives 16 to 128.
        hidden: Units in each of the two fully connected layers before the last.
        pool: Side of the feature map handed to them, by adaptive average pooling.
        dropout: Probability of dropping a hidden unit while training.

    Returns:
        A network from pictures (B, 3, H, W), H and W at least 32, to logits (B, num_classes).

    Raises:
        ValueError: For numbers out of range.
    """
    if width <= 0 or hidden < 1 or pool < 1 or not 0 <= dropout < 1:
        raise ValueError(
            f"width={width}, hidden={hidden}, pool={pool}: must be positive; dropout={dropout}: must be in [0, 1)"
        )
    channels = [layer if isinstance(layer, str) else max(1, round(width * layer)) for layer in CONFIGURATION]
    last = [layer for layer in channels if isinstance(layer, int)][-1]
    # torchvision's class always builds its own head of 124 million weights: on the meta device that costs nothing.
    with torch.device("meta"):
        net = VGG(nn.Identity(), init_weights=False)
    net.features = make_layers(channels)
    net.avgpool = nn.AdaptiveAvgPool2d(pool)
    net.classifier = nn.Sequential(
        nn.Linear(last * pool * pool, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(dropout),
        nn.Linear(hidden, num_classes),
    )
    return net
