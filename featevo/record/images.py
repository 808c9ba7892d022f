"""Writing and reading the record's images as PNG files."""

from __future__ import annotations

import json
import logging
import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from featevo.errors import UserError
from featevo.record.files import finite, replacing
from featevo.record.reading import Evolution
from featevo.record.safe import MOST_PNG, read_bytes, refused

if TYPE_CHECKING:
    from torch import Tensor

MOST_PIXELS = 1 << 24
"""Of an image that is read, 4096 x 4096."""

ROUNDING = 1e-6
"""Distance from 0..1 up to which a value is clamped; one that is farther away is an error."""

log = logging.getLogger(__name__)


def recordable(pixels: Tensor, what: str) -> Tensor:
    """Pixels as the record needs them; nothing that is no image is clamped into one.

    Args:
        pixels: (C, H, W), floating point.
        what: They are of, for the message.

    Returns:
        The same in float32 on the CPU, in 0..1.

    Raises:
        ValueError: For another type or shape, NaN or infinity, or values outside 0..1 by more than rounding.
    """
    import torch  # here, as showing images does not need it

    if not isinstance(pixels, torch.Tensor) or not pixels.is_floating_point():
        kind = pixels.dtype if isinstance(pixels, torch.Tensor) else type(pixels).__name__
        raise ValueError(f"{what}: pixels are a floating-point tensor in 0..1, these are {kind}")
    if pixels.ndim != 3 or not pixels.numel():
        raise ValueError(f"{what}: pixels have the shape (channels, height, width), these have {tuple(pixels.shape)}")
    if wrong := int((~pixels.isfinite()).sum()):
        raise ValueError(f"{what}: pixels are in 0..1, {wrong} of these are NaN or infinite")
    low, high = float(pixels.min()), float(pixels.max())
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise ValueError(f"{what}: pixels are in 0..1, these are {low:.8g} to {high:.8g}")
    return pixels.detach().cpu().float().clamp(0, 1)


def to_uint8(image: Tensor) -> np.ndarray:
    """An image (C, H, W) in 0..1 as uint8.

    Three channels become (H, W, 3), one (H, W). Any other number of channels becomes a square grid of grey images, row
    by row; unused cells are black.
    """
    pixels = (image.clamp(0, 1) * 255).round().byte().numpy()
    if len(pixels) == 3:
        return pixels.transpose(1, 2, 0)
    side = math.ceil(math.sqrt(len(pixels)))
    planes = np.zeros((side * side, *pixels.shape[1:]), np.uint8)
    planes[: len(pixels)] = pixels
    return np.block([list(planes[row * side : (row + 1) * side]) for row in range(side)])


def as_recorded(images: Tensor) -> Tensor:
    """Images in 0..1 with the values that `load_image` returns for them."""
    return (images.clamp(0, 1) * 255).round() / 255


def save_image(image: Tensor, path: Path, source: dict[str, Any]) -> None:
    """Write a lossless PNG with its provenance in the text chunk "featevo"; errors as for `recordable`."""
    image = recordable(image, path.name)
    info = PngInfo()
    info.add_itxt("featevo", json.dumps(finite(source), ensure_ascii=False, sort_keys=True, allow_nan=False))
    with replacing(path) as temporary:
        Image.fromarray(to_uint8(image)).save(temporary, format="PNG", pnginfo=info)


def load_image(folder: Path, file: str) -> Tensor:
    """An image (C, H, W) in 0..1, as it is on disk.

    Args:
        folder: The run folder.
        file: Relative to it.

    Raises:
        OSError: When it is missing.
        UserError: When it is not inside the folder, no regular file, no PNG, or too large.
    """
    import torch  # here, as showing images does not need it

    pixels = np.atleast_3d(np.asarray(decoded(folder, file)))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


def open_image(folder: Path, file: str) -> Image.Image | None:
    """An image in RGB for display; None where it is missing, broken or refused, which is logged."""
    try:
        return decoded(folder, file).convert("RGB")
    except UserError as error:
        log.warning("%s", error)
    except OSError:
        pass
    return None


def decoded(folder: Path, file: str) -> Image.Image:
    """An image of the record; see `load_image`."""
    content = read_bytes(folder, file, MOST_PNG)
    # From the header: decoding fills the memory and takes minutes, and Pillow only warns of what is twice as large.
    width, height = (int.from_bytes(content[place : place + 4], "big") for place in (16, 20))
    if content.startswith(b"\x89PNG") and width * height > MOST_PIXELS:
        raise refused(folder / file, f"has {width} x {height} pixels; at most {MOST_PIXELS:,} are read")
    try:
        with Image.open(BytesIO(content), formats=["PNG"]) as image:
            if image.width * image.height > MOST_PIXELS:  # a second header
                raise ValueError("too large")
            image.load()
            return image
    except Exception as error:  # Pillow raises nearly anything for a broken file
        raise refused(folder / file, "is not a readable PNG") from error


def load_real(folder: Path) -> list[Tensor]:
    """The first recorded real image (C, H, W) in 0..1 of each class, in the order of the units.

    It is empty where one cannot be read, which is logged.
    """
    try:
        return [load_image(folder, files[0]) for files in Evolution(folder, {}, []).real.values()]
    except (OSError, UserError) as error:
        log.warning("Real images are not shown: %s", error)
        return []
