"""The parts of a figure: blocks of known size that draw themselves, stacked and put beside each other.

All lengths are in points, 1/72 inch, measured from the upper left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from PIL import Image

from featevo.figures.colours import INK
from featevo.figures.look import TEXT, fonts
from featevo.figures.text import width_of, wrap

Align: TypeAlias = Literal["left", "center", "right"]

LINE = 1.3
"""Height of a line of text in type sizes."""

SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}
"""Share of the free room that is to the left of a block."""


@dataclass(frozen=True)
class Block:
    """A part of a figure; `draw` draws it on axes whose units are points, with its upper left corner at (left, top)."""

    width: float
    height: float
    draw: Callable[[Axes, float, float], object]


def words(
    text: str,
    size: float = TEXT,
    colour: str = INK,
    width: float | None = None,
    lines: int | None = None,
    align: Align = "left",
) -> Block:
    """Text in lines.

    Args:
        text: Any text; nothing in it is markup.
        size: Type size in points.
        colour: Of the letters.
        width: Most points of a line; longer lines are wrapped.
        lines: Most lines; if the text is longer, the last one ends with an ellipsis.
        align: Of the lines to each other.
    """
    wrapped = wrap(text, float("inf") if width is None else width, size, lines)
    room = max(width_of(line, size) for line in wrapped)
    font: dict[str, Any] = {"fontsize": size, "color": colour, "fontfamily": fonts(), "ha": align, "va": "baseline"}

    def draw(sheet: Axes, left: float, top: float) -> None:
        for number, line in enumerate(wrapped):
            baseline = top + (number + 0.95) * LINE * size - 0.2 * size
            if line:
                sheet.text(left + SHARE[align] * room, baseline, line, parse_math=False, **font)

    return Block(room, len(wrapped) * LINE * size, draw)


def picture(image: Image.Image, zoom: int, dpi: int) -> Block:
    """An RGB image enlarged by a whole factor in a figure of `dpi` dots per inch, without interpolation."""
    dot = 72 / dpi
    width, height = image.width * zoom * dot, image.height * zoom * dot

    def draw(sheet: Axes, left: float, top: float) -> None:
        x, y = round(left / dot) * dot, round(top / dot) * dot
        dots = _Dots(sheet, interpolation="none", extent=(x, x + width, y + height, y))
        dots.set_data(np.asarray(image))
        sheet.add_image(dots)

    return Block(width, height, draw)


class _Dots(AxesImage):
    """An image whose pixels are squares of whole dots, so Agg gets them without resampling, which takes seconds."""

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """What is drawn, from the lowest row to the highest, and where."""
        if unsampled:  # for SVG and PDF, which have the image itself
            return super().make_image(renderer, magnification, unsampled)
        pixels, box = np.asarray(self.get_array()), self.get_window_extent()
        zoom = round(box.width / pixels.shape[1])
        colours = pixels[::-1].repeat(zoom, 0).repeat(zoom, 1)
        opaque = np.full((*colours.shape[:2], 1), 255, np.uint8)
        return np.concatenate([colours, opaque], 2), round(box.x0), round(box.y0), None


def rule(width: float, thickness: float) -> Block:
    """A horizontal line of a table."""

    def draw(sheet: Axes, left: float, top: float) -> None:
        middle = top + thickness / 2
        sheet.plot((left, left + width), (middle, middle), color=INK, linewidth=thickness, solid_capstyle="butt")

    return Block(width, thickness, draw)


def plot(width: float, height: float, draw: Callable[[Axes], object]) -> Block:
    """A chart: `draw` gets its axes, which fill the block; ticks and labels are outside it."""

    def put(sheet: Axes, left: float, top: float) -> None:
        (_, right), (bottom, _) = sheet.get_xlim(), sheet.get_ylim()
        place = (left / right, 1 - (top + height) / bottom, width / right, height / bottom)
        figure = sheet.get_figure(root=True)
        assert figure is not None
        draw(figure.add_axes(place))

    return Block(width, height, put)


def cell(block: Block, width: float, align: Align = "center") -> Block:
    """A block in a place of another width."""

    def draw(sheet: Axes, left: float, top: float) -> None:
        block.draw(sheet, left + SHARE[align] * (width - block.width), top)

    return Block(width, block.height, draw)


def stack(blocks: Sequence[Block], gap: float = 0, align: Align = "left") -> Block:
    """Blocks from top to bottom, `gap` points apart."""
    width = max((block.width for block in blocks), default=0)

    def draw(sheet: Axes, left: float, top: float) -> None:
        for block in blocks:
            cell(block, width, align).draw(sheet, left, top)
            top += block.height + gap

    return Block(width, max(0, sum(block.height + gap for block in blocks) - gap), draw)


def beside(blocks: Sequence[Block], gap: float = 0, middle: bool = False) -> Block:
    """Blocks from left to right, `gap` points apart, aligned at their upper edges, or at their middles."""
    height = max((block.height for block in blocks), default=0)

    def draw(sheet: Axes, left: float, top: float) -> None:
        for block in blocks:
            block.draw(sheet, left, top + (height - block.height) / 2 * middle)
            left += block.width + gap

    return Block(max(0, sum(block.width + gap for block in blocks) - gap), height, draw)
