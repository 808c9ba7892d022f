"""The images of other views than the classes: those of a view at a moment are on sheets of their own."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from featevo.page.pictures import COLUMNS, MOST_SIDE, PER_SHEET, RIM, as_webp
from featevo.page.study_section import short
from featevo.record.images import open_image
from featevo.record.reading import Evolution, evenly
from featevo.record.schema import Snapshot, is_number
from featevo.record.units import Unit, other_views

MOST_UNITS = 96
"""Of a view: more cannot be compared, and all are painted at once."""

MOST_NUMBERS = 4
"""Numbers about an image."""


def shown_units(evolution: Evolution, share: float = 1.0) -> dict[str, list[Unit]]:
    """The units of each other view that are shown: at most `MOST_UNITS`, and of these a share, evenly spread."""
    return {
        view: [units[place] for place in evenly(len(units), max(1, int(share * min(MOST_UNITS, len(units)))))]
        for view, units in other_views(evolution).items()
    }


def snapshot_views(
    folder: Path, snapshot: Snapshot, units: Mapping[str, Sequence[Unit]], quality: int | None
) -> dict[str, dict[str, Any]]:
    """The images of a snapshot by view; views without any are left out.

    Args:
        folder: The run folder.
        snapshot: One of the run.
        units: By view, those that are shown.
        quality: WebP's, None without loss.

    Returns:
        For each view `cell`, width and height of the places on its sheets; `data`, the sheets in base64; and, for each
        of its units in order, `sizes` (0: no image) and `numbers`.
    """
    found = {}
    for view, shown in units.items():
        own = {image.unit: image for image in snapshot.of_view(view)}
        if own:
            entries = [own.get(unit.number) for unit in shown]
            images = [None if entry is None else open_image(folder, entry.file) for entry in entries]
            numbers = [{} if entry is None else _numbers(entry.values) for entry in entries]
            found[view] = {**_packed(images, quality), "numbers": numbers}
    return found


def encoded_views(images: Sequence[Image.Image | None], quality: int | None) -> tuple[list[bytes], tuple[int, int]]:
    """Images of any sizes on sheets as WebP, and width and height of the places on them."""
    small = [None if image is None else _limited(image) for image in images]
    sizes = [image.size for image in small if image is not None] or [(1, 1)]
    cell = max(width for width, _ in sizes), max(height for _, height in sizes)
    parts = [small[start : start + PER_SHEET] for start in range(0, len(small), PER_SHEET)]
    return [_sheet(part, cell, quality) for part in parts], cell


def _packed(images: Sequence[Image.Image | None], quality: int | None) -> dict[str, Any]:
    sheets, cell = encoded_views(images, quality)
    data = [base64.b64encode(sheet).decode() for sheet in sheets]
    return {"cell": cell, "data": data, "sizes": [0 if image is None else _limited(image).size for image in images]}


def _limited(image: Image.Image) -> Image.Image:
    if max(image.size) <= MOST_SIDE:
        return image
    small = image.copy()
    small.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    return small


def _sheet(images: Sequence[Image.Image | None], cell: tuple[int, int], quality: int | None) -> bytes:
    wide, high = (side + 2 * RIM for side in cell)
    sheet = Image.new("RGB", (min(len(images), COLUMNS) * wide, -(-len(images) // COLUMNS) * high))
    for place, image in enumerate(images):
        if image is not None:
            rimmed = np.pad(np.asarray(image), ((RIM, RIM), (RIM, RIM), (0, 0)), mode="edge")
            sheet.paste(Image.fromarray(rimmed), (place % COLUMNS * wide, place // COLUMNS * high))
    return as_webp(sheet, quality)


def _numbers(values: dict[str, float]) -> dict[str, float | None]:
    known = [(name, short(value)) for name, value in values.items() if is_number(value)]
    return dict(known[:MOST_NUMBERS])
