"""What measures are computed from: the renders of one snapshot, the network that they were made for, real data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from featevo.measure.layer_change import GramsOf
from featevo.measure.needs import Need, needs_of

Predict = Callable[[Tensor], Tensor]
"""From images (B, C, H, W) in 0..1 to probabilities of the classes (B, K)."""

Embed = Callable[[Tensor], Tensor]
"""From images (B, C, H, W) in 0..1 to features (B, D); distances between images are Euclidean there."""


SETS = 4
"""Images of each class, or of noise, over which a control is computed."""


@dataclass(frozen=True, eq=False)
class Real:
    """Real images (N, C, H, W), float32 in 0..1, and the classes (N,) of those for validation.

    The training images have no labels here, as they may be wrong on purpose (`data.wrong_labels`).
    """

    train: Tensor
    val: Tensor
    val_labels: Tensor

    def controls(self, classes: int) -> list[Tensor]:
        """Up to `SETS` sets of validation images, one of each class each; as many as half of the rarest class."""
        places = self._places(classes)
        return [self.val[torch.stack([own[n] for own in places])] for n in range(_sets(places))]

    def references(self, classes: int, most: int) -> tuple[Tensor, Tensor]:
        """Up to so many validation images of each class that are in no control, and their classes; may be empty."""
        places = self._places(classes)
        chosen = torch.cat([own[_sets(places) :][:most] for own in places])
        return self.val[chosen], self.val_labels[chosen]

    def _places(self, classes: int) -> list[Tensor]:
        return [(self.val_labels == label).nonzero().flatten() for label in range(classes)]


def _sets(places: Sequence[Tensor]) -> int:
    return min(SETS, *((len(own) + 1) // 2 for own in places))


@dataclass(frozen=True)
class Subject:
    """One render per class, with what measures may use besides.

    Attributes:
        images: (K, C, H, W), float32 in 0..1, on the CPU; image k is for class k.
        predict: The network's probabilities for any images; None where the network is not available.
        embed: Features of an independent network, see `featevo.measure.stability`; None where there is none.
        real: Real images; None where there are none.
        answers: The network's probabilities (N, K) for the validation images of `real`; None without both.
        grams: Gram matrices of the network's layers for any images; None where the network is not available.
        others: The same classes rendered from further seeds (S, K, C, H, W); None where there are none.
        before: The images of the snapshot before, like `images`; None for the first one.
    """

    images: Tensor
    predict: Predict | None
    embed: Embed | None = None
    real: Real | None = None
    answers: Tensor | None = None
    grams: GramsOf | None = None
    others: Tensor | None = None
    before: Tensor | None = None
    known: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, compute: Callable[[], Tensor]) -> Tensor:
        """Compute what several measures need once, and keep it under a name."""
        if name not in self.known:
            self.known[name] = compute()
        return self.known[name]

    @cached_property
    def probabilities(self) -> Tensor | None:
        """The network's own output for the images (K, K), row = image; None where it is not available."""
        return None if self.predict is None else self.predict(self.images)

    @cached_property
    def validation(self) -> Tensor | None:
        """Number of validation images of class i (row) that the network assigns to class j (column), (K, K)."""
        if self.real is None or self.answers is None:
            return None
        classes = len(self.images)
        cells = self.real.val_labels * classes + self.answers.argmax(1)
        return cells.bincount(minlength=classes * classes).view(classes, classes)

    def instead(self, images: Tensor) -> Subject:
        """The same for other images, as controls; without what depends on seeds and on earlier snapshots."""
        return replace(self, images=images, others=None, before=None, known={})


class Measure(Protocol):
    """A number about renders. A new one is a class like this, named under `terms` in `conf/measures`.

    A measure may also have `matrix(subject)`, (K, K) or None: row = the image's class, column = the class that it is
    assigned to; rows sum to 1.

    It may have `refusal(module, channels)`, with the network before training and the number of channels of the images:
    one line why it is left out of the run, or None.

    One that does not depend on the renders states `uses_renders = False`. It may have `controls(subject)`, values by
    kind of control that are recorded beside it, such as `chance`.

    Its `needs` name what it uses besides the images, see `featevo.measure.needs`; without them it is taken to need the
    network.
    """

    @property
    def name(self) -> str:
        """`<family>/<name>`, as the record and trackers have it."""

    def __call__(self, subject: Subject, /) -> Tensor | None:
        """One value per image (K,), or one for the whole snapshot (); None where the subject lacks what it needs."""


@dataclass(frozen=True)
class OfImages:
    """A measure of colour images alone, such as complexity, as a measure of a subject.

    Attributes:
        measure: From images (B, 3, H, W) in 0..1 to one value each (B,), with a name.
    """

    measure: ImageMeasure

    @property
    def needs(self) -> frozenset[Need]:
        """The measure's own."""
        return needs_of(self.measure)

    @property
    def name(self) -> str:
        """The measure's own."""
        return self.measure.name

    def __call__(self, subject: Subject) -> Tensor:
        return self.measure(coloured(subject.images))

    def refusal(self, module: nn.Module, channels: int) -> str | None:
        """Why it cannot be computed for the images of a network; None where it can."""
        return None if channels in (1, 3) else f"it takes images of 1 or 3 channels, these have {channels}"


class ImageMeasure(Protocol):
    """A number about images of any kind."""

    @property
    def name(self) -> str: ...

    def __call__(self, images: Tensor, /) -> Tensor: ...


def coloured(images: Tensor) -> Tensor:
    """Grey images (B, 1, H, W) with three equal channels, others unchanged."""
    return images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images


def mean_of_others(matrix: Tensor) -> Tensor:
    """The mean of each row of (K, K) without the diagonal and without NaN (K,); NaN where nothing is left."""
    return matrix.masked_fill(torch.eye(len(matrix), dtype=torch.bool), torch.nan).nanmean(1)


def off_diagonal(matrix: Tensor) -> Tensor:
    """The entries of (K, K) beside the diagonal, row by row."""
    return matrix[~torch.eye(len(matrix), dtype=torch.bool)]
