"""Complexity as a judge sees it: how many independent things, and how many known things, its features find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.judge import Judge
from featevo.measure.needs import Need
from featevo.measure.surrogate import scrambled

ENERGY = 0.5
"""Mean square of normalised features, below which a feature map counts as nearly empty."""

SURROGATES = 2
"""Surrogates of each picture that features have to exceed."""


@dataclass(frozen=True)
class EffectiveRank:
    """How many independent patterns of features the places of a picture show.

    Features F (places x channels), each channel divided by its deviation over real pictures and centred over the
    picture's places, have singular values s. With p = s^2 / sum(s^2), the measure is exp(-sum p log p), the effective
    rank (O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007; theirs
    takes s / sum(s)), times min(1, mean(F^2) / 0.5): a map that is nearly empty is not rich.

    Attributes:
        judge: Calibrated on real pictures of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "complexity/effective_rank"

    def __call__(self, pictures: Tensor) -> Tensor:
        """Of each picture (B, 3, H, W) in 0..1: (B,), float64, 0 to the lesser of places and channels."""
        return effective_rank(_normalised(self.judge, pictures))


@dataclass(frozen=True)
class RankBeyondChance:
    """The effective rank of what a picture's features have beyond its phase-scrambled surrogates.

    Before the rank is taken, each channel of the normalised features is lowered by its maximum over two surrogates
    (`featevo.measure.surrogate`) and cut off at 0. What noise with the picture's own spectrum and colours evokes too
    then counts for nothing, so that a judge may serve who never learned to ignore noise.

    Attributes:
        judge: Calibrated on real pictures of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "complexity/rank_beyond_chance"

    def __call__(self, pictures: Tensor) -> Tensor:
        """Of each picture (B, 3, H, W) in 0..1: (B,), float64, 0 to the lesser of places and channels."""
        chance = [_normalised(self.judge, scrambled(pictures, seed)).amax(1) for seed in range(SURROGATES)]
        threshold = torch.stack(chance).amax(0)
        return effective_rank((_normalised(self.judge, pictures) - threshold[:, None]).clamp(min=0))


@dataclass(frozen=True)
class ActiveChannels:
    """How many kinds of feature a picture shows as strongly as real pictures do.

    The share of channels that somewhere in the picture exceed the median, over real pictures, of that channel's
    maximum. Real pictures have about one half, less the channels that are silent on them.

    Attributes:
        judge: Calibrated on real pictures of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "complexity/active_channels"

    def __call__(self, pictures: Tensor) -> Tensor:
        """Of each picture (B, 3, H, W) in 0..1: (B,), float64, 0 to 1."""
        maximum = _calibrated(self.judge)[1]
        return (self.judge.features(pictures).amax((2, 3)) > maximum).double().mean(1)


def effective_rank(features: Tensor) -> Tensor:
    """The formula of `EffectiveRank` for normalised features (B, places, channels), float64: (B,)."""
    centred = features - features.mean(1, keepdim=True)
    # The smaller of the two Gram matrices has the same non-zero squares of singular values.
    wide = centred.shape[2] > centred.shape[1]
    squares = torch.linalg.eigvalsh(centred @ centred.mT if wide else centred.mT @ centred).clamp(min=0)
    share = squares / squares.sum(1, keepdim=True).clamp(min=torch.finfo(squares.dtype).tiny)
    energy = centred.square().mean((1, 2))
    return torch.special.entr(share).sum(1).exp() * (energy / ENERGY).clamp(max=1)


def _normalised(judge: Judge, pictures: Tensor) -> Tensor:
    """(B, places, channels), float64, at unit deviation over real pictures."""
    deviation = _calibrated(judge)[0]
    features = judge.features(pictures).double().flatten(2).mT
    # A channel that is silent on real pictures has no scale to be measured on.
    return features * torch.where(deviation > 0, 1 / deviation, 0)


def _calibrated(judge: Judge) -> tuple[Tensor, Tensor]:
    if judge.deviation is None or judge.maximum is None:
        raise ValueError(f"judge {judge.name}: calibrate it on real pictures first, judge.calibrated(pictures)")
    return judge.deviation, judge.maximum
