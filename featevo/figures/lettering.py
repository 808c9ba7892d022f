"""Text as pictures, in the font that Pillow carries."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

from featevo.figures.grid import INK, PAPER

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


def paragraph(text: str, width: int, size: int, colour: str = INK, lines: int = 4, align: str = "left") -> Image.Image:
    """Text as a picture `width` pixels wide, wrapped between words; an ellipsis where `lines` lines do not hold it."""
    font = sized_font(size)
    wrapped: list[str] = []
    for word in plain(text).split():
        joined = f"{wrapped[-1]} {word}" if wrapped else word
        if wrapped and font.getlength(joined) <= width:
            wrapped[-1] = joined
        else:
            wrapped.append(word)
    if len(wrapped) > lines:
        wrapped = [*wrapped[: lines - 1], f"{wrapped[lines - 1]}..."]
    step = round(1.3 * size)
    sheet = Image.new("RGB", (width, max(1, step * len(wrapped))), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(wrapped):
        fitted = _fit(line, width, font)
        left = (width - font.getlength(fitted)) / 2 if align == "centre" else 0
        draw.text((left, step * number), fitted, fill=colour, font=font)
    return sheet


@cache
def sized_font(size: int) -> Font:
    """The font at a height in pixels."""
    return ImageFont.load_default(size)


def plain(text: str) -> str:
    """What the font can show: it has ASCII letters only, so "é" becomes "e", and what has no such form "?"."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return letters.encode("ascii", "replace").decode()


def _fit(text: str, width: float, font: Font) -> str:
    kept = text.rstrip(".") if text.endswith("...") else text
    shown = text
    while kept and font.getlength(shown) > width:
        kept = kept[:-1]
        shown = f"{kept.rstrip()}..."
    return shown
