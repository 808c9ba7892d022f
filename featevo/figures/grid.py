"""The grid of a panel: images beside each other, pixel for pixel. No text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from featevo.figures.colours import FAINT, PAPER


def arrange(images: Sequence[Image.Image | None], tile: int | None = None) -> Image.Image:
    """Put images into one grid: clockwise from the upper left for exactly four, else row by row.

    Args:
        images: RGB or grey, of any sizes; None is drawn as an empty, crossed field.
        tile: Longer side of a tile in pixels, by default that of the largest image; its shape is that of the images.

    Returns:
        An RGB image on white.
    """
    tile = tile or side_of(images)
    sizes = [fitted(image.size, tile) for image in images if image is not None] or [(tile, tile)]
    width, height = (max(lengths) for lengths in zip(*sizes, strict=True))
    columns, rows = grid_shape(len(images))
    across, down = width + gap(tile), height + gap(tile)
    sheet = Image.new("RGB", (columns * across - gap(tile), rows * down - gap(tile)), PAPER)
    places = (0, 1, 3, 2) if len(images) == 4 else range(len(images))
    for image, place in zip(images, places, strict=True):
        left, top = place % columns * across, place // columns * down
        if image is None:
            draw = ImageDraw.Draw(sheet)
            box = (left, top, left + width - 1, top + height - 1)
            draw.rectangle(box, outline=FAINT)
            draw.line(box, fill=FAINT)
            draw.line((box[0], box[3], box[2], box[1]), fill=FAINT)
        else:
            # Whole factors keep every recorded pixel; only shrinking has to blend.
            how = Image.Resampling.NEAREST if tile % max(image.size) == 0 else Image.Resampling.LANCZOS
            wide, high = fitted(image.size, tile)
            sheet.paste(image.resize((wide, high), how), (left + (width - wide) // 2, top + (height - high) // 2))
    return sheet


def grid_shape(count: int) -> tuple[int, int]:
    """(columns, rows) near a square with the fewest empty places: 4 -> (2, 2), 5 -> (3, 2), 10 -> (5, 2)."""
    narrowest = max(1, math.ceil(math.sqrt(count)))
    columns = min(range(narrowest, max(narrowest, int(1.6 * math.sqrt(count))) + 1), key=lambda n: -count % n)
    return columns, max(1, math.ceil(count / columns))


def grid_size(count: int, tile: int) -> tuple[int, int]:
    """(width, height) in pixels of a grid of square tiles with gaps between them; others need less on one side."""
    columns, rows = grid_shape(count)
    return columns * (tile + gap(tile)) - gap(tile), rows * (tile + gap(tile)) - gap(tile)


def gap(tile: int) -> int:
    """Pixels between tiles."""
    return max(1, tile // 32)


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """(width, height) of an image whose longer side becomes `side`."""
    width, height = (max(1, round(length * side / max(size))) for length in size)
    return width, height


def side_of(images: Sequence[Image.Image | None]) -> int:
    """Side of the largest image in pixels, 64 if there is none."""
    return max((max(image.size) for image in images if image is not None), default=64)
