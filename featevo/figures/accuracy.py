"""The accuracy curve with the features of its epochs: thumbnails of snapshots, each with a line to its point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from featevo.figures.blocks import Block, plot, stack
from featevo.figures.colours import GREY
from featevo.figures.curve import Curve, best_of, curve_of, draw_curve, span_of
from featevo.figures.look import DPI, PAGE, SMALL, TEXT
from featevo.figures.panels import cell_width, chosen, heading, legend, panel, scale, thinned
from featevo.figures.sheet import save_sheet
from featevo.record.reading import Evolution

MOST = 10
"""Most thumbnails."""

WIDEST, THUMBNAIL, GAP = 9.6 * 72, 64.0, 5.0
"""Points: most of all thumbnails side by side, most of one thumbnail's width, the room between thumbnails."""

CHART, FAN, LEFT, BELOW = 150.0, 22.0, 44.0, 28.0
"""Points: height of the chart, height of the slanted part of the lines above it, room for the labels of its axes."""


def draw_accuracy(evolution: Evolution, dpi: int = DPI) -> Block:
    """The figure as a block: title, legend, thumbnails in the order of training, the curve under them."""
    evolution = evolution.of_main_view
    curve = curve_of(evolution)
    size = scale(evolution, THUMBNAIL * dpi / 72)
    every = list(range(len(evolution.snapshots)))
    cell = cell_width(evolution, every, size, dpi, SMALL) + GAP
    places = chosen(evolution, min(MOST, int(WIDEST / cell)))
    width = max(PAGE, LEFT + cell * len(places))
    thumbnails = [panel(evolution, place, size, dpi, SMALL, above=True) for place in places]
    notes = [*legend(evolution), best_of(curve).capitalize() or "No accuracy was measured.", thinned(evolution, places)]
    chart = _chart(evolution, curve, places, thumbnails, cell, width)
    return stack([heading(evolution.name, notes, width), chart], 2 * TEXT)


def save_accuracy(evolution: Evolution, path: Path, dpi: int = DPI) -> Path:
    """Write the figure as PNG, SVG or PDF, atomically."""
    return save_sheet(draw_accuracy(evolution, dpi), path, f"{evolution.name}: accuracy", dpi)


def spread(wanted: list[float], room: float, first: float, last: float) -> list[float]:
    """Places near the wanted ones, in the same order, at least `room` apart and in [first, last].

    Places that are too close are moved: to the mean of moving all to the right and moving all to the left.
    """
    steps = room * np.arange(len(wanted))
    free = np.asarray(wanted) - steps
    rightmost = np.maximum.accumulate(free)
    leftmost = np.minimum.accumulate(free[::-1])[::-1]
    within = np.clip((rightmost + leftmost) / 2, first, last - room * (len(wanted) - 1))
    return (within + steps).tolist()


def _chart(
    evolution: Evolution, curve: Curve, places: list[int], thumbnails: list[Block], cell: float, width: float
) -> Block:
    """The thumbnails above the curve.

    Each line is vertical from its point to the top of the chart, so it does not cross the curve. Only above the chart
    it is slanted; there all lines have the same order at both ends, so they do not cross each other.
    """
    strip = max((thumbnail.height for thumbnail in thumbnails), default=0)
    start, end = span_of(evolution, curve)

    def label_axes(axes: Axes) -> None:
        draw_curve(axes, evolution, curve, places)
        axes.set_xlabel("Epoch", fontsize=TEXT)
        axes.set_ylabel("Validation accuracy", fontsize=TEXT)

    def draw(sheet: Axes, left: float, top: float) -> None:
        low, wide = left + LEFT, width - LEFT
        roof = top + strip + FAN
        snapshots = [evolution.snapshots[place] for place in places]
        points = [low + (snapshot.epoch - start) / (end - start) * wide for snapshot in snapshots]
        middles = spread(points, cell, left + cell / 2, left + width - cell / 2)
        for thumbnail, snapshot, x, middle in zip(thumbnails, snapshots, points, middles, strict=True):
            thumbnail.draw(sheet, middle - thumbnail.width / 2, top)
            foot = roof + CHART * (1 - (snapshot.val_acc or 0))
            heights = (top + thumbnail.height + 2, roof, foot)
            sheet.plot((middle, x, x), heights, color=GREY, linewidth=0.4)
        plot(wide, CHART, label_axes).draw(sheet, low, roof)

    return Block(width, strip + FAN + CHART + BELOW, draw)
