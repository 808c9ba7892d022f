"""Confusion: what the picture of one class shows of others, by the network itself, by a judge, and in its parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import ClassVar

import torch
from scipy.stats import spearmanr
from torch import Tensor

from featevo.measure.needs import Need
from featevo.measure.subject import Answer, Subject, off_diagonal

WINDOWS = 3
"""Crops a side: windows of half the picture's side, from border to border in even steps."""

AT_ONCE = 16  # pictures, nine times as many crops

GREY = 0.5
"""What surrounds a crop: the middle of the range, as in start pictures."""


@dataclass(frozen=True)
class SelfConfusion:
    """1 - p_k: what the network leaves to other classes when it sees the picture that it most wants to see as k."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.network})

    name: str = "confusion/self"

    def matrix(self, subject: Subject) -> Tensor | None:
        """The network's probabilities."""
        return subject.probabilities

    def __call__(self, subject: Subject) -> Tensor | None:
        return _confused(self.matrix(subject))


@dataclass(frozen=True)
class JudgeConfusion:
    """The same by a judge, who was not asked while the picture was made: the network's own answer is optimistic."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    name: str = "confusion/judge"

    def matrix(self, subject: Subject) -> Tensor | None:
        """The judge's probabilities; None where there is no judge."""
        return subject.judged

    def __call__(self, subject: Subject) -> Tensor | None:
        return _confused(self.matrix(subject))


@dataclass(frozen=True)
class CropConfusion:
    """What the network takes parts of the picture for: the paper's frog eyes inside the flamingo picture.

    C_kj = sum over crops c of w_c p_j(c), the confusion is 1 - C_kk. A crop's weight w_c is its share of the picture's
    squared deviation from its mean colour, as an empty crop is some class to any network. Crops are half as wide and
    high as the picture, 3 x 3 of them, each shown at its own place and size with mid-grey all around: enlarged to the
    whole picture, crops of any picture, real ones too, are one and the same class to a network.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.network})

    name: str = "confusion/crops"

    def matrix(self, subject: Subject) -> Tensor | None:
        """C (K, K)."""
        answer = subject.answer
        if answer is None:
            return None
        parts = subject.pictures.split(AT_ONCE)
        return subject.once(self.name, lambda: torch.cat([_parts(part, answer) for part in parts]))

    def __call__(self, subject: Subject) -> Tensor | None:
        return _confused(self.matrix(subject))


@dataclass(frozen=True)
class ValidationAgreement:
    """Whether the pictures mix up the classes that the network mixes up: in -1..1, one number of the whole snapshot.

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
        pictured, real = off_diagonal(matrix), off_diagonal(shares)
        if pictured.max() == pictured.min() or real.max() == real.min():
            return None
        return torch.tensor(float(spearmanr(pictured.numpy(), real.numpy()).statistic))


def _parts(pictures: Tensor, answer: Answer) -> Tensor:
    answers = answer((crops(pictures - GREY) + GREY).flatten(0, 1)).unflatten(0, (len(pictures), -1))
    weights = crops(pictures - pictures.mean((2, 3), keepdim=True)).square().sum((2, 3, 4))
    flat = weights.sum(1, keepdim=True) == 0  # a picture of one colour has no parts that matter more
    weights = torch.where(flat, torch.ones_like(weights), weights)
    weights = weights / weights.sum(1, keepdim=True)
    return (weights[..., None].to(answers.dtype) * answers).sum(1)


def _confused(matrix: Tensor | None) -> Tensor | None:
    return None if matrix is None else 1 - matrix.diagonal()


def crops(pictures: Tensor) -> Tensor:
    """Pictures (B, C, H, W), each nine times with all but one window zero (B, 9, C, H, W), windows row by row."""
    height, width = (side // 2 for side in pictures.shape[2:])
    tops = torch.linspace(0, pictures.shape[2] - height, WINDOWS).round().int().tolist()
    lefts = torch.linspace(0, pictures.shape[3] - width, WINDOWS).round().int().tolist()
    masks = pictures.new_zeros(WINDOWS**2, 1, *pictures.shape[2:])
    for mask, (top, left) in zip(masks, product(tops, lefts), strict=True):
        mask[:, top : top + height, left : left + width] = 1
    return pictures[:, None] * masks
