"""Where a render starts: random noise, the mean of pictures, or a given picture, such as the last snapshot's."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from featevo.visualize.parameterizations import Examples, Shape, Space, fitting, within_range
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
        start: "noise": the parameterization's own, by seed, unit and copy; "mean": the mean of the examples plus the
            pixels' faint noise, as flat pictures have no gradient to tell copies apart; or pictures in 0..1 (C, H, W)
            for all, or (U, C, H, W), one per unit.
        space: Makes coefficients of them.
        shape: Of the pictures.
        units: Index of each unit.
        copies: Pictures per unit.
        seed: Of the noise.
        examples: (N, C, H, W) in 0..1, for "mean".

    Raises:
        ValueError: For an unknown name, pictures of another shape, or missing examples.
    """
    keys = [(unit, copy) for unit in units for copy in range(copies)]
    if isinstance(start, Tensor):
        given = within_range(start, "start")
        if tuple(given.shape) not in (shape, (len(units), *shape)):
            raise ValueError(f"start of shape {tuple(given.shape)}: give {shape}, or {(len(units), *shape)}")
        pictures = given.expand(len(units), *shape).repeat_interleave(copies, 0)
        return space.encode(pictures)
    if start == "noise":
        return torch.stack([space.noise(stream(seed, unit, copy)) for unit, copy in keys])
    if start == "mean":
        mean = fitting(examples, shape, "start=mean").mean(0)
        noise = [torch.randn(shape, generator=stream(seed, unit, copy)) for unit, copy in keys]
        return space.encode((mean + MEAN_NOISE * torch.stack(noise)).clamp(0, 1))
    raise ValueError(f"start={start!r}: use one of {', '.join(STARTS)}, or pictures")


MEAN_NOISE = 0.05
"""Standard deviation of the noise on the mean picture."""
