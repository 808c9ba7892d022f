"""What a measure is asked about: the pictures of one moment, the network that drew them, and the judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from featevo.measure.ladder import examined
from featevo.measure.needs import Need, needs_of
from featevo.measure.probe import Probe, coloured

Answer = Callable[[Tensor], Tensor]
"""From pictures (B, C, H, W) in 0..1 to probabilities of the classes (B, K)."""


def _nobody() -> None:
    return None


@dataclass(frozen=True)
class Subject:
    """One picture per class, and whom to ask about them.

    Attributes:
        pictures: (K, C, H, W), float32 in 0..1, on the CPU; picture k is of class k.
        answer: The network's probabilities, for any pictures; None where the network is not at hand.
        taught: Gives the judge, see `judge`; called only where a measure asks it, as teaching takes time.
        validation: How often the network said class j (column) to real validation pictures of class i (row), (K, K);
            None where there are no labelled ones.
        others: The same classes drawn from further seeds (S, K, C, H, W); None where none were drawn.
        before: The pictures of the snapshot before, like `pictures`; None for the first one.
    """

    pictures: Tensor
    answer: Answer | None
    taught: Callable[[], Probe | None] = _nobody
    validation: Tensor | None = None
    others: Tensor | None = None
    before: Tensor | None = None
    known: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, find: Callable[[], Tensor]) -> Tensor:
        """What several measures need is found once and kept under a name."""
        if name not in self.known:
            self.known[name] = find()
        return self.known[name]

    @cached_property
    def judge(self) -> Probe | None:
        """A network that took no part, taught the run's classes and perhaps others after them; None: there is none."""
        return self.taught()

    @cached_property
    def probabilities(self) -> Tensor | None:
        """The network's own answer to the pictures (K, K), row = picture; None where it is not at hand."""
        return None if self.answer is None else self.answer(self.pictures)

    @cached_property
    def judged(self) -> Tensor | None:
        """The judge's answer to the pictures (K, K or more); None where there is no judge."""
        return None if self.judge is None else self.judge(self.pictures)

    def instead(self, pictures: Tensor) -> Subject:
        """The same about other pictures, as controls: what has to do with seeds and time is left out."""
        return replace(self, pictures=pictures, others=None, before=None, known={})


class Measure(Protocol):
    """A number about renders. A new one is a class like this, named under `terms` in `conf/measures`.

    It says in `needs` what it uses besides the images, see `featevo.measure.needs`; otherwise it is taken to need the
    network that drew them.
    """

    @property
    def name(self) -> str:
        """`<family>/<name>`, as the record and trackers have it."""

    def __call__(self, subject: Subject, /) -> Tensor | None:
        """One value per picture (K,), or one of the whole snapshot (); None where the subject lacks what it needs."""


@dataclass(frozen=True)
class OfPictures:
    """A measure that looks at colour pictures alone, as complexity does, asked like any other.

    Attributes:
        measure: From pictures (B, 3, H, W) in 0..1 to one value each (B,), with a name.
    """

    measure: PictureMeasure

    @property
    def needs(self) -> frozenset[Need]:
        """The measure's own."""
        return needs_of(self.measure)

    @property
    def name(self) -> str:
        """The measure's own."""
        return self.measure.name

    def __call__(self, subject: Subject) -> Tensor:
        return self.measure(coloured(subject.pictures))

    def refusal(self, size: int, channels: int) -> str | None:
        """Why it may not be called complexity for such pictures; None where it may.

        A measure that says from which size on it passes the ladder is believed; any other climbs it here.
        """
        if channels not in (1, 3):
            return f"it looks at pictures of 1 or 3 channels, these have {channels}"
        smallest = getattr(self.measure, "smallest", None)
        if smallest is None:
            verdict = examined(self.measure, size)
            return None if verdict.accepted else f"at {size} pixels {verdict.reason}"
        return None if size >= smallest else f"it passes the ladder from {smallest} pixels on, these have {size}"


class PictureMeasure(Protocol):
    """A number about pictures of any kind."""

    @property
    def name(self) -> str: ...

    def __call__(self, pictures: Tensor, /) -> Tensor: ...


class MatrixMeasure(Measure, Protocol):
    """A measure whose values come from a matrix class by class."""

    def matrix(self, subject: Subject, /) -> Tensor | None:
        """(K, K or more), row = the picture's class, column = what it is taken for; rows sum to 1."""


def off_diagonal(matrix: Tensor) -> Tensor:
    """The entries of (K, K) beside the diagonal, row by row."""
    return matrix[~torch.eye(len(matrix), dtype=torch.bool)]
