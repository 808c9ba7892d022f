"""EfficientNet-Lite0, whose ImageNet weights come as a Python package and need no download of their own."""

from __future__ import annotations

from torch import nn

from featevo.errors import UserError

MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
"""Normalisation of images in 0..1 when its weights were trained."""


def efficientnet_lite0(num_classes: int = 1000, in_channels: int = 3) -> nn.Module:
    """The network with random weights; `init` loads others.

    Args:
        num_classes: Of the logits.
        in_channels: Channels of the images.

    Raises:
        UserError: Where the package is not installed.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise UserError("model=efficientnet_lite0: is not installed; pip install 'featevo[viewers]'") from error
    net = EfficientNet.from_name("efficientnet-lite0", in_channels=in_channels, num_classes=num_classes)
    net.origin, net.normalisation = "efficientnet_lite0", (MEAN, STD)
    return net
