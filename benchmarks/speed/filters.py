"""Median filters of 5 x 5 pixels that replicate the border: featevo's, and those of other packages."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from unittest.mock import patch

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor

from benchmarks.speed.cases import MEDIAN
from featevo.visualize import median_filter


def without_opencv(images: Tensor) -> Tensor:
    """featevo's where OpenCV is not installed."""
    with patch("featevo.visualize.filters._opencv", return_value=None):
        return median_filter(images, MEDIAN)


def unfolded(images: Tensor) -> Tensor:
    """The usual few lines of PyTorch: all windows as rows, then the median of each."""
    margin = MEDIAN // 2
    padded = F.pad(images, (margin, margin, margin, margin), mode="replicate")
    windows = padded.unfold(2, MEDIAN, 1).unfold(3, MEDIAN, 1)
    return windows.reshape(*images.shape, MEDIAN * MEDIAN).median(-1).values


def by_scipy(images: Tensor) -> Tensor:
    """The reference."""
    return torch.from_numpy(ndimage.median_filter(images.numpy(), (1, 1, MEDIAN, MEDIAN), mode="nearest"))


def by_opencv(images: Tensor) -> Tensor:
    """Plane by plane: in one call a plane is a channel, of which there are at most four."""
    import cv2

    planes = [cv2.medianBlur(plane, MEDIAN) for plane in images.flatten(0, 1).numpy()]
    return torch.from_numpy(np.stack(planes)).view(images.shape)


def by_kornia(images: Tensor) -> Tensor:
    from kornia.filters import median_blur

    return median_blur(images, MEDIAN, border_type="replicate")


FILTERS: dict[str, Callable[[Tensor], Tensor]] = {
    "featevo": lambda images: median_filter(images, MEDIAN),
    "featevo without OpenCV": without_opencv,
    "unfold": unfolded,
    "scipy": by_scipy,
}
"""By name; those of OpenCV and kornia where these are installed."""

FILTERS |= {
    name: found
    for name, package, found in (("OpenCV", "cv2", by_opencv), ("kornia", "kornia", by_kornia))
    if find_spec(package)
}
