"""The images of a snapshot as a few sheets: smaller and faster to show than one file for each image."""

from __future__ import annotations

import base64
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
    sheet = Image.new(mode, (min(len(images), COLUMNS) * stride, rows * stride))
    for place, image in enumerate(images):
        if image is not None:
            # Enlarging keeps the recorded pixels; only shrinking has to blend.
            how = Image.Resampling.LANCZOS if max(image.size) > side else Image.Resampling.NEAREST
            inner = image if max(image.size) == side else image.resize(fitted(image.size, side), how)
            whole = Image.new(mode, (side, side))
            whole.paste(inner, ((side - inner.width) // 2, (side - inner.height) // 2))
            rimmed = np.pad(np.asarray(whole), ((RIM, RIM), (RIM, RIM), (0, 0)), mode="edge")
            sheet.paste(Image.fromarray(rimmed), (place % COLUMNS * stride, place // COLUMNS * stride))
    content = io.BytesIO()
    sheet.save(content, "WEBP", **({"lossless": True} if quality is None else {"quality": quality}))
    return content.getvalue()
