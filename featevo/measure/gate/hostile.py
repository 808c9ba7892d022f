"""Hostile pictures: noise with the contrast, the smoothness or the edges of structure, and photographs taken apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from featevo.measure.blocks import rearranged
from featevo.measure.complexity import scrambled
from featevo.measure.equalise import equalised
from featevo.visualize.filters import median_filter

BLURS = (1, 2, 3, 4, 6, 8)
"""Standard deviations of Gaussian blurs in pixels."""

CONTRASTS = (0.1, 0.2, 0.3)
"""RMS contrasts of blurred noise, before values outside 0..1 are clipped."""

SATURATED = 2.0
"""RMS contrast of saturated noise before clipping: 80 % of its values are clipped."""

EXPONENTS = (1.0, 1.5)
"""Of 1/f noise: its amplitudes fall with the frequency to this power. Those of photographs fall with about 1."""

MEDIANS = 9
SQUARES = (2, 4, 8)
"""Sides of the squares of checkerboards in pixels."""

BLOCK = 8
"""Side of shuffled blocks in pixels."""

PHASES = 100
"""First seed of random phases; lower ones are those of `RankBeyondChance`'s own surrogates."""


def noise(size: int, number: int, seed: int = 0) -> dict[str, Tensor]:
    """Noise that is blurred, saturated, of 1/f spectrum or median-filtered, and checkerboards.

    All channels are independent, the borders of blurred and 1/f noise are periodic.

    Args:
        size: Side of the pictures in pixels.
        number: Of pictures of each kind.
        seed: Of the random stream.

    Returns:
        By kind, (number, 3, size, size), float32 in 0..1.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (number, 3, size, size)
    frequency = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None])
    pictures: dict[str, Tensor] = {}
    for blur in BLURS:
        transfer = torch.exp(-2 * (math.pi * blur * frequency) ** 2)
        blurred = _filtered(torch.randn(shape, generator=generator), transfer)
        pictures |= {f"blur {blur} px, RMS {rms}": equalised(blurred, rms) for rms in CONTRASTS}
        pictures[f"blur {blur} px, saturated"] = equalised(blurred, SATURATED)
    for exponent in EXPONENTS:
        transfer = torch.where(frequency > 0, frequency**-exponent, 0)
        name = "1/f noise" if exponent == 1 else f"1/f^{exponent} noise"
        pictures[name] = equalised(_filtered(torch.randn(shape, generator=generator), transfer))
    filtered = torch.rand(shape, generator=generator)
    for _ in range(MEDIANS):
        filtered = median_filter(filtered)
    pictures["nine medians, stretched"] = _stretched(filtered)
    for side in SQUARES:
        places = torch.randint(2 * side, (number, 2), generator=generator).tolist()
        pictures[f"checkerboard {side} px"] = torch.stack([_checkerboard(size, side, *place) for place in places])
    return pictures


def phase_randomised(images: Tensor) -> Tensor:
    """Images (B, C, H, W) in 0..1 with random phases, other ones for each image."""
    return torch.cat([scrambled(image[None], PHASES + place) for place, image in enumerate(images)])


def block_shuffled(images: Tensor, seed: int = 0) -> Tensor:
    """Images (B, C, H, W) with their blocks of 8 x 8 pixels in random places; height and width are multiples of 8."""
    generator = torch.Generator().manual_seed(seed)
    count = images.shape[2] * images.shape[3] // BLOCK**2
    order = torch.stack([torch.randperm(count, generator=generator) for _ in images])
    return rearranged(images, BLOCK, BLOCK, order)


def _filtered(white: Tensor, transfer: Tensor) -> Tensor:
    return torch.fft.irfft2(torch.fft.rfft2(white) * transfer, s=white.shape[-2:])


def _stretched(images: Tensor) -> Tensor:
    """Each image from 0 to 1."""
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    return (images - low) / (high - low)


def _checkerboard(size: int, side: int, down: int, right: int) -> Tensor:
    """Black and white squares (3, size, size), shifted."""
    rows, columns = ((torch.arange(size) + shift) // side for shift in (down, right))
    return ((rows[:, None] + columns[None]) % 2).float().expand(3, -1, -1)
