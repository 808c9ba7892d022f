"""A block on white paper: as a figure of matplotlib's, as a file, as a picture. Not by pyplot, which is global."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from featevo.figures.blocks import Block
from featevo.figures.look import DPI, look
from featevo.figures.text import plain
from featevo.record.files import replacing

MARGIN = 10.0
"""Around a block, in points."""

SHEETS = ("png", "svg", "pdf")
"""What a sheet can be written as."""

# Without dates the same record gives the same bytes.
DATES = {"svg": "Date", "pdf": "CreationDate"}


def lay_out(block: Block, dpi: int = DPI, margin: float = MARGIN) -> Figure:
    """The figure that shows a block; it is an even number of dots wide and high, as video must be."""
    width, height = (2 * math.ceil((length + 2 * margin) * dpi / 144 - 1e-6) for length in (block.width, block.height))
    with look():
        figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi)
        FigureCanvasAgg(figure)
        sheet = figure.add_axes((0, 0, 1, 1))
        sheet.set_axis_off()
        sheet.set(xlim=(0, width * 72 / dpi), ylim=(height * 72 / dpi, 0))
        block.draw(sheet, margin, margin)
    return figure


def save_sheet(block: Block, path: Path, title: str, dpi: int = DPI) -> Path:
    """Write a block as the format that the path ends in, whole or not at all.

    Args:
        block: what to show.
        path: ends in one of `SHEETS`.
        title: for the file's metadata.
        dpi: dots per inch of a PNG.

    Returns:
        The path.
    """
    kind = path.suffix.removeprefix(".")
    figure = lay_out(block, dpi)
    with replacing(path) as temporary:
        if kind == "png":
            # Higher levels take twice the time and more for nothing: pictures of features hardly shrink.
            as_picture(figure).save(temporary, "PNG", dpi=(dpi, dpi), compress_level=4)
        else:
            with look():
                figure.savefig(temporary, format=kind, metadata={"Title": plain(title), DATES[kind]: None})
    return path


def as_picture(figure: Figure) -> Image.Image:
    """A figure in RGB, dot for dot."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    with look():
        canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
