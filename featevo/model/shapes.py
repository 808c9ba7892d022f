"""Input and output shapes of a network, found by a forward pass: so this works for any architecture."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from featevo.model.modes import eval_mode


def logits_shape(net: nn.Module, channels: int, size: int) -> tuple[int, ...] | None:
    """Shape of the output for one image; None if the network cannot take it; () if the output is no tensor.

    The modes of all modules are kept.

    Args:
        net: Any network for images.
        channels: Of the image.
        size: Its side in pixels.
    """
    try:
        with eval_mode(net), torch.no_grad():
            output = net(torch.zeros(1, channels, size, size))
    except (RuntimeError, AssertionError, ValueError):  # transformers assert the size they were built for
        return None
    return tuple(output.shape) if isinstance(output, Tensor) else ()


def takes(net: nn.Module, channels: int, size: int) -> bool:
    """Whether the network can take an image of this size."""
    return logits_shape(net, channels, size) is not None


def smallest_size(net: nn.Module, channels: int) -> int | None:
    """The smallest power of two that works as the side of an image; None if none up to 1024 pixels does."""
    return next((2**power for power in range(11) if takes(net, channels, 2**power)), None)
