"""Changes of a picture that leave its structure as it is: contrast, mean colour, mirroring."""

from __future__ import annotations

import torch
from torch import Tensor

CHANGES = ("a quarter of the contrast", "another mean colour", "mirrored")

HALF = "half the contrast, grey"
"""What a picture of another mean colour is compared with: in 0.25..0.75, so that the shift clips nothing."""

SHIFT = 0.2
"""Each channel is shifted up or down by this."""


def changed(images: Tensor, seed: int = 0) -> dict[str, Tensor]:
    """Pictures with less contrast, with another mean colour, and mirrored.

    Args:
        images: (B, 3, H, W) in 0..1.
        seed: Of the directions in which the channels are shifted, which differ between pictures.

    Returns:
        The pictures of `CHANGES` and `HALF`, like `images`. The contrast is that of `featevo.measure.equalise`, about
        the mean colour. Not all channels of a picture are shifted in one direction.
    """
    mean = images.mean((2, 3), keepdim=True)
    half = 0.5 + (images - 0.5) / 2
    generator = torch.Generator().manual_seed(seed)
    # Red, magenta, ...: a channel goes up and the others down, or the other way round.
    odd_one = torch.nn.functional.one_hot(torch.randint(3, (len(images),), generator=generator), 3) * 2 - 1
    sign = torch.randint(2, (len(images), 1), generator=generator) * 2 - 1
    shift = SHIFT * (odd_one * sign)[..., None, None]
    return {
        CHANGES[0]: mean + (images - mean) / 4,
        HALF: half,
        CHANGES[1]: half + shift,
        CHANGES[2]: images.flip(3),
    }


def compared_with(kind: str, change: str) -> str:
    """The name of the pictures that changed ones of a kind are compared with."""
    return named(kind, HALF) if change == CHANGES[1] else kind


def named(kind: str, change: str) -> str:
    """The name of changed pictures of a kind."""
    return f"{kind}, {change}"
