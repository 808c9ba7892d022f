"""What measures are computed from: the renders of one snapshot, the network that they were made for, real data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from featevo.measure.ladder import examined
from featevo.measure.needs import Need, needs_of

Predict = Callable[[Tensor], Tensor]
"""From images (B, C, H, W) in 0..1 to probabilities of the classes (B, K)."""

Embed = Callable[[Tensor], Tensor]
"""From images (B, C, H, W) in 0..1 to features (B, D); distances between images are Euclidean there."""


@dataclass(frozen=True)
class Subject:
    """One render per class, with what measures may use besides.

    Attributes:
        images: (K, C, H, W), float32 in 0..1, on the CPU; image k is for class k.
        predict: The network's probabilities for any images; None where the network is not available.
        embed: Features of an independent network, see `featevo.measure.stability`; None where there is none.
        validation: Number of real validation images of class i (row) that the network assigns to class j (column),
            (K, K); None where there are no labelled images.
        others: The same classes rendered from further seeds (S, K, C, H, W); None where there are none.
        before: The images of the snapshot before, like `images`; None for the first one.
    """

    images: Tensor
    predict: Predict | None
    embed: Embed | None = None
    validation: Tensor | None = None
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

    def instead(self, images: Tensor) -> Subject:
        """The same for other images, as controls; without what depends on seeds and on earlier snapshots."""
        return replace(self, images=images, others=None, before=None, known={})


class Measure(Protocol):
    """A number about renders. A new one is a class like this, named under `terms` in `conf/measures`.

    A measure may also have `matrix(subject)`, (K, K) or None: row = the image's class, column = the class that it is
    assigned to; rows sum to 1.

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

    def refusal(self, size: int, channels: int) -> str | None:
        """Why it may not be used for such images; None where it may.

        A measure may state in `smallest` from which size on it passes the ladder; any other is tested here.
        """
        if channels not in (1, 3):
            return f"it takes images of 1 or 3 channels, these have {channels}"
        smallest = getattr(self.measure, "smallest", None)
        if smallest is None:
            verdict = examined(self.measure, size)
            return None if verdict.accepted else f"at {size} pixels {verdict.reason}"
        return None if size >= smallest else f"it passes the ladder from {smallest} pixels on, these have {size}"


class ImageMeasure(Protocol):
    """A number about images of any kind."""

    @property
    def name(self) -> str: ...

    def __call__(self, images: Tensor, /) -> Tensor: ...


def coloured(images: Tensor) -> Tensor:
    """Grey images (B, 1, H, W) with three equal channels, others unchanged."""
    return images.expand(-1, 3, -1, -1) if images.shape[1] == 1 else images


def off_diagonal(matrix: Tensor) -> Tensor:
    """The entries of (K, K) beside the diagonal, row by row."""
    return matrix[~torch.eye(len(matrix), dtype=torch.bool)]
