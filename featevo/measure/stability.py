"""Stability: how much renders change over training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.judge import CHUNK, Judge
from featevo.measure.needs import Need
from featevo.measure.subject import Subject, coloured

SILENT = 1e-3
"""Channels that deviate less than this share of the median channel's deviation are left out: nearly constant on real
images, they would dominate all distances where a render activates them."""


class Embedding:
    """A judge's features as coordinates: means over positions, each channel standardised over real images.

    Args:
        judge: Its features are used; images of one channel are repeated to three.
        images: Real images (N, C, H, W) in 0..1.
    """

    def __init__(self, judge: Judge, images: Tensor) -> None:
        self._judge = judge
        pooled = self._pooled(images)
        self._mean, self._std = pooled.mean(0), pooled.std(0)
        self._used = self._std > SILENT * self._std.median()

    def __call__(self, images: Tensor) -> Tensor:
        """Standardised features (B, D), float64, of images (B, C, H, W) in 0..1."""
        return torch.where(self._used, (self._pooled(images) - self._mean) / self._std, 0.0)

    def _pooled(self, images: Tensor) -> Tensor:
        parts = [self._judge.features(coloured(part)).mean((2, 3)) for part in images.split(CHUNK)]
        return torch.cat(parts).double().cpu()


@dataclass(frozen=True)
class Drift:
    """Change since the snapshot before, in units of the change between seeds; 1: no more than another seed gives.

    D_k = d(x_k, x_k before) / mean over pairs of seeds of d(x_k from one, x_k from the other), with d the Euclidean
    distance of standardised features. All snapshots use the same seeds, so that a change comes from the weights.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.embedding, Need.seeds, Need.before})

    name: str = "stability/drift"

    def __call__(self, subject: Subject) -> Tensor | None:
        noise = seed_noise(subject)
        if noise is None or subject.before is None or subject.embed is None:
            return None
        moved = (subject.embed(subject.images) - subject.embed(subject.before)).norm(dim=1)
        return torch.where(noise > 0, moved / noise, torch.nan)


def seed_noise(subject: Subject) -> Tensor | None:
    """Mean distance (K,) between renders of a class from different seeds; None without embedding or further seeds."""
    if subject.others is None or subject.embed is None:
        return None
    renders = torch.cat([subject.images[None], subject.others])
    features = subject.embed(renders.flatten(0, 1)).unflatten(0, renders.shape[:2])
    one, other = torch.triu_indices(len(features), len(features), offset=1)
    return (features[one] - features[other]).norm(dim=2).mean(0)
