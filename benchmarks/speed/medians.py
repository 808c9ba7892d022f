"""featevo's median filter beside others, which must give the same pixels as scipy's."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from benchmarks.speed.filters import FILTERS, by_scipy
from benchmarks.speed.timing import interleaved, over, spreads

SHAPES = ((64, 4), (64, 64), (224, 4), (224, 64))
"""Side of the images in pixels, and how many."""


def medians(size: int, images: int, rounds: int, seed: int) -> dict[str, Any]:
    """Milliseconds per image of each filter, and how many times as fast as unfolding it is.

    Raises:
        AssertionError: When a filter differs from scipy's in any pixel.
    """
    pictures = torch.rand(images, 3, size, size, generator=torch.Generator().manual_seed(seed))
    exact = by_scipy(pictures)
    for name, median in FILTERS.items():
        assert torch.equal(median(pictures), exact), f"{name} differs from scipy"
    seconds = interleaved({name: partial(median, pictures) for name, median in FILTERS.items()}, rounds)
    ms = {name: [1000 * value / images for value in values] for name, values in seconds.items()}
    speeds = {name: [1 / value for value in values] for name, values in ms.items()}
    return {
        "size": size,
        "images": images,
        "rounds": rounds,
        "ms": spreads(ms),
        "times_unfold": over(speeds, speeds["unfold"]),
    }
