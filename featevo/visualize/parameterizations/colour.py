"""Decorrelated colour: axes along which the colours of natural images vary independently.

Images x in 0..1 are sigmoid(M y): M mixes independent channels y into the logits of colours, as in lucid
(`optvis/param/color.py`); lucid's M for ImageNet is one of the choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.visualize.parameterizations import Examples, Shape, fitting

IMAGENET = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the colour correlation of ImageNet (lucid); here divided by the length of its longest column."""

DARKEST = 0.02
"""Pixels nearer to 0 or 1 are clamped to this distance: their logits would be infinite."""


@dataclass(frozen=True)
class Colour:
    """Mixes independent channels into images, and back.

    Attributes:
        mixing: (C, C): M above.
        mean: (C,): added to the logits of colours; 0 is mid-grey.
    """

    mixing: Tensor
    mean: Tensor

    def images(self, channels: Tensor) -> Tensor:
        """Independent channels (B, C, H, W) as images in 0..1."""
        mixed = torch.einsum("dc,bchw->bdhw", self.mixing.to(channels), channels)
        return torch.sigmoid(mixed + self.mean.to(channels).view(1, -1, 1, 1))

    def channels(self, images: Tensor) -> Tensor:
        """Images in 0..1, clamped to 0.02..0.98, as independent channels."""
        logits = torch.logit(images, eps=DARKEST) - self.mean.to(images).view(1, -1, 1, 1)
        inverse = torch.linalg.inv(self.mixing.double()).to(images)
        return torch.einsum("dc,bchw->bdhw", inverse, logits)


def colour(statistics: str | Sequence[Sequence[float]] | None, shape: Shape, examples: Examples) -> Colour:
    """The colour axes of given statistics.

    Args:
        statistics: "imagenet" (independent channels when there are not three), "examples" (computed from these), a
            (C, C) matrix, or None (independent channels).
        shape: Of the images.
        examples: (N, C, H, W) in 0..1, for "examples".

    Raises:
        ValueError: For an unknown name, a matrix of another shape or without inverse, or missing examples.
    """
    channels = shape[0]
    mean = torch.zeros(channels)
    if statistics == "examples":
        logits = torch.logit(fitting(examples, shape, "colour=examples"), eps=DARKEST).transpose(0, 1).flatten(1)
        mean = logits.mean(1)
        values, vectors = torch.linalg.eigh(torch.cov(logits.double()).reshape(channels, channels))
        mixing = (vectors * values.clamp_min(1e-6).sqrt()).flip(1).float()
    elif statistics is None or (statistics == "imagenet" and channels != 3):
        return Colour(torch.eye(channels), mean)
    elif isinstance(statistics, str) and statistics != "imagenet":
        raise ValueError(f"colour={statistics!r}: use imagenet, examples, a matrix, or null")
    else:
        rows = IMAGENET if statistics == "imagenet" else [list(row) for row in statistics]
        mixing = torch.tensor(rows, dtype=torch.float32)
        if tuple(mixing.shape) != (channels, channels):
            raise ValueError(f"colour: a matrix of shape {tuple(mixing.shape)} for {channels} channels")
    if torch.linalg.matrix_rank(mixing.double()) < channels:
        raise ValueError("colour: the matrix has no inverse")
    return Colour(mixing / mixing.norm(dim=0).max(), mean)
