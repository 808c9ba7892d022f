"""Pictures beside each other: the grid of a panel, rows and stacks of what is drawn. No text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

INK, GREY, FAINT, PAPER = "#1a1a1a", "#666666", "#d4d4d4", "#ffffff"
"""Colours of everything that is drawn: text, lesser text, lines, background."""

GAP = 2  # pixels between the tiles of a panel


def arrange(pictures: Sequence[Image.Image | None], tile: int | None = None) -> Image.Image:
    """Put pictures into one grid without text: clockwise from the upper left for exactly four, else row by row.

    Args:
        pictures: square pictures of one size, RGB or grey; None is drawn as an empty, crossed field.
        tile: side of a tile in pixels; the pictures' own size by default.

    Returns:
        An RGB picture on white.
    """
    tile = tile or side_of(pictures)
    columns, rows = grid_shape(len(pictures))
    sheet = Image.new("RGB", (columns * (tile + GAP) - GAP, rows * (tile + GAP) - GAP), PAPER)
    for picture, (left, top) in zip(pictures, _corners(len(pictures), tile), strict=True):
        if picture is None:
            draw = ImageDraw.Draw(sheet)
            box = (left, top, left + tile - 1, top + tile - 1)
            draw.rectangle(box, outline=FAINT)
            draw.line(box, fill=FAINT)
            draw.line((box[0], box[3], box[2], box[1]), fill=FAINT)
        else:
            # Whole factors stay pixel for pixel what was recorded; only shrinking has to blend.
            how = Image.Resampling.NEAREST if tile % picture.width == 0 else Image.Resampling.LANCZOS
            sheet.paste(picture.resize((tile, tile), how), (left, top))
    return sheet


def grid_shape(count: int) -> tuple[int, int]:
    """(columns, rows) near a square with the fewest empty places: 4 -> (2, 2), 5 -> (3, 2), 10 -> (5, 2)."""
    narrowest = max(1, math.ceil(math.sqrt(count)))
    columns = min(range(narrowest, max(narrowest, int(1.6 * math.sqrt(count))) + 1), key=lambda n: -count % n)
    return columns, max(1, math.ceil(count / columns))


def open_picture(path: Path) -> Image.Image | None:
    """A picture of the record in RGB, or None where the file is missing or broken."""
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, SyntaxError):  # Pillow's word for a broken PNG is SyntaxError
        return None


def beside(images: Sequence[Image.Image], gap: int) -> Image.Image:
    """Images from left to right, `gap` pixels apart, their upper edges aligned."""
    sheet = Image.new("RGB", (sum(i.width + gap for i in images) - gap, max(i.height for i in images)), PAPER)
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width + gap
    return sheet


def stack(images: Sequence[Image.Image], gap: int, margin: int = 0) -> Image.Image:
    """Images from top to bottom, `gap` pixels apart, their left edges aligned, `margin` pixels around them."""
    width = max((i.width for i in images), default=1)
    height = max(1, sum(i.height + gap for i in images) - gap)
    sheet = Image.new("RGB", (width + 2 * margin, height + 2 * margin), PAPER)
    top = margin
    for image in images:
        sheet.paste(image, (margin, top))
        top += image.height + gap
    return sheet


def side_of(pictures: Sequence[Image.Image | None]) -> int:
    """Side of the largest picture in pixels, 64 if there is none."""
    return max((max(picture.size) for picture in pictures if picture is not None), default=64)


def _corners(count: int, tile: int) -> Iterator[tuple[int, int]]:
    columns, _ = grid_shape(count)
    places = (0, 1, 3, 2) if count == 4 else range(count)
    return ((place % columns * (tile + GAP), place // columns * (tile + GAP)) for place in places)
