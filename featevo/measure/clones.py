"""What a network can do without parts: its answers to clones of real images that keep some statistics alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur, rgb_to_grayscale

from featevo.measure.blocks import rearranged
from featevo.measure.needs import Need
from featevo.measure.subject import Real, Subject, mean_of_others

CELLS = 8
"""Patches a side of the image."""

BLUR = 16
"""The standard deviation of the blur is an image's side divided by this."""

SEED = 0
"""Of the clones, which are the same at each snapshot."""


@dataclass(frozen=True)
class Clones:
    """How well the network tells each two classes in clones of validation images.

    Entry (k, j) of the matrix is the share of clones of class k to which the network gives a larger probability for k
    than for j; equality counts half. 0.5 is chance for any number of classes, also of labels that were shuffled. `real`
    images are the ceiling: what is lost from there is what the clones lack.

    Source of the idea: Belrose et al. 2024, "Neural networks learn statistics of increasing complexity",
    arXiv 2402.04362.

    Args:
        kind: One of `KINDS`.

    Raises:
        ValueError: For another kind.
    """

    kind: str
    uses_renders: ClassVar[bool] = False
    needs: ClassVar[frozenset[Need]] = frozenset({Need.network, Need.real})

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind={self.kind}: allowed are {', '.join(KINDS)}")

    @property
    def name(self) -> str:
        """`clones/` and the kind."""
        return f"clones/{self.kind}"

    def controls(self, subject: Subject) -> dict[str, Tensor]:
        """Chance, and the same for the images as they are."""
        real = None if self.kind == "real" else Clones("real")(subject)
        return {"chance": torch.tensor([0.5]), **({} if real is None else {"real": real})}

    def matrix(self, subject: Subject) -> Tensor | None:
        """Share told rightly, of each class from each other (K, K); the diagonal is 1."""
        real, predict = subject.real, subject.predict
        if real is None or predict is None or subject.answers is None:
            return None
        answers = subject.answers

        def computed() -> Tensor:
            given = answers if self.kind == "real" else predict(KINDS[self.kind](real))
            return told_apart(given, real.val_labels, len(subject.images))

        return subject.once(self.name, computed)

    def __call__(self, subject: Subject) -> Tensor | None:
        matrix = self.matrix(subject)
        return None if matrix is None else mean_of_others(matrix)


def told_apart(answers: Tensor, labels: Tensor, classes: int) -> Tensor:
    """From probabilities (N, K) and classes (N,) to the matrix of `Clones`; NaN for a class without images."""
    rows = []
    for label in range(classes):
        own = answers[labels == label].double()
        others = own[:, label, None]
        rows.append(((others > own).double() + 0.5 * (others == own).double()).mean(0))
    matrix = torch.stack(rows)
    return matrix.masked_fill(torch.eye(classes, dtype=torch.bool), 1)


def grey(real: Real) -> Tensor:
    """Without colour: luma in each channel."""
    return rgb_to_grayscale(real.val, 3) if real.val.shape[1] == 3 else real.val


def low_pass(real: Real) -> Tensor:
    """Without detail: blurred by a Gaussian of a sixteenth of the side."""
    side = min(real.val.shape[-2:])
    sigma = side / BLUR
    width = min(2 * round(3 * sigma) + 1, 2 * (side // 2) - 1)
    return gaussian_blur(real.val, [width, width], [sigma, sigma])


def patches(real: Real) -> Tensor:
    """Without arrangement: 8 x 8 patches in a random order, another for each image."""
    images = real.val
    high, wide = (side // CELLS for side in images.shape[-2:])
    order = torch.rand((len(images), CELLS**2), generator=torch.Generator().manual_seed(SEED)).argsort(1)
    found = images.clone()
    inner = found[..., : high * CELLS, : wide * CELLS]  # without the rest of a side that is no multiple of the cells
    inner.copy_(rearranged(inner, high, wide, order))
    return found


def gaussian(real: Real) -> Tensor:
    """Without all but the mean and covariance of each class: samples of a Gaussian, clipped to 0..1."""
    generator = torch.Generator().manual_seed(SEED)
    found = torch.empty_like(real.val)
    for label in real.val_labels.unique().tolist():
        places = (real.val_labels == label).nonzero().flatten()
        own = real.val[places].flatten(1)
        weights = torch.randn((len(own), len(own)), generator=generator) / max(1, len(own) - 1) ** 0.5
        found[places] = (own.mean(0) + weights @ (own - own.mean(0))).clamp(0, 1).view(-1, *real.val.shape[1:])
    return found


KINDS: dict[str, Callable[[Real], Tensor]] = {
    "real": lambda real: real.val,
    "grey": grey,
    "low_pass": low_pass,
    "patches": patches,
    "gaussian": gaussian,
}
"""By name, the clones (N, C, H, W) in 0..1 of the validation images, in their order."""
