"""A contact sheet: images with captions, which notebooks show as HTML."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from featevo.printable import printable
from featevo.record.reading import evenly

LEAST_SIDE, MOST_SIDE = 128, 256
"""Pixels on the screen of an image's longer side: smaller images are enlarged by a whole factor, larger ones shrunk."""

MOST_IMAGES = 96
"""Of a sheet: more cannot be compared."""

LOSSLESS_PIXELS = 500_000
"""Of a sheet; of one with more, images are WebP of quality `QUALITY`, as Jupyter drops output of more than 3 MB."""

QUALITY = 80

NOTHING_RISES = ("zero gradient", "never rose")
"""Ends of an ascent after which an image does not show its unit; see `featevo.visualize.Render`."""


@dataclass(frozen=True)
class ContactSheet:
    """Images that display themselves in a notebook.

    Attributes:
        title: Of all images.
        images: (H, W, 3) or (H, W), uint8; None: there is no such image.
        captions: The lines below each image: first its name, then what is said about it.
    """

    title: str
    images: Sequence[np.ndarray | None]
    captions: Sequence[Sequence[str]]

    def __repr__(self) -> str:
        return f"{self.title}: {len(self.images)} {'image' if len(self.images) == 1 else 'images'}"

    def _repr_html_(self) -> str:
        places = evenly(len(self.images), MOST_IMAGES) if len(self.images) else []
        few = f" ({len(places)} of {len(self.images)} images, evenly spread)" * (len(places) < len(self.images))
        pictures = [_picture(self.images[place]) for place in places]
        lossless = sum(each.width * each.height for each in pictures if each) <= LOSSLESS_PIXELS
        captions = (self.captions[place] for place in places)
        tiles = "".join(_tile(each, lines, lossless) for each, lines in zip(pictures, captions, strict=True))
        title = f"<div style='font-weight:600;margin-bottom:.5em'>{_text(self.title + few)}</div>"
        grid = f"<div style='display:flex;flex-wrap:wrap;gap:12px'>{tiles}</div>"
        return f"<div style='margin-bottom:1em'>{title}{grid}</div>"


def caption(name: str, stopped: str | None, probability: float | None = None, value: float | None = None) -> list[str]:
    """The lines below a render.

    Args:
        name: Of its unit.
        stopped: Why its ascent ended; if it never rose, the image does not show its unit, which is said.
        probability: Of its class, if it is one.
        value: Of its objective, shown if there is no probability.
    """
    number = f"p {probability:.2f}" if probability is not None else "" if value is None else f"{value:.3g}"
    warning = stopped if stopped in NOTHING_RISES else None
    return [line for line in (name, number, warning) if line]


def _picture(image: np.ndarray | None) -> Image.Image | None:
    """An image, shrunk if it is larger than it is shown."""
    if image is None:
        return None
    picture = Image.fromarray(image)
    picture.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
    return picture


def _tile(picture: Image.Image | None, captions: Sequence[str], lossless: bool) -> str:
    width, height = _size(picture)
    name, *more = map(_text, captions)
    lines = "".join(f"<div style='opacity:.7'>{line}</div>" for line in more)
    below = f"<div style='font-size:12px;line-height:1.35;overflow-wrap:anywhere'><div>{name}</div>{lines}</div>"
    size = f"width:{width}px;height:{height}px;max-width:none"
    box = f"display:block;box-sizing:content-box;{size};margin:0 0 3px;border:1px solid #8886"
    shown = f"<div style='{box};font-size:12px;opacity:.7'>no image</div>"
    if picture:
        shown = f"<img alt='{name}' src='{_data(picture, lossless)}' style='{box};image-rendering:pixelated'>"
    return f"<div style='width:{max(width, LEAST_SIDE)}px'>{shown}{below}</div>"


def _data(picture: Image.Image, lossless: bool) -> str:
    content, kind = BytesIO(), "png" if lossless else "webp"
    picture.save(content, kind, **({} if lossless else {"quality": QUALITY}))
    return f"data:image/{kind};base64,{base64.b64encode(content.getvalue()).decode()}"


def _size(picture: Image.Image | None) -> tuple[int, int]:
    """Width and height on the screen."""
    if picture is None:
        return LEAST_SIDE, LEAST_SIDE
    factor = max(1, LEAST_SIDE // max(picture.size))
    return picture.width * factor, picture.height * factor


def _text(text: str) -> str:
    """Any text on one line as HTML."""
    return escape(printable(text))
