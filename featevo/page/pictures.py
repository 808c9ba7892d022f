"""The images of a snapshot as a few sheets: smaller and faster to show than one file for each image."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from featevo.figures.grid import fitted, side_of
from featevo.record.images import open_image

PER_SHEET = 48
"""Images on a sheet: as many as the page shows at a time."""

COLUMNS = 8
"""Of a sheet."""

RIM = 2
"""Pixels by which the edge of each image is repeated: WebP blurs colours that far, also across neighbours."""

MOST_SIDE = 2000
"""Pixels of an image's side on the page, so that a row of a sheet has at most the 16383 pixels that WebP allows."""

MOST_KEPT = 1024
"""Encoded sheets that are kept: encoding takes most of the time of a page, and a page that is made again while its runs
go on has most of its sheets again."""

_kept: dict[tuple[bytes, int | None], bytes] = {}


@dataclass(frozen=True)
class Sheets:
    """One image per class, such as those of a snapshot.

    Attributes:
        side: Of each image, in pixels.
        data: WebP in base64, `PER_SHEET` images row by row; empty if no image of a sheet exists.
        seen: For each image, whether it exists.
    """

    side: int
    data: list[str]
    seen: list[bool]


def sheets(folder: Path, files: Sequence[str | None], quality: int | None) -> Sheets:
    """Read the images of a snapshot.

    Args:
        folder: The run folder.
        files: One per class, None if there is no image; a missing or broken file is left out.
        quality: WebP's, None without loss.
    """
    return packed([None if file is None else open_image(folder, file) for file in files], quality)


def packed(images: Sequence[Image.Image | None], quality: int | None) -> Sheets:
    """Images as sheets: one per class, None if there is no image."""
    side = min(MOST_SIDE, side_of(images))
    parts = [images[start : start + PER_SHEET] for start in range(0, len(images), PER_SHEET)]
    data = [base64.b64encode(encoded(part, quality, side)).decode() if any(part) else "" for part in parts]
    return Sheets(side, data, [image is not None for image in images])


def encoded(images: Sequence[Image.Image | None], quality: int | None, side: int | None = None) -> bytes:
    """One sheet as WebP; the longer side of images becomes `side`, by default that of the largest up to `MOST_SIDE`."""
    side = side or min(MOST_SIDE, side_of(images))
    stride = side + 2 * RIM
    rows = -(-len(images) // COLUMNS)
    square = all(image is None or image.width == image.height for image in images)
    mode = "RGB" if square else "RGBA"  # what is beside an image that is not square is transparent
    columns = min(len(images), COLUMNS)
    tiles = np.zeros((rows * columns, stride, stride, len(mode)), np.uint8)
    inner = slice(RIM, RIM + side)
    for place, image in enumerate(images):
        if image is not None:
            tiles[place, inner, inner] = np.asarray(_whole(image, side, mode))
    for rim, edge in ((slice(RIM), slice(RIM, RIM + 1)), (slice(-RIM, None), slice(-RIM - 1, -RIM))):
        tiles[:, rim] = tiles[:, edge]
        tiles[:, :, rim] = tiles[:, :, edge]
    sheet = tiles.reshape(rows, columns, stride, stride, -1).swapaxes(1, 2).reshape(rows * stride, columns * stride, -1)
    return as_webp(Image.fromarray(sheet), quality)


def _whole(image: Image.Image, side: int, mode: str) -> Image.Image:
    """An image in the middle of a square."""
    # Enlarging keeps the recorded pixels; only shrinking has to blend.
    how = Image.Resampling.LANCZOS if max(image.size) > side else Image.Resampling.NEAREST
    inner = image if max(image.size) == side else image.resize(fitted(image.size, side), how)
    if inner.size == (side, side) and inner.mode == mode:
        return inner
    whole = Image.new(mode, (side, side))
    whole.paste(inner, ((side - inner.width) // 2, (side - inner.height) // 2))
    return whole


def as_webp(sheet: Image.Image, quality: int | None) -> bytes:
    """A sheet as WebP; None is without loss."""
    key = hashlib.blake2b(sheet.tobytes(), person=f"{sheet.mode} {sheet.width}".encode()).digest(), quality
    if key not in _kept:
        content = io.BytesIO()
        sheet.save(content, "WEBP", **({"lossless": True} if quality is None else {"quality": quality}))
        for old in [*_kept][: len(_kept) - MOST_KEPT + 1]:
            del _kept[old]
        _kept[key] = content.getvalue()
    return _kept[key]
