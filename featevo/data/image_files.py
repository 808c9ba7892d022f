"""Images from files or arrays as tensors: any common format and mode becomes a square in 8-bit RGB or grey."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from featevo.errors import UserError

# Pillow reads by content, so files with a wrong suffix work, too: often GIF and TIFF. The list excludes formats that
# run an interpreter (EPS, WMF).
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images from files or arrays, with their class indices; each access reads, resizes and crops one.

    Args:
        images: a path, see `read_image`, or uint8 pixels, (H, W, 3) in RGB or (H, W) in grey; and the class index.
        image_size: side of the square images, in pixels.
        channels: 3 for RGB, 1 for grey.

    Raises:
        UserError: if `channels` is another number.
    """

    images: Sequence[tuple[str | np.ndarray, int]]
    image_size: int
    channels: int = 3

    def __post_init__(self) -> None:
        if self.channels not in _MODES:
            raise UserError(f"data.channels={self.channels}: allowed are 3, images in colour, and 1, images in grey")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The image as a uint8 tensor (channels, image_size, image_size) in 0..255, and its class index.

        Raises:
            UserError: as `read_image` does.
        """
        image, label = self.images[index]
        if isinstance(image, str):
            return read_image(Path(image), self.image_size, self.channels), label
        return _to_square(Image.fromarray(image), self.image_size, self.channels), label


def read_image(path: Path, image_size: int, channels: int = 3) -> Tensor:
    """Read an image file as viewers show it, resized and cropped to a square.

    The EXIF orientation is applied; transparent parts become white; 16-bit grey is scaled to 8; colour profiles are
    ignored. The shorter side becomes `image_size` (antialiased bicubic, up as well as down); the longer side is cropped
    at both ends.

    Args:
        path: the file, in JPEG, PNG, WebP or BMP (GIF and TIFF with such a suffix work, too).
        image_size: side of the square in pixels.
        channels: 3 for RGB, 1 for grey (the luma of ITU-R 601).

    Returns:
        A contiguous uint8 tensor (channels, image_size, image_size) in 0..255.

    Raises:
        UserError: if it is missing, no regular file, empty, truncated, too large to be safe, or not an image.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a FIFO would wait for a writer
            raise OSError("it is a FIFO, socket or device")
        with Image.open(path, formats=_FORMATS) as image:
            # A JPEG decodes faster at 1/2, 1/4 or 1/8 size; twice the final size keeps the detail that bicubic needs.
            image.draft(None, (2 * image_size, 2 * image_size))
            image.load()
            return _to_square(_to_rgb(_upright(image)), image_size, channels)
    except Exception as error:  # a broken file makes Pillow raise nearly anything: SyntaxError, struct.error, ...
        raise UserError(f"cannot read image {path}: {_reason(path, error)}; repair or remove the file") from error


def _to_square(image: Image.Image, image_size: int, channels: int) -> Tensor:
    square = ImageOps.fit(image.convert(_MODES[channels]), (image_size, image_size), Image.Resampling.BICUBIC)
    pixels = torch.from_numpy(np.array(square)).view(image_size, image_size, channels)
    return pixels.permute(2, 0, 1).contiguous()


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # the pixels are already decoded; broken metadata does not matter
        return ImageOps.exif_transpose(image)
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = Image.fromarray(_to_8_bit(image))
    if image.has_transparency_data:
        above = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", above.size, "white"), above)
    return image.convert("RGB")


def _to_8_bit(image: Image.Image) -> np.ndarray:
    """Grey of more than 8 bits (H, W) as uint8; Pillow's own conversion would clip it to white.

    16-bit integers and floats in 0..1 keep their absolute scale; other values are scaled from their minimum to their
    maximum. Numbers that are not finite become black.
    """
    grey = np.nan_to_num(np.array(image, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (0.0, 1.0) if image.mode == "F" else (0.0, 65535.0)
    if grey.min() < low or grey.max() > high:
        low, high = grey.min(), grey.max()
    return np.rint((grey - low) / ((high - low) or 1.0) * 255).astype(np.uint8)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "the file is empty" if path.stat().st_size == 0 else "not a JPEG, PNG, WebP or BMP image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
