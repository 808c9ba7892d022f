"""Filters that treat every image separately: an exact median from minima and maxima, and a separable Gaussian blur.

The median neither sorts nor copies whole windows, and works on any device. A window of k x k pixels consists of k
columns, which it shares with its neighbours, so each column is sorted once. Then the k columns of a window are sorted
against each other, rank by rank. After this most pixels of the window cannot be the median. A pruned sorting network
selects it from the rest (k = 5: 13 of 25). Minimum and maximum do not round, so the result equals
`scipy.ndimage.median_filter` bit for bit. Where OpenCV is installed and has the window, it computes the same
on the CPU.

Sources: shared columns, A. Adams, "Fast median filters using separable sorting networks", SIGGRAPH 2021; the network,
K. Batcher, "Sorting networks and their applications", 1968 (odd-even merge sort).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from featevo.visualize.checks import check_choice

BORDERS = {"replicate": "nearest", "reflect": "mirror"}
"""Border rules (torch's names) and their names in `scipy.ndimage`."""

Exchange = tuple[int, int, bool, bool]
"""Wires i < j, and whether the minimum (kept on i) and the maximum (kept on j) are needed."""


def check_window(kernel_size: int) -> None:
    """Raise `ValueError` for a median window that is not odd."""
    if kernel_size < 1 or kernel_size % 2 == 0:
        raise ValueError(f"kernel_size={kernel_size}: a median filter needs an odd window")


def median_filter(images: Tensor, kernel_size: int = 5, border: str = "replicate") -> Tensor:
    """Replace every pixel by the median of the square window around it.

    Args:
        images: (..., H, W), floating point, without NaN.
        kernel_size: Side of the window in pixels, odd.
        border: What lies outside the image: "replicate" (scipy's "nearest") or "reflect" (scipy's "mirror").

    Returns:
        Filtered images of the same shape and dtype.

    Raises:
        ValueError: For an even or too large kernel, an unknown border, or NaN, which would spread over windows.
    """
    check_window(kernel_size)
    check_choice(BORDERS, border=border)
    if bool(images.isnan().any()):
        place = tuple(images.isnan().nonzero()[0].tolist())
        raise ValueError(f"images contain NaN, which has no rank among numbers; the first at {place}")

    return median_of_finite(images, kernel_size, border)


AT_ONCE = 65_536
"""Most pixels that the CPU filters at once: two dozen copies of them fit into its caches."""


def median_of_finite(images: Tensor, kernel_size: int, border: str) -> Tensor:
    """`median_filter` without a check for NaN, for which the host would wait for a GPU."""
    height, width = images.shape[-2:]
    if min(height, width) < kernel_size:
        raise ValueError(f"kernel_size={kernel_size}: the image is only {height} x {width} pixels")
    planes = images.reshape(-1, height, width)
    if planes.device.type != "cpu":
        return _median(planes, kernel_size, border).reshape(images.shape)
    opencv = _opencv()
    differentiable = images.requires_grad and torch.is_grad_enabled()
    has_window = images.dtype == torch.float32 and kernel_size in (3, 5) and border == "replicate"
    if opencv and has_window and not differentiable:
        filtered = [torch.from_numpy(opencv.medianBlur(plane.numpy(), kernel_size)) for plane in planes.detach()]
        return torch.stack(filtered).reshape(images.shape)
    parts = planes.split(max(1, AT_ONCE // (height * width)))
    return torch.cat([_median(part, kernel_size, border) for part in parts]).reshape(images.shape)


@lru_cache
def _opencv() -> Any:
    try:
        # Ten times faster than PyTorch's operations, with equal results; an extra, so imported where it is used.
        import cv2
    except ImportError:
        return None
    return cv2


def _median(planes: Tensor, k: int, border: str) -> Tensor:
    _, height, width = planes.shape
    margin = k // 2
    padded = F.pad(planes[:, None], (margin, margin, margin, margin), mode=border)
    columns = [padded[..., row : row + height, :] for row in range(k)]
    _run(columns, _network(k, tuple(range(k))))

    candidates: list[Tensor] = []
    for rank, kept in enumerate(_median_candidates(k)):
        row = [columns[rank][..., shift : shift + width] for shift in range(k)]
        _run(row, _network(k, kept))
        candidates.extend(row[position] for position in kept)
    middle = len(candidates) // 2
    _run(candidates, _network(len(candidates), (middle,)))
    return candidates[middle]


def _median_candidates(k: int) -> list[tuple[int, ...]]:
    """For each row of a k x k array sorted along both axes: the positions that can be its median.

    The element at (i, j) has at least (i + 1)(j + 1) - 1 others below or equal to it, and (k - i)(k - j) - 1 above.
    """
    half = (k * k + 1) // 2
    return [tuple(j for j in range(k) if (i + 1) * (j + 1) <= half and (k - i) * (k - j) <= half) for i in range(k)]


def _run(wires: list[Tensor], network: tuple[Exchange, ...]) -> None:
    for i, j, need_low, need_high in network:
        low = torch.minimum(wires[i], wires[j]) if need_low else wires[i]
        wires[j] = torch.maximum(wires[i], wires[j]) if need_high else wires[j]
        wires[i] = low


@lru_cache
def _network(n: int, outputs: tuple[int, ...]) -> tuple[Exchange, ...]:
    """Batcher's odd-even merge sort of n wires, without the comparisons that do not affect the outputs."""
    pairs = []
    p = 1
    while p < n:
        q = p
        while q >= 1:
            for start in range(q % p, n - q, 2 * q):
                pairs += [(i, i + q) for i in range(start, min(start + q, n - q)) if i // (2 * p) == (i + q) // (2 * p)]
            q //= 2
        p *= 2
    needed, network = set(outputs), []
    for i, j in reversed(pairs):
        if i in needed or j in needed:
            network.append((i, j, i in needed, j in needed))
            needed |= {i, j}
    return tuple(reversed(network))


REACH = 4.0
"""The kernel is cut off at this many standard deviations, as in scipy."""


def gaussian_blur(images: Tensor, sigma: float | Tensor, border: str = "replicate") -> Tensor:
    """Blur with a Gaussian kernel; equal to `scipy.ndimage.gaussian_filter` up to rounding.

    Args:
        images: (B, C, H, W), floating point.
        sigma: Standard deviation in pixels, one for all or one per image (B,); 0: unchanged.
        border: What lies outside the image: "replicate" or "reflect".

    Returns:
        Blurred images of the same shape and dtype.

    Raises:
        ValueError: For an unknown border, a sigma below 0, or a kernel that is too wide to reflect the image.
    """
    check_choice(BORDERS, border=border)
    count, channels, height, width = images.shape
    sigmas = torch.as_tensor(sigma, dtype=images.dtype, device=images.device).expand(count)
    if not float(sigmas.min()) >= 0:
        raise ValueError(f"sigma={sigma}: a blur's width cannot be below 0")
    radius = int(REACH * float(sigmas.max()) + 0.5)
    if radius == 0:
        return images
    if border == "reflect" and radius >= min(height, width):
        raise ValueError(f"sigma={float(sigmas.max()):g}: too wide to reflect an image of {height} x {width} pixels")
    kernels = _kernels(sigmas, radius).repeat_interleave(channels, 0)
    planes = images.reshape(1, count * channels, height, width)
    padded = F.pad(planes, (radius, radius, radius, radius), mode=border)
    across = F.conv2d(padded, kernels[:, None, None, :], groups=count * channels)
    down = F.conv2d(across, kernels[:, None, :, None], groups=count * channels)
    return down.reshape(images.shape)


def _kernels(sigmas: Tensor, radius: int) -> Tensor:
    """One kernel per image (B, 2 * radius + 1), each cut off at its own reach; sigma 0: the identity."""
    place = torch.arange(-radius, radius + 1, dtype=sigmas.dtype, device=sigmas.device)
    own = (REACH * sigmas + 0.5).floor()
    weights = torch.exp(-0.5 * (place / sigmas.clamp_min(1e-12)[:, None]) ** 2) * (place.abs() <= own[:, None])
    return weights / weights.sum(1, keepdim=True)
