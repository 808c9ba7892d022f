"""Measures that rate noise above structure: examples that the gate must refuse."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def png_size(images: Tensor) -> Tensor:
    """Bits per pixel of a PNG file."""
    return _each(images, lambda image: _file_bits(image, "PNG"))


def jpeg_size(images: Tensor) -> Tensor:
    """Bits per pixel of a JPEG file at quality 75."""
    return _each(images, lambda image: _file_bits(image, "JPEG"))


def edge_density(images: Tensor) -> Tensor:
    """Share of pixels whose grey value differs from a neighbour's by more than a tenth of the range."""
    grey = images.double().mean(1)
    down, right = grey.diff(dim=1)[:, :, :-1].abs(), grey.diff(dim=2)[:, :-1].abs()
    return (torch.maximum(down, right) > 0.1).double().mean((1, 2))


def colour_entropy(images: Tensor) -> Tensor:
    """Entropy in bits of the histogram of colours, eight levels a channel."""
    return _each(images, _histogram_entropy)


NAIVE = {"PNG size": png_size, "JPEG size": jpeg_size, "edge density": edge_density, "colour entropy": colour_entropy}


def _each(images: Tensor, measure: Callable[[np.ndarray], float]) -> Tensor:
    pixels = (images * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return torch.tensor([measure(image) for image in pixels], dtype=torch.float64)


def _file_bits(image: np.ndarray, kind: str) -> float:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind)
    return 8 * file.tell() / (image.shape[0] * image.shape[1])


def _histogram_entropy(image: np.ndarray) -> float:
    _, counts = np.unique((image // 32).reshape(-1, 3), axis=0, return_counts=True)
    share = counts / counts.sum()
    return float(-(share * np.log2(share)).sum())
