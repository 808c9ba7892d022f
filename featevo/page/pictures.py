"""The pictures of a snapshot as a few sheets, which is smaller than one file each and faster to show."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from featevo.figures.grid import side_of
from featevo.record.images import open_image

PER_SHEET = 48
"""Pictures on a sheet: as many as the page shows at a time."""

COLUMNS = 8
"""Of a sheet."""

RIM = 2
"""Pixels by which each picture's edge goes on: WebP blurs colours so far, and would mix them with the neighbour's."""

MOST_SIDE = 2000
"""Pixels of a picture's side on the page: a row of a sheet stays within the 16383 that a WebP can have."""


@dataclass(frozen=True)
class Sheets:
    """The pictures of one snapshot.

    Attributes:
        side: Of each picture, in pixels.
        data: WebP in base64, `PER_SHEET` pictures row by row; empty where none of a sheet's pictures is there.
        seen: For each picture, whether it is there.
    """

    side: int
    data: list[str]
    seen: list[bool]


def sheets(folder: Path, files: Sequence[str | None], quality: int | None) -> Sheets:
    """Read the pictures of a snapshot.

    Args:
        folder: The run folder.
        files: One per class, None where there is no picture; one that is missing or broken is left out.
        quality: WebP's, None without loss.
    """
    pictures = [None if file is None else open_image(folder, file) for file in files]
    side = min(MOST_SIDE, side_of(pictures))
    parts = [pictures[start : start + PER_SHEET] for start in range(0, len(pictures), PER_SHEET)]
    data = [base64.b64encode(encoded(part, quality, side)).decode() if any(part) else "" for part in parts]
    return Sheets(side, data, [picture is not None for picture in pictures])


def encoded(pictures: Sequence[Image.Image | None], quality: int | None, side: int | None = None) -> bytes:
    """One sheet as WebP; pictures of another size are brought to `side`, by default that of the largest, at most
    `MOST_SIDE`."""
    side = side or min(MOST_SIDE, side_of(pictures))
    stride = side + 2 * RIM
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (min(len(pictures), COLUMNS) * stride, rows * stride))
    for place, picture in enumerate(pictures):
        if picture is not None:
            # Enlarging leaves pixels as they were recorded; only shrinking has to blend.
            how = Image.Resampling.LANCZOS if max(picture.size) > side else Image.Resampling.NEAREST
            whole = picture if picture.size == (side, side) else picture.resize((side, side), how)
            rimmed = np.pad(np.asarray(whole), ((RIM, RIM), (RIM, RIM), (0, 0)), mode="edge")
            sheet.paste(Image.fromarray(rimmed), (place % COLUMNS * stride, place // COLUMNS * stride))
    content = io.BytesIO()
    sheet.save(content, "WEBP", **({"lossless": True} if quality is None else {"quality": quality}))
    return content.getvalue()
