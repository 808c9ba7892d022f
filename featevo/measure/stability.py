"""Stability: how much pictures change over training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from featevo.measure.needs import Need
from featevo.measure.subject import Subject


@dataclass(frozen=True)
class Drift:
    """Change since the snapshot before, in units of what another seed changes; 1: no more than a new seed does.

    D_k = d(x_k, x_k before) / mean over pairs of seeds of d(x_k from one, x_k from the other), with d the Euclidean
    distance of the judge's standardised features. Same seed, same start at every epoch, so a change is the weights'.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({Need.judge, Need.seeds, Need.before})

    name: str = "stability/drift"

    def __call__(self, subject: Subject) -> Tensor | None:
        if subject.before is None or subject.others is None or subject.judge is None:
            return None
        noise = seed_noise(subject)
        assert noise is not None
        moved = (subject.judge.embed(subject.pictures) - subject.judge.embed(subject.before)).norm(dim=1)
        return torch.where(noise > 0, moved / noise, torch.nan)


def seed_noise(subject: Subject) -> Tensor | None:
    """Mean distance (K,) between pictures of a class from different seeds; None without judge or further seeds."""
    if subject.others is None or subject.judge is None:
        return None
    everyone = torch.cat([subject.pictures[None], subject.others])
    features = subject.judge.embed(everyone.flatten(0, 1)).unflatten(0, everyone.shape[:2])
    one, other = torch.triu_indices(len(features), len(features), offset=1)
    return (features[one] - features[other]).norm(dim=2).mean(0)
