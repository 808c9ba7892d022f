"""RMS contrast, and images of one mean colour and contrast, so that neither decides a comparison."""

from __future__ import annotations

import math

from torch import Tensor

RMS = 0.2
"""Usual RMS contrast of equalised images: that of ordinary photographs, with room for 2.5 deviations on each side."""


def contrast(images: Tensor) -> Tensor:
    """RMS contrast: the deviation of all values of an image from its mean colour; an image of one colour has none.

    Args:
        images: (B, C, H, W) in 0..1.

    Returns:
        (B,), float64, 0 to 0.5.

    Raises:
        ValueError: For images of another number of dimensions.
    """
    return _centred(images).square().mean((1, 2, 3)).sqrt()


def equalised(images: Tensor, rms: float = RMS) -> Tensor:
    """Images with mean grey, 0.5, as their mean colour and of the given RMS contrast, then clipped to 0..1.

    Channels are scaled together, so that colours keep their differences from the mean colour. Clipping cuts what is
    more than 0.5 from it: the image then has less contrast than asked for, and its mean may move. At 0.2 this concerns
    values beyond 2.5 deviations, as in an image of a small bright spot. An image of one colour becomes grey.

    Args:
        images: (B, C, H, W), in 0..1 or any other range.
        rms: Contrast before clipping, more than 0. Large ones saturate the image.

    Returns:
        The same shape and type, in 0..1. An image does not depend on the others of its batch.

    Raises:
        ValueError: For another contrast, and for images of another number of dimensions.
    """
    if not 0 < rms < math.inf:
        raise ValueError(f"rms={rms}: must be a number more than 0")
    centred = _centred(images)
    deviation = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    return (0.5 + rms * centred / deviation.masked_fill(deviation == 0, 1)).clamp(0, 1).to(images.dtype)


def _centred(images: Tensor) -> Tensor:
    """Without the mean colour, float64; exactly 0 in a channel of one value."""
    if images.ndim != 4:
        raise ValueError(f"images of shape {tuple(images.shape)}: must be (B, C, H, W)")
    values = images.double()
    constant = values.amax((2, 3), keepdim=True) == values.amin((2, 3), keepdim=True)
    return (values - values.mean((2, 3), keepdim=True)).masked_fill(constant, 0)
