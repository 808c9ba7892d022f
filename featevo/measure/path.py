"""Path similarity: whether the network processes a render as it processes real images of its class, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.equalise import equalised
from featevo.measure.layer_parts import check_part, of_part
from featevo.measure.needs import Need
from featevo.measure.subject import Subject

IMAGES = 64
"""Most real images to compare with, two or more of each class; with more than half as many classes: no value."""

LEAST = 0.02
"""Layers in which real images of a class are not this much more alike than those of two classes have no value."""


@dataclass(frozen=True)
class Path:
    """How alike a render and real images of its class are within the network, in a third of its layers.

    In each layer, with s the mean cosine of centred features: (s(render, own) - s(render, others)) /
    (s(own, own) - s(own, others)). 1: as real images of the class are to each other, 0: as real images of other
    classes. All images have the same mean and contrast. The mean over the part's layers is taken.

    Source: Geirhos et al. 2024, "Don't trust your eyes", arXiv 2306.04719, section 4; they correlate by ranks and
    compare with all images of other classes, too.

    Args:
        part: One of `featevo.measure.layer_parts.PARTS`.

    Raises:
        ValueError: For another part.
    """

    part: str
    needs: ClassVar[frozenset[Need]] = frozenset({Need.network, Need.real})

    def __post_init__(self) -> None:
        check_part(self.part)

    @property
    def name(self) -> str:
        """`path/` and the part."""
        return f"path/{self.part}"

    def __call__(self, subject: Subject) -> Tensor | None:
        if subject.grams is None or subject.real is None or len(subject.images) > IMAGES // 2:
            return None
        layers = subject.once("path", lambda: _by_layer(subject))
        return of_part(layers, self.part).nanmean(0) if len(layers) else None


def _by_layer(subject: Subject) -> Tensor:
    """(layers, K), NaN where real images of a class are no more alike than those of two classes."""
    assert subject.real is not None
    assert subject.grams is not None
    classes = len(subject.images)
    images, labels = subject.real.references(classes, IMAGES // classes)
    shown = equalised(torch.cat([images, subject.images]))
    own = (labels[:, None] == torch.arange(classes)).double()  # (N, K)
    return torch.stack([_similarity(gram.double(), own) for gram in subject.grams(shown).values()])


def _similarity(gram: Tensor, own: Tensor) -> Tensor:
    """Of one layer, from the Gram matrix of N real images and K renders, and which image is of which class (N, K)."""
    number = len(own)
    cosines = gram / (gram.diagonal()[:, None] * gram.diagonal()[None]).sqrt()
    real, render = cosines[:number, :number], cosines[number:, :number]
    real = real.masked_fill(torch.eye(number, dtype=torch.bool), torch.nan)
    same, different = own.T.bool(), ~own.T.bool()  # (K, N)
    of_own = torch.stack([real[mask][:, mask].nanmean() for mask in same])
    of_others = torch.stack([real[mask][:, ~mask].nanmean() for mask in same])
    near = torch.stack(
        [row[mask].mean() - row[other].mean() for row, mask, other in zip(render, same, different, strict=True)]
    )
    room = of_own - of_others
    return torch.where(room >= LEAST, near / room, torch.nan)
