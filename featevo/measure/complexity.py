"""Ranks of a judge's features, and the number of its active channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.judge import Judge
from featevo.measure.needs import Need

ENERGY = 0.5
"""Mean square of normalised features, below which a feature map counts as nearly empty."""

SURROGATES = 2
"""Number of surrogates of each image."""


@dataclass(frozen=True)
class EffectiveRank:
    """Number of independent patterns of features over the positions of an image.

    Features F (positions x channels), each channel divided by its deviation over real images and centred over the
    image's positions, have singular values s. With p = s^2 / sum(s^2), the measure is exp(-sum p log p), the effective
    rank (O. Roy and M. Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007; theirs
    takes s / sum(s)), times min(1, mean(F^2) / 0.5), so that nearly empty features count little.

    Attributes:
        judge: Calibrated on real images of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "features/effective_rank"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, 3, H, W) in 0..1 to (B,), float64, 0 to the lesser of positions and channels."""
        return effective_rank(_normalised(self.judge, images))


@dataclass(frozen=True)
class RankBeyondChance:
    """The effective rank of an image's features beyond those of its phase-scrambled surrogates.

    Each channel of the normalised features is lowered by its maximum over two surrogates (`scrambled`) and clipped at
    0. Features that noise with the image's own spectrum and colours has, too, do not count, so that a judge that
    responds to noise can be used.

    Attributes:
        judge: Calibrated on real images of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "features/rank_beyond_chance"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, 3, H, W) in 0..1 to (B,), float64, 0 to the lesser of positions and channels."""
        chance = [_normalised(self.judge, scrambled(images, seed)).amax(1) for seed in range(SURROGATES)]
        threshold = torch.stack(chance).amax(0)
        return effective_rank((_normalised(self.judge, images) - threshold[:, None]).clamp(min=0))


@dataclass(frozen=True)
class ActiveChannels:
    """Share of channels that an image activates as strongly as real images do.

    A channel counts if its maximum over the image exceeds the median, over real images, of its maximum. Real images
    have about one half, less the channels that are silent on them.

    Attributes:
        judge: Calibrated on real images of the size measured.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    judge: Judge
    name: str = "features/active_channels"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, 3, H, W) in 0..1 to (B,), float64, 0 to 1."""
        maximum = _calibrated(self.judge)[1]
        return (self.judge.features(images).amax((2, 3)) > maximum).double().mean(1)


def effective_rank(features: Tensor) -> Tensor:
    """The formula of `EffectiveRank` for normalised features (B, positions, channels), float64: (B,)."""
    centred = features - features.mean(1, keepdim=True)
    # The smaller of the two Gram matrices has the same non-zero squares of singular values.
    wide = centred.shape[2] > centred.shape[1]
    squares = torch.linalg.eigvalsh(centred @ centred.mT if wide else centred.mT @ centred).clamp(min=0)
    share = squares / squares.sum(1, keepdim=True).clamp(min=torch.finfo(squares.dtype).tiny)
    energy = centred.square().mean((1, 2))
    return torch.special.entr(share).sum(1).exp() * (energy / ENERGY).clamp(max=1)


def _normalised(judge: Judge, images: Tensor) -> Tensor:
    """(B, positions, channels), float64, at unit deviation over real images."""
    deviation = _calibrated(judge)[0]
    features = judge.features(images).double().flatten(2).mT
    # A channel that is silent on real images has no scale.
    return features * torch.where(deviation > 0, 1 / deviation, 0)


def _calibrated(judge: Judge) -> tuple[Tensor, Tensor]:
    if judge.deviation is None or judge.maximum is None:
        raise ValueError(f"judge {judge.name}: calibrate it on real images first, judge.calibrated(images)")
    return judge.deviation, judge.maximum


def scrambled(images: Tensor, seed: int = 0) -> Tensor:
    """Images with random phases in place of theirs.

    All channels of all images get the same phase shifts, so that correlations of colours stay, and an image's surrogate
    does not depend on its batch. Source: J. Theiler et al., "Testing for nonlinearity in time series: the
    method of surrogate data", Physica D 58, 1992, in two dimensions.

    Args:
        images: (B, C, H, W) in 0..1.
        seed: Of the phases.

    Returns:
        The same shape, clipped to 0..1.
    """
    generator = torch.Generator().manual_seed(seed)
    # The phases of a real field: opposite at opposite frequencies, so the result is real again.
    shifts = torch.fft.rfft2(torch.randn(images.shape[-2:], generator=generator).to(images))
    shifts = shifts / shifts.abs()
    mean = images.mean((-2, -1), keepdim=True)
    spectrum = torch.fft.rfft2(images - mean) * shifts
    return (torch.fft.irfft2(spectrum, s=images.shape[-2:]) + mean).clamp(0, 1)
