"""Recognition: whether a judge that took no part sees the class that a picture was drawn for.

Off by default, and shown nowhere: see `featevo.record.withheld`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.needs import Need
from featevo.measure.subject import Answer, Subject


@dataclass(frozen=True)
class Recognition:
    """The probability in 0..1 that the judge gives the intended class."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    name: str = "recognition/judge"

    def __call__(self, subject: Subject) -> Tensor | None:
        return None if subject.judged is None else subject.judged.diagonal()


@dataclass(frozen=True)
class Top1:
    """1 where the intended class is the judge's first choice, else 0; its mean is an accuracy."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge})

    name: str = "recognition/judge_top1"

    def __call__(self, subject: Subject) -> Tensor | None:
        if subject.judged is None:
            return None
        choice = subject.judged.argmax(1)
        return (choice == torch.arange(len(choice))).double()


@dataclass(frozen=True)
class SeedAgreement:
    """Share of pairs of a class's pictures, from different seeds, that the judge takes for the same class."""

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge, Need.seeds})

    name: str = "recognition/seeds"

    def __call__(self, subject: Subject) -> Tensor | None:
        if subject.others is None or subject.judge is None:
            return None
        everyone = torch.cat([subject.pictures[None], subject.others])
        choices = subject.judge(everyone.flatten(0, 1)).argmax(1).unflatten(0, everyone.shape[:2])
        one, other = torch.triu_indices(len(choices), len(choices), offset=1)
        return (choices[one] == choices[other]).double().mean(0)


def transfer(answers: Iterable[Answer], pictures: Sequence[Tensor]) -> Tensor:
    """What the networks of other epochs say of the pictures of an epoch: T[i, j], the mean over classes of the
    probability that the network of snapshot j gives the intended class of the pictures of snapshot i.

    Args:
        answers: The network of each snapshot, asked one after the other.
        pictures: (K, C, H, W) of each snapshot, picture k of class k.

    Returns:
        (T, T) in 0..1; the diagonal is what the drawn network itself says.
    """
    everything = torch.cat(list(pictures))
    columns = []
    for answer in answers:
        parts = answer(everything).split([len(shown) for shown in pictures])
        columns.append(torch.stack([part.diagonal().mean() for part in parts]))
    return torch.stack(columns, 1)
