"""How every figure is set: type sizes, fonts, and matplotlib's settings, so that files are the same on any machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from matplotlib import font_manager, style

from featevo.figures.colours import INK, PAPER

TITLE, TEXT, SMALL = 11.0, 8.0, 7.0
"""Type sizes in points: a run's name, what is under it, words in a chart."""

PAGE = 7.2 * 72
"""Width of a page's text in points, which a figure fills and, where it must, exceeds."""

DPI = 300
"""Dots per inch of print."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, so every machine draws the same letters; it knows Latin, Greek, Cyrillic, Arabic and more."""

FURTHER_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode MS",
)
"""Asked, where they are installed, for the letters that `FONT` lacks; without any of them such a letter is a box."""

SETTINGS = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    # TrueType, which stays text and which journals take; Type 3, the default, they refuse.
    "pdf.fonttype": 42,
    "savefig.facecolor": PAPER,
    # Text, to be searched, copied and edited. A viewer without the font takes one that is, as a rule, narrower.
    "svg.fonttype": "none",
    "svg.hashsalt": "featevo",
    # Letters of the width that was measured.
    "text.hinting": "no_hinting",
}


@contextmanager
def look() -> Iterator[None]:
    """Within: matplotlib's defaults and `SETTINGS`, not the user's own; a letter that no font has is no warning."""
    with style.context(["default", SETTINGS]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


@cache
def fonts() -> list[str]:
    """The families of all text, in the order in which a letter, or a viewer of an SVG, looks for a font."""
    installed = set(font_manager.get_font_names())
    return [FONT, *(name for name in FURTHER_FONTS if name in installed), "sans-serif"]
