"""Likeness: whether renders can be matched with real images of their classes, by an unrelated network."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from featevo.measure.controls import is_related
from featevo.measure.equalise import equalised
from featevo.measure.forced_choice import matching
from featevo.measure.needs import Need
from featevo.measure.subject import Real, Subject, mean_of_others
from featevo.measure.viewers import VIEWERS, Viewer

MOST_CLASSES = 64
"""With more there is no value: each class needs real images of its own, and their features are held in memory."""

MOST = 256
"""Most real images that renders are compared with."""


@dataclass
class Likeness:
    """Matching forced choice: which of two renders belongs to which of two real images, one of each class?

    All images have the same mean and contrast, so that neither decides; each render is also seen mirrored, and the mean
    is taken. 0.5 is chance, for any number of classes; `real` among the controls is the ceiling. 1 - the matrix is the
    confusion of two classes.

    Args:
        viewer: A name in `featevo.measure.viewers.VIEWERS`.
        weights: A file, for viewers that take one.

    Raises:
        ValueError: For another viewer.
        UserError: When its weights cannot be read.
    """

    viewer: str = "efficientnet_lite0"
    weights: str | None = None
    needs: ClassVar[frozenset[Need]] = frozenset({Need.real})
    _viewer: Viewer = field(init=False, repr=False)
    _known: tuple[Real, Tensor, Tensor] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        if self.viewer not in VIEWERS:
            raise ValueError(f"viewer={self.viewer}: allowed are {', '.join(VIEWERS)}")
        self._viewer = VIEWERS[self.viewer](None if self.weights is None else Path(self.weights))

    @property
    def name(self) -> str:
        """`likeness/` and the viewer."""
        return f"likeness/{self.viewer}"

    def refusal(self, module: nn.Module, channels: int) -> str | None:
        """Why it cannot be computed for the renders of a network; None where it can."""
        if channels not in (1, 3):
            return f"it takes images of 1 or 3 channels, these have {channels}"
        return "the network starts from the viewer's weights" if is_related(self._viewer.net, module) else None

    def controls(self, subject: Subject) -> dict[str, Tensor]:
        """Chance, where there is a value."""
        return {} if self.matrix(subject) is None else {"chance": torch.tensor([0.5])}

    def matrix(self, subject: Subject) -> Tensor | None:
        """Share matched rightly, for each two classes (K, K)."""
        if subject.real is None or len(subject.images) > MOST_CLASSES:
            return None
        real, labels = self._features(subject.real, len(subject.images))
        if not len(labels):
            return None
        images = equalised(subject.images)
        ways = (images, images.flip(-1))

        def computed() -> Tensor:
            return torch.stack([matching(self._viewer.features(way), real, labels) for way in ways]).mean(0)

        return subject.once(self.name, computed)

    def __call__(self, subject: Subject) -> Tensor | None:
        matrix = self.matrix(subject)
        return None if matrix is None else mean_of_others(matrix)

    def _features(self, real: Real, classes: int) -> tuple[Tensor, Tensor]:
        """Of the real images to compare with, computed once per run, and their classes."""
        if self._known is None or self._known[0] is not real:
            images, labels = real.references(classes, MOST // classes)
            found = self._viewer.features(equalised(images)) if len(images) else images
            self._known = real, found, labels
        return self._known[1:]
