"""Complexity as a judge sees it: how many independent things, and how many known things, its features find in a picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.measure.judge import Judge

ENERGY = 0.5
"""Mean square of normalised features, below which a feature map counts as nearly empty."""


@dataclass(frozen=True)
class EffectiveRank:
    """How many independent patterns of features the places of a picture show.

    Features F (places x channels), each channel divided by its deviation over real pictures and centred over the
    picture's places, have singular values s. With p = s^2 / sum(s^2), the measure is exp(-sum p log p), the effective
    rank (Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007; theirs takes
    s / sum(s)), times min(1, mean(F^2) / 0.5): a map that is nearly empty is not rich.

    Attributes:
        judge: Calibrated on real pictures of the size measured.
    """

    judge: Judge
    name: str = "complexity/effective_rank"

    def __call__(self, pictures: Tensor) -> Tensor:
        """Of each picture (B, 3, H, W) in 0..1: (B,), float64, 0 to the least of places and channels."""
        deviation = _calibrated(self.judge)[0]
        features = self.judge.features(pictures).double().flatten(2).mT
        # A channel that is silent on real pictures has no scale to be measured on.
        features = features * torch.where(deviation > 0, 1 / deviation, 0)
        features = features - features.mean(1, keepdim=True)
        energy = features.square().mean((1, 2))
        # The smaller of the two Gram matrices has the same squares of singular values.
        wide = features.shape[2] > features.shape[1]
        gram = features @ features.mT if wide else features.mT @ features
        squares = torch.linalg.eigvalsh(gram).clamp(min=0)
        share = squares / squares.sum(1, keepdim=True).clamp(min=torch.finfo(torch.float64).tiny)
        return torch.special.entr(share).sum(1).exp() * (energy / ENERGY).clamp(max=1)


@dataclass(frozen=True)
class ActiveChannels:
    """How many kinds of feature a picture shows as strongly as real pictures do.

    The share of channels that somewhere in the picture exceed the median, over real pictures, of that channel's
    maximum. Real pictures have about one half.

    Attributes:
        judge: Calibrated on real pictures of the size measured.
    """

    judge: Judge
    name: str = "complexity/active_channels"

    def __call__(self, pictures: Tensor) -> Tensor:
        """Of each picture (B, 3, H, W) in 0..1: (B,), float64, 0 to 1."""
        maximum = _calibrated(self.judge)[1]
        return (self.judge.features(pictures).amax((2, 3)) > maximum).double().mean(1)


def _calibrated(judge: Judge) -> tuple[Tensor, Tensor]:
    if judge.deviation is None or judge.maximum is None:
        raise ValueError(f"judge {judge.name}: calibrate it on real pictures first, judge.calibrated(pictures)")
    return judge.deviation, judge.maximum
