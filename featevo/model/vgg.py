"""VGG networks from torchvision's builder, at any width, for any number of channels, with any head."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models.vgg import VGG, cfgs, make_layers

CONFIGURATIONS = {11: cfgs["A"], 13: cfgs["B"], 16: cfgs["D"], 19: cfgs["E"]}
"""By depth: convolutions in five blocks of halving resolution (Simonyan and Zisserman 2015, Table 1)."""


def vgg(
    num_classes: int,
    depth: int = 16,
    batch_norm: bool = False,
    width: float = 1.0,
    hidden: int = 4096,
    pool: int = 7,
    dropout: float = 0.5,
    in_channels: int = 3,
) -> VGG:
    """A VGG network with PyTorch's default weights.

    With the default arguments this is `torchvision.models.vgg16` with its last layer replaced, as in section V of the
    paper; module names (`features.N`, `classifier.N`) are torchvision's at every width. Its attribute `origin` names
    the weights for `init=pretrained`, see `featevo.model.origins`.

    Args:
        num_classes: Length of the last layer.
        depth: Layers with weights: 11, 13, 16 or 19.
        batch_norm: Normalise after every convolution.
        width: Factor on the channels of every convolution; 0.25 gives 16 to 128.
        hidden: Units in each of the two fully connected layers before the last.
        pool: Side of the feature map that these layers get, by adaptive average pooling.
        dropout: Probability of dropping a hidden unit while training.
        in_channels: Channels of the images.

    Returns:
        A network from images (B, in_channels, H, W), H and W at least 32, to logits (B, num_classes).

    Raises:
        ValueError: For numbers out of range.
    """
    if depth not in CONFIGURATIONS:
        raise ValueError(f"depth={depth}: there are {', '.join(map(str, CONFIGURATIONS))}")
    if width <= 0 or hidden < 1 or pool < 1 or in_channels < 1 or not 0 <= dropout < 1:
        raise ValueError(
            f"width={width}, hidden={hidden}, pool={pool}, in_channels={in_channels}: must be positive; "
            f"dropout={dropout}: must be in [0, 1)"
        )
    channels = [layer if isinstance(layer, str) else max(1, round(width * layer)) for layer in CONFIGURATIONS[depth]]
    first, last = (next(c for c in order if isinstance(c, int)) for order in (channels, channels[::-1]))
    # torchvision's class always builds its own head of 124 million weights: on the meta device that costs nothing.
    with torch.device("meta"):
        net = VGG(nn.Identity(), init_weights=False)
    net.features = make_layers(channels, batch_norm)
    if in_channels != 3:
        net.features[0] = nn.Conv2d(in_channels, first, kernel_size=3, padding=1)
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
    name = f"vgg{depth}{'_bn' if batch_norm else ''}"
    net.origin = {1.0: name, 0.25: f"{name}_slim"}.get(width)
    return net
