"""Helpers of the tests of figures: the places of everything drawn, and the images inside files."""

from __future__ import annotations

import base64
import io
import re
import zlib
from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text
from PIL import Image

from featevo.figures.look import look
from featevo.figures.sheet import as_image

SLACK = 0.5
"""Dots by which boxes may touch: letters are placed to fractions of a dot."""


def boxes(figure: Figure, kind: type) -> dict[str, tuple[float, float, float, float]]:
    """(left, bottom, right, top) in dots of all visible texts or images."""
    as_image(figure)  # ticks have positions only after drawing
    with look():
        shown = [
            artist for artist in figure.findobj(kind) if artist.get_visible() and artist.get_tightbbox() is not None
        ]
        names = [artist.get_text() if isinstance(artist, Text) else "image" for artist in shown]
        found = [(name, artist.get_window_extent()) for name, artist in zip(names, shown, strict=True) if name]
    return {f"{number} {name}": (*box.min, *box.max) for number, (name, box) in enumerate(found)}


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Texts and images that cover each other, or are partly outside the figure."""
    found = {**boxes(figure, Text), **{f"{name}s": box for name, box in boxes(figure, AxesImage).items()}}
    width, height = figure.canvas.get_width_height()
    bad = [(one, other) for one, other in combinations(found, 2) if _meet(found[one], found[other])]
    outside = [name for name, box in found.items() if min(box) < 0 or box[2] > width or box[3] > height]
    return bad + [(name, "edge") for name in outside]


def texts(figure: Figure) -> list[str]:
    """Everything written in a figure."""
    return [name.partition(" ")[2] for name in boxes(figure, Text)]


def count_dots(image: Image.Image) -> dict[tuple[int, int, int], int]:
    """Number of dots of each colour."""
    return {colour: count for count, colour in image.convert("RGB").getcolors(1 << 24) or []}  # type: ignore[misc]


def places_of(wanted: Image.Image, figure: Image.Image) -> list[tuple[int, int]]:
    """(left, top) of every place where a figure shows an image dot for dot."""
    dots, part = (np.asarray(image.convert("RGB")) for image in (figure, wanted))
    corners = zip(*np.nonzero((dots == part[0, 0]).all(-1)), strict=True)
    height, width = part.shape[:2]
    return [(x, y) for y, x in corners if np.array_equal(dots[y : y + height, x : x + width], part)]


def svg_images(path: Path) -> list[Image.Image]:
    """The images embedded in an SVG."""
    found = re.findall(r'xlink:href="data:image/png;base64,([^"]+)"', path.read_text(encoding="utf-8"))
    return [Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB") for content in found]


def pdf_images(path: Path) -> list[np.ndarray]:
    """The images embedded in a PDF as (H, W, 3) bytes; matplotlib stores them upside down as rows of a PNG."""
    found = []
    streams = rb"<<([^>]*(?:<<[^>]*>>[^>]*)*)>>\s*stream\r?\n(.*?)\r?\nendstream"
    for head, content in re.findall(streams, path.read_bytes(), re.S):
        if b"/Subtype /Image" not in head or b"/DeviceRGB" not in head:
            continue
        width, height = (int(re.search(rb"/%s (\d+)" % key, head)[1]) for key in (b"Width", b"Height"))  # type: ignore[index]
        assert b"/FlateDecode" in head
        found.append(_png(content, width, height)[::-1])
    return found


def _png(content: bytes, width: int, height: int) -> np.ndarray:
    """The image of compressed rows of a PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")
    return np.asarray(Image.open(io.BytesIO(png)))


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide > SLACK and high > SLACK
