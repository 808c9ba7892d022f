"""The evolution as a film: one frame per snapshot, its grid beside its accuracy and the curve so far."""

from __future__ import annotations

from PIL import Image

from featevo.figures.blocks import Block, beside, cell, picture, plot, stack, words
from featevo.figures.colours import GREY
from featevo.figures.curve import Curve, curve_of, draw_curve
from featevo.figures.grid import arrange
from featevo.figures.panels import Scale, captions, chosen, legend_line, pictures_of, scale, thinned
from featevo.figures.sheet import as_picture, lay_out
from featevo.record.reading import Evolution

MOST = 240
"""Most frames."""

DPI = 100
GRID = 520  # dots that the grid is wide at most
MARGIN = 20.0  # points, as all that follow
COLUMN, CHART, LABELS = 220.0, 110.0, 28.0
HEADLINE, NAME, LEGEND = 22.0, 11.0, 9.0  # type sizes
LINES = 12  # of the legend at most


def draw_frames(evolution: Evolution) -> list[Image.Image]:
    """One RGB picture per snapshot, all of one size and an even number of pixels wide and high."""
    places, curve, size = chosen(evolution, MOST), curve_of(evolution), scale(evolution, GRID)
    frames = [_frame(evolution, place, places, curve, size) for place in places]
    return [as_picture(lay_out(frame, DPI, MARGIN)) for frame in frames]


def _frame(evolution: Evolution, place: int, places: list[int], curve: Curve, size: Scale) -> Block:
    grid = picture(arrange(pictures_of(evolution, place), size.tile), size.zoom, DPI)
    epoch, accuracy = captions(evolution, place)
    classes = f"{thinned(evolution, places)}. {legend_line(evolution)}".removeprefix(". ")
    chart = plot(COLUMN - LABELS, CHART, lambda axes: draw_curve(axes, evolution, curve, places, place))
    heading = [
        words(evolution.name, NAME, GREY, COLUMN, 1),
        words(epoch, HEADLINE, width=COLUMN, lines=1),
        words(accuracy, HEADLINE, GREY, COLUMN, 1),
    ]
    key = words(classes, LEGEND, GREY, COLUMN, LINES)
    column = stack([stack(heading), cell(chart, COLUMN, "right"), key], 1.2 * MARGIN)
    return beside([grid, cell(column, COLUMN, "left")], MARGIN)
