"""The paper's Fig. 1 from a record: a panel per snapshot, classes as quadrants, and Table 1 under them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from featevo.figures.grid import FAINT, GAP, GREY, INK, PAPER, arrange, beside, grid_shape, open_picture, side_of, stack
from featevo.figures.lettering import paragraph, plain, sized_font
from featevo.record.files import replacing
from featevo.record.reading import Evolution, Snapshot, read_evolution

PER_ROW = 8
LARGEST = 8000  # pixels a side


def panel(evolution: Evolution, snapshot: Snapshot, label: str, tile: int) -> Image.Image:
    """One snapshot: its classes as a grid of tiles (pixels a side), "epoch N" and the validation accuracy under it."""
    return _captioned(arrange(pictures_of(evolution, snapshot), tile), f"epoch {label}", snapshot.caption)


def pictures_of(evolution: Evolution, snapshot: Snapshot) -> list[Image.Image | None]:
    """The snapshot's picture of every class of the run in RGB, None where it is missing or unreadable."""
    files = {render.unit: render.file for render in snapshot.of_view("classes")}
    units = list(evolution.classes) or [-1]
    return [open_picture(evolution.folder / files[unit]) if unit in files else None for unit in units]


def legend(evolution: Evolution) -> str:
    """Which class is where in a panel, in words."""
    count = len(evolution.classes)
    if not evolution.snapshots:
        return "No snapshot was recorded."
    one_row = grid_shape(count)[1] == 1
    order = "clockwise from upper left" if count == 4 else "left to right" if one_row else "row by row"
    return f"Classes, {order}: {', '.join(evolution.classes.values())}" if count else "No class was drawn."


def draw_evolution(evolution: Evolution) -> Image.Image:
    """Draw the figure; it is at most 8,000 pixels a side, whatever the number of classes and snapshots.

    Returns:
        An RGB picture on white: title, legend, panels in rows, table.
    """
    keyed = len(evolution.classes) > 4
    tile, per_row = _layout(evolution, len(evolution.snapshots) + keyed)
    panels = [_key(evolution, tile)] if keyed else []
    named = zip(evolution.snapshots, evolution.labels(), strict=True)
    panels += [panel(evolution, snapshot, label, tile) for snapshot, label in named]
    gap = max(16, panels[0].width // 12) if panels else 0
    grid = [beside(panels[start : start + per_row], gap) for start in range(0, len(panels), per_row)]
    width = max([720, *(row.width for row in grid)])
    size = min(max(width // 64, 18), 34)
    words = "Classes as in the key, row by row" if keyed else legend(evolution)
    heading = [
        paragraph(evolution.name, width, size * 3 // 2),
        paragraph(words, width, size, GREY),
    ]
    parts = [stack(heading, size // 2), stack(grid, gap), stack([*_tables(evolution, width, size)], size)]
    figure = stack([part for part in parts if part.height > 1], 2 * size, margin=2 * size)
    figure.thumbnail((LARGEST, LARGEST))
    return figure


def save_figure(run_folder: Path) -> Path:
    """Draw the run's `evolution.png`, whole or not at all; raises `UserError` where the folder holds no record."""
    path = run_folder / "evolution.png"
    figure = draw_evolution(read_evolution(run_folder))
    with replacing(path) as temporary:
        figure.save(temporary, "PNG")
    return path


def _layout(evolution: Evolution, count: int) -> tuple[int, int]:
    """(side of a tile in pixels, panels per row) for `count` panels.

    Pictures under 128 pixels grow by whole factors. Many classes shrink the tiles, wide panels and few of them
    shorten the rows, and very many panels shrink the tiles again.
    """
    columns, rows = grid_shape(len(evolution.classes))
    side = side_of([picture for s in evolution.snapshots[-1:] for picture in pictures_of(evolution, s)])
    room = max(1200 // columns, 30) - GAP
    tile = min(side * max(1, 128 // side), room // side * side or room)
    most = max(min(2700 // (columns * tile), PER_ROW), 3, math.isqrt(count))
    lines = max(1, math.ceil(count / most))
    per_row = max(1, math.ceil(count / lines))
    return max(4, min(tile, 7200 // (per_row * columns) - GAP, 6000 // (lines * rows) - GAP)), per_row


def _key(evolution: Evolution, tile: int) -> Image.Image:
    """A panel that has names where the others have pictures; unit numbers where names cannot be read."""
    size, least = min(max(tile // 6, 10), 24), max(tile // 9, 10)
    words = [word for name in evolution.classes.values() for word in plain(name).split()]
    words = [word for word in words if sized_font(least).getlength(word) <= tile - 6]  # the others are cut at any size
    while size > least and any(sized_font(size).getlength(word) > tile - 6 for word in words):
        size -= 1
    fields: list[Image.Image | None] = []
    for unit, name in evolution.classes.items():
        shown, most = (name, tile * 3 // (4 * size)) if tile >= 48 else (str(unit), 1)
        text = paragraph(shown, tile - 6, size, lines=most, align="centre")
        label = Image.new("RGB", (tile, tile), PAPER)
        label.paste(text, (3, (tile - text.height) // 2))
        ImageDraw.Draw(label).rectangle((0, 0, tile - 1, tile - 1), outline=FAINT)
        fields.append(label)
    return _captioned(arrange(fields, tile), "key", "")


def _captioned(grid: Image.Image, first: str, second: str) -> Image.Image:
    size = min(max(grid.width // 10, 12), 34)
    lines = [paragraph(text, grid.width, size, colour, 1, "centre") for text, colour in ((first, INK), (second, GREY))]
    return stack([grid, stack(lines, 0)], size // 2)


def _tables(evolution: Evolution, width: int, size: int) -> Iterator[Image.Image]:
    """Table 1, as many times as its columns need."""
    font = sized_font(size)
    heads = ("Epoch", "Validation accuracy")
    cells = list(zip(evolution.labels(), [s.accuracy for s in evolution.snapshots], strict=True))
    first = round(max(font.getlength(head) for head in heads)) + size
    step = round(max((font.getlength(text) for cell in cells for text in cell), default=0)) + size
    fitting = max(1, (width - first) // step)
    for start in range(0, len(cells), fitting):
        columns = cells[start : start + fitting]
        sheet = Image.new("RGB", (first + step * len(columns), round(4.4 * size)), PAPER)
        draw = ImageDraw.Draw(sheet)
        for row, middle in enumerate((1.2 * size, 3.2 * size)):
            draw.text((0, middle), heads[row], fill=INK, font=font, anchor="lm")
            for column, cell in enumerate(columns):
                draw.text((first + step * (column + 0.5), middle), cell[row], fill=INK, font=font, anchor="mm")
        for height, thickness in ((0, 3), (2.2 * size, 1), (sheet.height - 3, 3)):
            draw.rectangle((0, height, sheet.width, height + thickness - 1), fill=INK)
        yield sheet
