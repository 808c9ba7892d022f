"""Gaussian blur, separable, of every picture by itself."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.visualize.median import BORDERS

REACH = 4.0
"""The kernel is cut off at this many standard deviations, as scipy's."""


def gaussian_blur(images: Tensor, sigma: float | Tensor, border: str = "replicate") -> Tensor:
    """Weigh every pixel's neighbourhood with a Gaussian; equal to `scipy.ndimage.gaussian_filter` to rounding.

    Args:
        images: (B, C, H, W), floating point.
        sigma: Standard deviation in pixels, 0 to leave as is: one for all, or one (B,) each.
        border: What lies outside the picture: "replicate" or "reflect".

    Returns:
        Blurred images of the same shape and dtype.

    Raises:
        ValueError: For an unknown border, a sigma below 0, or a kernel that a picture cannot be reflected for.
    """
    if border not in BORDERS:
        raise ValueError(f"border={border!r}: use one of {', '.join(BORDERS)}")
    count, channels, height, width = images.shape
    sigmas = torch.as_tensor(sigma, dtype=images.dtype, device=images.device).expand(count)
    if not float(sigmas.min()) >= 0:
        raise ValueError(f"sigma={sigma}: a blur's width cannot be below 0")
    radius = int(REACH * float(sigmas.max()) + 0.5)
    if radius == 0:
        return images
    if border == "reflect" and radius >= min(height, width):
        raise ValueError(f"sigma={float(sigmas.max()):g}: too wide to reflect a picture of {height} x {width} pixels")
    kernels = _kernels(sigmas, radius).repeat_interleave(channels, 0)
    planes = images.reshape(1, count * channels, height, width)
    padded = F.pad(planes, (radius, radius, radius, radius), mode=border)
    across = F.conv2d(padded, kernels[:, None, None, :], groups=count * channels)
    down = F.conv2d(across, kernels[:, None, :, None], groups=count * channels)
    return down.reshape(images.shape)


def _kernels(sigmas: Tensor, radius: int) -> Tensor:
    """One kernel (B, 2 * radius + 1) each, cut off at its own reach; sigma 0: the identity."""
    place = torch.arange(-radius, radius + 1, dtype=sigmas.dtype, device=sigmas.device)
    own = (REACH * sigmas + 0.5).floor()
    weights = torch.exp(-0.5 * (place / sigmas.clamp_min(1e-12)[:, None]) ** 2) * (place.abs() <= own[:, None])
    return weights / weights.sum(1, keepdim=True)
