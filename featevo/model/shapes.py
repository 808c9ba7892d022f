"""What a network takes and gives, found by trying it on one picture: so it holds for any architecture."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def logits_shape(net: nn.Module, channels: int, size: int) -> tuple[int, ...] | None:
    """Shape of the answer to one picture of that size, None where the network cannot take it; modes are kept.

    Args:
        net: Any network for pictures.
        channels: Of the picture.
        size: Its side in pixels.
    """
    modes = {module: module.training for module in net.modules()}
    net.eval()
    try:
        with torch.no_grad():
            answer = net(torch.zeros(1, channels, size, size))
    except (RuntimeError, AssertionError, ValueError):  # transformers assert the size they were built for
        return None
    finally:
        for module, training in modes.items():
            module.training = training
    return tuple(answer.shape) if isinstance(answer, Tensor) else ()


def takes(net: nn.Module, channels: int, size: int) -> bool:
    """Whether the network answers to a picture of that size."""
    return logits_shape(net, channels, size) is not None


def smallest_size(net: nn.Module, channels: int, at_most: int = 1024) -> int | None:
    """The smallest power of two that works as the side of a picture, or None up to `at_most` pixels."""
    size = 1
    while size <= at_most:
        if takes(net, channels, size):
            return size
        size *= 2
    return None
