"""One picture file as a tensor: any common format and mode becomes a square in 8-bit RGB or grey, or one error."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from featevo.errors import UserError

# Pillow goes by content, so a misnamed file is read too. GIF and TIFF often carry another suffix; the list keeps out
# formats that run an interpreter (EPS, WMF).
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_MODES = {1: "L", 3: "RGB"}


class PictureFiles:
    """Picture files with their class indices, each read by `read_picture` when asked for.

    Args:
        files: path and class index of each.
        image_size: side of the square pictures, in pixels.
        channels: 3 for RGB, 1 for grey.

    Raises:
        UserError: if there are no pictures of so many channels.
    """

    def __init__(self, files: Sequence[tuple[str, int]], image_size: int, channels: int = 3) -> None:
        self._files = list(files)
        self._image_size = image_size
        self._channels = known_channels(channels)

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int, /) -> tuple[Tensor, int]:
        """The picture as a uint8 tensor (channels, image_size, image_size) in 0..255, and its class index.

        Raises:
            UserError: as `read_picture` does.
        """
        path, label = self._files[index]
        return read_picture(Path(path), self._image_size, self._channels), label


def known_channels(channels: int) -> int:
    """The number as it is, if pictures can be read with so many channels.

    Raises:
        UserError: if not.
    """
    if channels not in _MODES:
        raise UserError(f"data.channels={channels}: allowed are 3, pictures in colour, and 1, pictures in grey")
    return channels


def read_picture(path: Path, image_size: int, channels: int = 3) -> Tensor:
    """Read a picture file as viewers show it, resized and cropped to a square.

    The EXIF orientation is applied; transparency is laid on white; grey of 16 bit is scaled to 8; colour profiles are
    ignored. What follows is done by `to_square`.

    Args:
        path: the file, in JPEG, PNG, WebP or BMP (GIF and TIFF under such a name are read too).
        image_size: side of the square in pixels.
        channels: 3 for RGB, 1 for grey (the luma of ITU-R 601).

    Returns:
        A contiguous uint8 tensor (channels, image_size, image_size) in 0..255.

    Raises:
        UserError: naming the file, if it is missing, empty, truncated, too large to be safe, or not a picture.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            # A JPEG decodes faster at 1/2, 1/4 or 1/8 size. Asking for twice the size leaves bicubic enough to work on.
            image.draft(None, (2 * image_size, 2 * image_size))
            image.load()
            return to_square(_to_rgb(_upright(image)), image_size, channels)
    except Exception as error:  # a broken file makes Pillow raise nearly anything: SyntaxError, struct.error, ...
        raise UserError(f"cannot read picture {path}: {_reason(path, error)}; mend or remove the file") from error


def to_square(image: Image.Image, image_size: int, channels: int) -> Tensor:
    """Resize and crop a picture to a square.

    The shorter side becomes `image_size` (antialiased bicubic, up as well as down), the rest of the longer side is cut
    off evenly.

    Args:
        image: in mode RGB or L.
        image_size: side of the square in pixels.
        channels: 3 for RGB, 1 for grey.

    Returns:
        A contiguous uint8 tensor (channels, image_size, image_size) in 0..255.
    """
    square = ImageOps.fit(image.convert(_MODES[channels]), (image_size, image_size), Image.Resampling.BICUBIC)
    pixels = torch.from_numpy(np.array(square)).view(image_size, image_size, channels)
    return pixels.permute(2, 0, 1).contiguous()


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # the pixels are decoded by now: broken metadata does not make a broken picture
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

    16-bit whole numbers and floats in 0..1 keep their absolute scale; anything else is stretched from its own minimum
    to its own maximum. Numbers that are not finite become black.
    """
    grey = np.nan_to_num(np.array(image, dtype=np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = (0.0, 1.0) if image.mode == "F" else (0.0, 65535.0)
    if grey.min() < low or grey.max() > high:
        low, high = grey.min(), grey.max()
    return np.rint((grey - low) / ((high - low) or 1.0) * 255).astype(np.uint8)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "the file is empty" if path.stat().st_size == 0 else "not a JPEG, PNG, WebP or BMP picture"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__
