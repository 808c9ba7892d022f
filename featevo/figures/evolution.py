"""The paper's Fig. 1 from a record: a panel per snapshot, classes as quadrants, and Table 1 under them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from featevo.figures.blocks import Block, beside, cell, rule, stack, words
from featevo.figures.grid import grid_shape
from featevo.figures.look import DPI, PAGE, TEXT
from featevo.figures.panels import Scale, cell_width, chosen, heading, legend, panel, scale, thinned
from featevo.figures.sheet import save_sheet
from featevo.figures.text import width_of
from featevo.record.reading import Evolution

MOST = 40
"""Most snapshots in one figure."""

TILE, PANEL = 47.5, 166.0
"""Most points of an image's and a panel's side, if their own pixels do not need more."""

LARGEST = 6000
"""Most dots of all panels, in each direction."""

TALL = 1.35
"""Height over width of the panels; above it, rows become longer than a page is wide."""

GAP = 8.0
"""Between panels, in points."""


def draw_evolution(evolution: Evolution, dpi: int = DPI, real: bool = False) -> Block:
    """The figure as a block: title, legend, panels in rows, table; with `real`, the first panel has real images."""
    evolution = evolution.of_main_view
    places = chosen(evolution, MOST)
    grid = _panels(evolution, [None, *places] if real else places, dpi)
    width = max(PAGE, grid.width)
    head = heading(evolution.name, [*legend(evolution), thinned(evolution, places)], width)
    parts = [head, grid, *_tables(evolution, places, width)]
    return stack([part for part in parts if part.height > 0], 2 * GAP)


def save_evolution(evolution: Evolution, path: Path, dpi: int = DPI, real: bool = False) -> Path:
    """Write the figure as PNG, SVG or PDF, atomically; all three have the recorded pixels of the images."""
    return save_sheet(draw_evolution(evolution, dpi, real), path, evolution.name, dpi)


def _panels(evolution: Evolution, places: Sequence[int | None], dpi: int) -> Block:
    columns, rows = grid_shape(len(evolution.main_units))
    dots = dpi / 72
    size = scale(evolution, min(PANEL, TILE * columns) * dots, PAGE * dots)
    width = cell_width(evolution, places, size, dpi)
    per_row = _per_row(len(places), width, width * rows / columns + 3 * TEXT)
    lines = math.ceil(len(places) / per_row)
    fitting = min(LARGEST // (per_row * columns), LARGEST // (max(1, lines) * rows))
    if size.tile * size.zoom > fitting:
        size = Scale(fitting, 1)
        width = cell_width(evolution, places, size, dpi)
    drawn = [cell(panel(evolution, place, size, dpi), width) for place in places]
    return stack([beside(drawn[start : start + per_row], GAP) for start in range(0, len(drawn), per_row)], 2 * GAP)


def _per_row(count: int, width: float, height: float) -> int:
    """Panels per row: as many as a page holds, or more if the figure would be too tall."""
    per_row = max(1, int((PAGE + GAP) / (width + GAP)))
    while math.ceil(count / per_row) * (height + 2 * GAP) > TALL * per_row * (width + GAP) and per_row < count:
        per_row += 1
    lines = max(1, math.ceil(count / per_row))
    return max(1, math.ceil(count / lines))


def _tables(evolution: Evolution, places: list[int], width: float) -> list[Block]:
    """Table 1, in as many parts as its columns need."""
    heads = ("Epoch", "Validation accuracy")
    cells = [(evolution.labels()[place], evolution.snapshots[place].accuracy) for place in places]
    first = max(width_of(head, TEXT) for head in heads) + TEXT
    step = max((width_of(text, TEXT) for cell in cells for text in cell), default=0) + TEXT
    fitting = max(1, int((width - first) / step))
    return [_table(heads, cells[start : start + fitting], first, step) for start in range(0, len(cells), fitting)]


def _table(heads: tuple[str, str], cells: list[tuple[str, str]], first: float, step: float) -> Block:
    rows = [
        beside([cell(words(head), first, "left"), *(cell(words(pair[row]), step) for pair in cells)])
        for row, head in enumerate(heads)
    ]
    thick, thin = (rule(first + step * len(cells), thickness) for thickness in (0.8, 0.4))
    return stack([thick, rows[0], thin, rows[1], thick], TEXT / 4)
