"""A regularizer keeps images from becoming noise. `bundles` has the named ones."""

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
    """Everything that shapes an image besides its unit; terms by name, applied in their order.

    Args:
        operators: Applied to the images after the steps that are multiples of their `every`; in their order, but a
            `Clip` after all others, wherever it is given, so that no operator leaves pixels outside the range.
        penalties: Subtracted from the objective, times their weight.
        balanced: Whether penalties are balanced: summed over pixels, and the objective's gradient scaled to standard
            deviation 1, so that one weight fits units of any scale. Otherwise they are subtracted as they are.
        transforms: Change the network's input.
        samples: How often each step shows an image, each time with new random transforms; the objective is the mean.
        parameterization: What is optimised.
        optimizer: Turns a gradient into a step.

    Raises:
        ValueError: For less than one sample of an image.
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

    def due(self, number: int) -> list[Operator]:
        """The operators of this step, in order; steps count from 1."""
        return [operator for operator in self.operators.values() if number % operator.every == 0]

    def apply(self, images: Tensor, step: Step) -> Tensor:
        """The images (B, C, H, W) after the operators of this step."""
        for operator in self.due(step.number):
            images = operator(images, step)
        return images

    @property
    def period(self) -> int:
        """Number of steps after which the same operators are due again."""
        return math.lcm(*(operator.every for operator in self.operators.values()))

    def penalty(self, images: Tensor, progress: float) -> Tensor:
        """The sum (B,) of all penalties of images (B, C, H, W) at a progress from 0 to 1."""
        terms = [at(penalty.weight, progress) * penalty(images) for penalty in self.penalties.values()]
        return torch.stack(terms).sum(0) if terms else images.new_zeros(len(images))

    def seen(self, images: Tensor, streams: Streams) -> Tensor:
        """The network's input: images (B, C, H, W) after the transforms, (B * samples, C, H, W)."""
        if not self.transforms:
            return images
        size = (images.shape[2], images.shape[3])
        images = images.repeat_interleave(self.samples, 0)
        for transform in self.transforms.values():
            images = transform(images, streams)
        return resized(images, size)

    def check(self, shape: Shape, examples: Examples) -> None:
        """Run each part once on one image.

        Raises:
            ValueError: When a part does not fit images of this shape, such as a filter larger than they are.
        """
        space = self.parameterization.space(shape, examples)
        with torch.no_grad():
            images = space.decode(space.noise(stream(0, 0))[None])
            self.seen(images, Streams([stream(0, 0)], self.samples))
            self.penalty(images, 0.0)
            for operator in self.operators.values():
                operator(images, Step(1, 1, torch.zeros_like(images)))

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
            ValueError: When there is none; the message lists all names.
        """
        if name not in BUNDLES:
            raise ValueError(f"regularizer={name!r} is not known; there are: {', '.join(sorted(BUNDLES))}")
        return cls(**BUNDLES[name])
