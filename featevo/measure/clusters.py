"""The entropy of the colour clusters of a two-part code."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from featevo.measure.needs import Need

GRID = 32
"""Images are averaged down to about this many patches a side, by a factor of at least two."""

MOST = 16
"""Largest number of clusters tried."""

PRECISION = 2 / 255
"""Colours are coded to this exactness."""

ROUNDS = 10
"""Of Lloyd's algorithm, for each number of clusters."""


@dataclass(frozen=True)
class ClusterEntropy:
    """Entropy, in bits, of the colour clusters of the shortest description of an image's patches.

    Patches' mean colours are clustered (k-means from farthest points, K = 1 to 16). A description of N patches names
    each patch's cluster, N H bits with H the entropy of the clusters' shares; codes the rest as Gaussian noise around
    the cluster's mean, sum over clusters and channels of n/2 log2(2 pi e variance); and lists means and variances, two
    numbers of log2(N) / 2 bits for each cluster and channel. The measure is H at the K with the shortest description.
    Noise is one cluster, as further clusters do not shorten its description.

    Source: after L. Mahon and T. Lukasiewicz, "Minimum description length clustering to measure meaningful image
    complexity", arXiv 2306.14937, who do so on several scales; here it is one, by k-means.
    """

    needs: ClassVar[frozenset[Need]] = frozenset()

    name: str = "image/cluster_entropy"

    def __call__(self, images: Tensor) -> Tensor:
        """From images (B, C, H, W) in 0..1 to (B,), float64, bits, 0 to 4."""
        factor = max(2, round(images.shape[-1] / GRID))
        patches = F.avg_pool2d(images.double(), factor).flatten(2).mT
        shortest = patches.new_full((len(patches),), math.inf)
        entropy = torch.zeros_like(shortest)
        for seeds in _farthest(patches):
            length, bits = _described(patches, seeds)
            entropy = torch.where(length < shortest, bits, entropy)
            shortest = torch.minimum(length, shortest)
        return entropy


def _farthest(patches: Tensor) -> list[Tensor]:
    """First means for each number of clusters: the patch farthest from the average, then from all means so far."""
    every = torch.arange(len(patches), device=patches.device)
    place = (patches - patches.mean(1, keepdim=True)).square().sum(2).argmax(1)
    nearest = torch.full_like(patches[..., 0], math.inf)
    means: list[Tensor] = []
    for _ in range(MOST):
        means.append(patches[every, place])
        nearest = torch.minimum(nearest, (patches - means[-1][:, None]).square().sum(2))
        place = nearest.argmax(1)
    return [torch.stack(means[: count + 1], 1) for count in range(MOST)]


def _described(patches: Tensor, means: Tensor) -> tuple[Tensor, Tensor]:
    """Length of the description in bits, and the clusters' entropy: (B,) each."""
    number, channels, count = patches.shape[1], patches.shape[2], means.shape[1]
    for _ in range(ROUNDS):
        member = F.one_hot(torch.cdist(patches, means).argmin(2), count).to(patches)
        size = member.sum(1)
        totals = member.mT @ patches
        means = torch.where(size[..., None] > 0, totals / size[..., None].clamp(min=1), means)
    square = (member.mT @ patches.square()) / size[..., None].clamp(min=1)
    variance = (square - means.square()).clamp(min=0) + PRECISION**2
    bits = torch.special.entr(size / number).sum(1) / math.log(2)
    residue = (size[..., None] / 2 * torch.log2(2 * math.pi * math.e * variance)).sum((1, 2))
    return residue + number * bits + count * channels * math.log2(number), bits
