"""Pictures beside each other: the grid of a panel, pixel for pixel. No text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw

from featevo.figures.colours import FAINT, PAPER


def arrange(pictures: Sequence[Image.Image | None], tile: int | None = None) -> Image.Image:
    """Put pictures into one grid without text: clockwise from the upper left for exactly four, else row by row.

    Args:
        pictures: square pictures of one size, RGB or grey; None is drawn as an empty, crossed field.
        tile: side of a tile in pixels; the pictures' own size by default.

    Returns:
        An RGB picture on white.
    """
    tile = tile or side_of(pictures)
    sheet = Image.new("RGB", grid_size(len(pictures), tile), PAPER)
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


def grid_size(count: int, tile: int) -> tuple[int, int]:
    """(width, height) in pixels of a grid of tiles, with the gaps between them."""
    columns, rows = grid_shape(count)
    return columns * (tile + gap(tile)) - gap(tile), rows * (tile + gap(tile)) - gap(tile)


def gap(tile: int) -> int:
    """Pixels between tiles."""
    return max(1, tile // 32)


def side_of(pictures: Sequence[Image.Image | None]) -> int:
    """Side of the largest picture in pixels, 64 if there is none."""
    return max((max(picture.size) for picture in pictures if picture is not None), default=64)


def _corners(count: int, tile: int) -> Iterator[tuple[int, int]]:
    columns, _ = grid_shape(count)
    step = tile + gap(tile)
    places = (0, 1, 3, 2) if count == 4 else range(count)
    return ((place % columns * step, place // columns * step) for place in places)
