"""Confusion: which other classes the network finds in the render of a class, as a whole and in its parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import torch
from scipy.stats import spearmanr
from torch import Tensor

from featevo.measure.needs import Need
from featevo.measure.subject import Predict, Subject, off_diagonal

WINDOWS = 3
"""Crops a side: windows of half the image's side, from border to border in even steps."""

AT_ONCE = 16  # images, nine times as many crops

GREY = 0.5
"""What surrounds a crop: the middle of the range, as in start images."""


@dataclass(frozen=True)
class SelfConfusion:
    """1 - p_k: the probability that the network gives to other classes for the render of class k."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.network})

    name: str = "confusion/self"

    def matrix(self, subject: Subject) -> Tensor | None:
        """The network's probabilities."""
        return subject.probabilities

    def __call__(self, subject: Subject) -> Tensor | None:
        return _confused(self.matrix(subject))


@dataclass(frozen=True)
class CropConfusion:
    """The classes of an image's parts by the network, such as the paper's frog eyes in the render of the flamingo.

    C_kj = sum over crops c of w_c p_j(c), the confusion is 1 - C_kk. A crop's weight w_c is its share of the image's
    squared deviation from its mean colour, as a network assigns some class to an empty crop, too. There are 3 x 3
    crops, half as wide and high as the image, each at its own place and size with mid-grey around it: enlarged to the
    size of the image, crops of all images, real ones too, are assigned to one class.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.network})

    name: str = "confusion/crops"

    def matrix(self, subject: Subject) -> Tensor | None:
        """C (K, K)."""
        predict = subject.predict
        if predict is None:
            return None
        parts = subject.images.split(AT_ONCE)
        return subject.once(self.name, lambda: torch.cat([_parts(part, predict) for part in parts]))

    def __call__(self, subject: Subject) -> Tensor | None:
        return _confused(self.matrix(subject))


@dataclass(frozen=True)
class ValidationAgreement:
    """Whether renders show the confusions of real images: in -1..1, one number for the whole snapshot.

    Spearman's correlation between the entries beside the diagonal of the crops' matrix and of the validation confusion
    matrix (rows as shares), the statistic of Mantel 1967 for matrices that are not symmetric. None where either is
    the same everywhere, as of a network without mistakes, and for fewer than three classes.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.network, Need.real})

    name: str = "confusion/validation_agreement"

    def __call__(self, subject: Subject) -> Tensor | None:
        matrix = CropConfusion().matrix(subject)
        if matrix is None or subject.validation is None or len(subject.validation) < 3:
            return None
        counts = subject.validation.double()
        shares = counts / counts.sum(1, keepdim=True).clamp_min(1)
        rendered, real = off_diagonal(matrix), off_diagonal(shares)
        if rendered.max() == rendered.min() or real.max() == real.min():
            return None
        return torch.tensor(float(spearmanr(rendered.numpy(), real.numpy()).statistic))


def _parts(images: Tensor, predict: Predict) -> Tensor:
    of_crops = predict((crops(images - GREY) + GREY).flatten(0, 1)).unflatten(0, (len(images), -1))
    weights = crops(images - images.mean((2, 3), keepdim=True)).square().sum((2, 3, 4))
    flat = weights.sum(1, keepdim=True) == 0  # in an image of one colour no part matters more
    weights = torch.where(flat, torch.ones_like(weights), weights)
    weights = weights / weights.sum(1, keepdim=True)
    return (weights[..., None].to(of_crops.dtype) * of_crops).sum(1)


def _confused(matrix: Tensor | None) -> Tensor | None:
    return None if matrix is None else 1 - matrix.diagonal()


def crops(images: Tensor) -> Tensor:
    """Each image (B, C, H, W) nine times, with all but one window zero (B, 9, C, H, W), windows row by row."""
    height, width = (side // 2 for side in images.shape[2:])
    tops = torch.linspace(0, images.shape[2] - height, WINDOWS).round().int().tolist()
    lefts = torch.linspace(0, images.shape[3] - width, WINDOWS).round().int().tolist()
    masks = images.new_zeros(WINDOWS**2, 1, *images.shape[2:])
    for mask, (top, left) in zip(masks, product(tops, lefts), strict=True):
        mask[:, top : top + height, left : left + width] = 1
    return images[:, None] * masks
