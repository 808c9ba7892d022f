"""Stability: how much pictures change over training, and from when on a class is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from featevo.measure.subject import Subject


@dataclass(frozen=True)
class Drift:
    """Change since the snapshot before, in units of what another seed changes; 1: no more than a new seed does.

    D_k = d(x_k, x_k before) / mean over pairs of seeds of d(x_k from one, x_k from the other), with d the Euclidean
    distance of the judge's standardised features. Same seed, same start at every epoch, so a change is the weights'.
    """

    name: str = "stability/drift"

    def __call__(self, subject: Subject) -> Tensor | None:
        if subject.judge is None or subject.before is None or subject.others is None:
            return None
        noise = seed_noise(subject)
        assert noise is not None
        moved = (subject.judge.embed(subject.pictures) - subject.judge.embed(subject.before)).norm(dim=1)
        return torch.where(noise > 0, moved / noise, torch.nan)


def seed_noise(subject: Subject) -> Tensor | None:
    """Mean distance (K,) between pictures of a class from different seeds; None without judge or further seeds."""
    if subject.judge is None or subject.others is None:
        return None
    everyone = torch.cat([subject.pictures[None], subject.others])
    features = subject.judge.embed(everyone.flatten(0, 1)).unflatten(0, everyone.shape[:2])
    one, other = torch.triu_indices(len(features), len(features), offset=1)
    return (features[one] - features[other]).norm(dim=2).mean(0)


def emergence(values: Sequence[float | None]) -> int | None:
    """From which snapshot on a class is there: the first at which its recognition is at least half of its highest
    and stays so; None where it never is, or nothing was measured.

    Args:
        values: Of one class, such as `recognition/judge`, in the order of training; None where not measured.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    highest = max((value for _, value in known), default=0.0)
    if highest <= 0:
        return None
    below = [number for number, (_, value) in enumerate(known) if value < highest / 2]
    first = below[-1] + 1 if below else 0
    return known[first][0] if first < len(known) else None
