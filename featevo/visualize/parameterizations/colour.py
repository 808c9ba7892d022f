"""Decorrelated colour: axes along which the colours of natural pictures vary independently of each other.

Pictures x in 0..1 are sigmoid(M y): M mixes independent channels y into the logits of colours, as in lucid
(`optvis/param/color.py`), whose M for ImageNet is one of the choices.
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
"""Pixels nearer to 0 or 1 than this are taken as this: their logits would be infinite."""


@dataclass(frozen=True)
class Colour:
    """Mixes independent channels into pictures, and back.

    Attributes:
        mixing: (C, C): M above.
        mean: (C,): added to the logits of colours; 0 is mid-grey.
    """

    mixing: Tensor
    mean: Tensor

    def pictures(self, channels: Tensor) -> Tensor:
        """Independent channels (B, C, H, W) as pictures in 0..1."""
        mixed = torch.einsum("dc,bchw->bdhw", self.mixing.to(channels), channels)
        return torch.sigmoid(mixed + self.mean.to(channels).view(1, -1, 1, 1))

    def channels(self, pictures: Tensor) -> Tensor:
        """Pictures in 0..1 as independent channels; values beyond 0.02 and 0.98 as these."""
        logits = torch.logit(pictures, eps=DARKEST) - self.mean.to(pictures).view(1, -1, 1, 1)
        inverse = torch.linalg.inv(self.mixing.double()).to(pictures)
        return torch.einsum("dc,bchw->bdhw", inverse, logits)


def colour(statistics: str | Sequence[Sequence[float]] | None, shape: Shape, examples: Examples) -> Colour:
    """The colour axes of given statistics.

    Args:
        statistics: "imagenet" (pictures of other than three channels: independent ones), "examples": measured on these;
            a (C, C) matrix; or None: each channel by itself.
        shape: Of the pictures.
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
