"""What a linear probe finds in each layer: usable information about the class, and how deep it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.layer_parts import check_part, of_part
from featevo.measure.needs import Need
from featevo.measure.subject import Subject
from featevo.record.reading import evenly

IMAGES, PIXELS = 256, 2**20
"""Most real images, and about as many pixels in all: they go through the network at once. 64 images of any size."""

RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
"""Penalties of the probe, times the mean of the Gram matrix' diagonal; the best one counts."""


LEAST = 0.1
"""Information of the richest layer, below which there is no depth."""


@dataclass(frozen=True)
class Information:
    """Usable information about the class in a third of the layers, 0..1, the mean over them; one value per snapshot.

    V-information for the family of linear functions with Gaussian errors: the share of the variance of the classes'
    indicators that a ridge regression on the layer's outputs explains, each image left out in turn. 0 is chance.

    Source: Xu et al. 2020, "A theory of usable information under computational constraints", arXiv 2002.10689; by layer
    as in Fel et al. 2024, arXiv 2407.06076.

    Args:
        part: One of `featevo.measure.layer_parts.PARTS`.

    Raises:
        ValueError: For another part.
    """

    part: str
    uses_renders: ClassVar[bool] = False
    needs: ClassVar[frozenset[Need]] = frozenset({Need.network, Need.real})

    def controls(self, subject: Subject) -> dict[str, Tensor]:
        """Chance."""
        return {"chance": torch.tensor([0.0])}

    def __post_init__(self) -> None:
        check_part(self.part)

    @property
    def name(self) -> str:
        """`information/` and the part."""
        return f"information/{self.part}"

    def __call__(self, subject: Subject) -> Tensor | None:
        layers = by_layer(subject)
        return torch.tensor(of_part(layers, self.part)).mean() if layers else None


@dataclass(frozen=True)
class Depth:
    """How deep the class lies: 1 - the mean over layers of usable information, as a share of the richest layer's.

    0: a linear probe finds the class in the first layer as well as anywhere; near 1: in the last layers alone. No value
    where no layer has `LEAST` of information. One value per snapshot.

    Source: the complexity of Fel et al. 2024, arXiv 2407.06076, equation 2, of the class and not of a feature, and
    relative to what the network has of it.
    """

    uses_renders: ClassVar[bool] = False
    needs: ClassVar[frozenset[Need]] = frozenset({Need.network, Need.real})

    name: str = "information/depth"

    def __call__(self, subject: Subject) -> Tensor | None:
        layers = torch.tensor(by_layer(subject))
        return 1 - layers.mean() / layers.max() if len(layers) and layers.max() >= LEAST else None


def by_layer(subject: Subject) -> list[float]:
    """The usable information of each layer, from the first to the last; empty without network or real images."""
    real, grams = subject.real, subject.grams
    if real is None or grams is None:
        return []
    most = max(64, min(IMAGES, PIXELS // real.val[0, 0].numel()))
    # By class, as the comparison of layers has them: where the images are the same, they go through the network once.
    chosen = torch.argsort(real.val_labels, stable=True)[evenly(len(real.val), most)]
    images, labels = real.val[chosen], real.val_labels[chosen]

    def computed() -> Tensor:
        return torch.tensor([usable(gram, labels) for gram in grams(images).values()])

    return subject.once("information", computed).tolist()


def usable(gram: Tensor, labels: Tensor) -> float:
    """The variance of the classes' indicators that is explained, each image left out in turn, at least 0.

    Args:
        gram: Centred Gram matrix (N, N) of a layer's outputs.
        labels: Classes (N,).
    """
    number = len(labels)
    targets = torch.nn.functional.one_hot(labels).double()
    targets = targets[:, targets.sum(0) > 0]
    without = (targets - targets.mean(0)) * number / (number - 1)  # from the mean of the others
    values, vectors = torch.linalg.eigh(gram.double())
    values = values.clamp_min(0)
    if values.max() == 0:
        return 0.0
    explained = []
    for ridge in RIDGES:
        shrink = values / (values + ridge * values.mean())
        hat = (vectors * shrink) @ vectors.T
        fitted, leverage = hat @ targets + targets.mean(0) - hat.sum(1, keepdim=True) * targets.mean(0), hat.diagonal()
        left_out = (targets - fitted) / (1 - leverage - 1 / number)[:, None]
        explained.append(1 - float(left_out.square().sum() / without.square().sum()))
    return max(0.0, *explained)
