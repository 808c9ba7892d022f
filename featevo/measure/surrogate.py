"""Noise with a picture's own amplitude spectrum: what the picture would be if its phases meant nothing."""

from __future__ import annotations

import torch
from torch import Tensor


def scrambled(pictures: Tensor, seed: int = 0) -> Tensor:
    """Pictures with random phases in place of theirs.

    All channels of all pictures get the same phase shifts, so colours stay coupled as they were, and a picture's
    surrogate does not depend on its batch. Source: J. Theiler et al., "Testing for nonlinearity in time series: the
    method of surrogate data", Physica D 58, 1992, in two dimensions.

    Args:
        pictures: (B, C, H, W) in 0..1.
        seed: Of the phases.

    Returns:
        The same shape, clipped to 0..1.
    """
    generator = torch.Generator().manual_seed(seed)
    # The phases of a real field: opposite at opposite frequencies, so the result is real again.
    shifts = torch.fft.rfft2(torch.randn(pictures.shape[-2:], generator=generator).to(pictures))
    shifts = shifts / shifts.abs()
    mean = pictures.mean((-2, -1), keepdim=True)
    spectrum = torch.fft.rfft2(pictures - mean) * shifts
    return (torch.fft.irfft2(spectrum, s=pictures.shape[-2:]) + mean).clamp(0, 1)
