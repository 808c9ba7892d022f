"""A block on white paper: as a matplotlib figure, a file, or an image. Without pyplot, whose state is global."""

from __future__ import annotations

import math
import zlib
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
"""The formats of a sheet."""

# Without dates the same record gives the same bytes.
DATES = {"svg": "Date", "pdf": "CreationDate"}


def lay_out(block: Block, dpi: int = DPI, margin: float = MARGIN) -> Figure:
    """The figure that shows a block; its width and height are even numbers of dots, as video needs."""
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
    """Write a block, atomically, in the format of the path's suffix.

    Args:
        block: To show.
        path: Its suffix is one of `SHEETS`; it is returned.
        title: For the file's metadata.
        dpi: Dots per inch of a PNG.
    """
    kind = path.suffix.removeprefix(".")
    figure = lay_out(block, dpi)
    with replacing(path) as temporary:
        if kind == "png":
            # Looking for other repetitions than runs takes twice the time and hardly makes renders smaller.
            as_image(figure).save(temporary, "PNG", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)
        else:
            with look():
                figure.savefig(temporary, format=kind, metadata={"Title": plain(title), DATES[kind]: None})
    return path


def as_image(figure: Figure) -> Image.Image:
    """A figure as an RGB image, dot for dot."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    with look():
        canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
