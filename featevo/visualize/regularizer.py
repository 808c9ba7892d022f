"""A regularizer: what keeps pictures from becoming noise. `bundles` has those with a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from featevo.visualize.bundles import BUNDLES
from featevo.visualize.operators import Clip, Operator, Step
from featevo.visualize.optimizers import NormalisedAscent, Optimizer
from featevo.visualize.parameterizations import Examples, Parameterization, Pixels, Shape
from featevo.visualize.penalties import Penalty
from featevo.visualize.schedule import at
from featevo.visualize.streams import Streams, stream
from featevo.visualize.transforms import Transform, resized

TERMS = ("operators", "penalties", "transforms")
"""The parts that hold terms by name."""


@dataclass(frozen=True)
class Regularizer:
    """Everything that shapes a picture besides its unit; terms by name, applied in their order.

    Args:
        operators: Applied to the pictures after the steps that are multiples of their `every`; in their order, but a
            `Clip` after all others, wherever it is given, so that none of them leaves pixels outside the range.
        penalties: Subtracted from the objective, times their weight.
        balanced: Whether penalties are weighed against the objective's gradient at standard deviation 1 and summed over
            pixels, so that one weight serves units of any scale; otherwise they are subtracted as they are.
        transforms: Change what the network sees.
        samples: How often each step shows a picture, each time transformed anew; the objective is the mean.
        parameterization: What is optimised.
        optimizer: How a gradient becomes a step.

    Raises:
        ValueError: For less than one sample of a picture.
    """

    operators: Mapping[str, Operator] = field(default_factory=dict)
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    balanced: bool = False
    transforms: Mapping[str, Transform] = field(default_factory=dict)
    samples: int = 1
    parameterization: Parameterization = field(default_factory=Pixels)
    optimizer: Optimizer = field(default_factory=NormalisedAscent)

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples={self.samples}: must be at least 1")
        clip_last = sorted(self.operators.items(), key=lambda item: isinstance(item[1], Clip))
        object.__setattr__(self, "operators", dict(clip_last))

    def apply(self, pictures: Tensor, step: Step) -> Tensor:
        """The pictures (B, C, H, W) after the operators due at this step."""
        for operator in self.operators.values():
            if step.number % operator.every == 0:
                pictures = operator(pictures, step)
        return pictures

    def acts(self, number: int) -> bool:
        """Whether any operator is due at this step; steps count from 1."""
        return any(number % operator.every == 0 for operator in self.operators.values())

    @property
    def period(self) -> int:
        """After so many steps the same operators are due again."""
        return math.lcm(*(operator.every for operator in self.operators.values()))

    def penalty(self, pictures: Tensor, progress: float) -> Tensor:
        """The sum (B,) of all penalties of pictures (B, C, H, W) at a progress from 0 to 1."""
        terms = [at(penalty.weight, progress) * penalty(pictures) for penalty in self.penalties.values()]
        return torch.stack(terms).sum(0) if terms else pictures.new_zeros(len(pictures))

    def seen(self, pictures: Tensor, streams: Streams) -> Tensor:
        """What the network sees (B * samples, C, H, W) of pictures (B, C, H, W)."""
        if not self.transforms:
            return pictures
        size = (pictures.shape[2], pictures.shape[3])
        pictures = pictures.repeat_interleave(self.samples, 0)
        for transform in self.transforms.values():
            pictures = transform(pictures, streams)
        return resized(pictures, size)

    def check(self, shape: Shape, examples: Examples) -> None:
        """Try everything once on one picture.

        Raises:
            ValueError: When a part does not fit pictures of this shape, such as a filter larger than they are.
        """
        space = self.parameterization.space(shape, examples)
        with torch.no_grad():
            pictures = space.decode(space.noise(stream(0, 0))[None])
            self.seen(pictures, Streams([stream(0, 0)], self.samples))
            self.penalty(pictures, 0.0)
            for operator in self.operators.values():
                operator(pictures, Step(1, 1, torch.zeros_like(pictures)))

    def described(self) -> dict[str, Any]:
        """All parts as plain values, for the record."""
        terms = {part: {name: repr(term) for name, term in getattr(self, part).items()} for part in TERMS}
        return {
            "parameterization": repr(self.parameterization),
            "optimizer": repr(self.optimizer),
            **terms,
            "period": self.period,
            "balanced": self.balanced,
            "samples": self.samples,
        }

    @classmethod
    def named(cls, name: str) -> Regularizer:
        """The bundle of that name in `featevo.visualize.bundles`.

        Raises:
            ValueError: When there is none; the message lists those there are.
        """
        if name not in BUNDLES:
            raise ValueError(f"regularizer={name!r} is not known; there are: {', '.join(sorted(BUNDLES))}")
        return cls(**BUNDLES[name])
