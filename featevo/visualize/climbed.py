"""What the ascent of one batch returns."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from featevo.visualize.layers import Seen


@dataclass(frozen=True)
class Climbed:
    """Result of a batch.

    Attributes:
        images: (B, C, H, W) in 0..1.
        values: (B,): their objectives, without transforms and penalties.
        seen: Result of their forward pass.
        trace: (steps, B): objectives before each step; NaN after an image's end.
        ended: (B,): the step after which each image ended.
        moved: (B,): whether any step had a gradient.
        helped: (B,): whether a zero gradient was replaced by a leaky one.
        strength: (B, H, W): the sum over steps of the objective's absolute gradient, mean over channels.
        snapshots: (B, C, H, W) after the steps in `settings.snapshots`.
    """

    images: Tensor
    values: Tensor
    seen: Seen
    trace: Tensor
    ended: Tensor
    moved: Tensor
    helped: Tensor
    strength: Tensor
    snapshots: dict[int, Tensor]
