"""The start of a render: random noise, the mean of images, or a given image, such as that of the last snapshot."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from featevo.visualize.parameterizations import START_STD, Examples, Shape, Space, fitting, within_range
from featevo.visualize.streams import stream

Start = str | Tensor
"""How renders start; see `starts`."""

STARTS = ("noise", "mean")
"""Starts by name."""


def starts(
    start: Start, space: Space, shape: Shape, units: Sequence[int], copies: int, seed: int, examples: Examples
) -> Tensor:
    """Start coefficients (U * copies, ...) on the CPU; row = unit * copies + copy.

    Args:
        start: "noise": the parameterization's own, by seed, unit and copy; "mean": the mean of the examples plus faint
            noise, because flat images have no gradient that separates copies; or images in 0..1 (C, H, W) for all, or
            (U, C, H, W), one per unit.
        space: Encodes images.
        shape: Of the images.
        units: Index of each unit.
        copies: Images per unit.
        seed: Of the noise.
        examples: (N, C, H, W) in 0..1, for "mean".

    Raises:
        ValueError: For an unknown name, images of another shape, or missing examples.
    """
    if isinstance(start, Tensor):
        given = within_range(start, "start")
        if tuple(given.shape) not in (shape, (len(units), *shape)):
            raise ValueError(f"start of shape {tuple(given.shape)}: give {shape}, or {(len(units), *shape)}")
        return space.encode(given.expand(len(units), *shape).repeat_interleave(copies, 0))
    generators = [stream(seed, unit, copy) for unit in units for copy in range(copies)]
    if start == "noise":
        return torch.stack([space.noise(generator) for generator in generators])
    if start == "mean":
        mean = fitting(examples, shape, "start=mean").mean(0)
        noise = torch.stack([torch.randn(shape, generator=generator) for generator in generators])
        return space.encode((mean + START_STD * noise).clamp(0, 1))
    raise ValueError(f"start={start!r}: use one of {', '.join(STARTS)}, or images")
