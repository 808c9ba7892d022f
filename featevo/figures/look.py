"""The style of all figures: type sizes, fonts and settings of matplotlib, so that files are equal on all machines."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from matplotlib import font_manager, style

from featevo.figures.colours import INK, PAPER

TITLE, TEXT, SMALL = 11.0, 8.0, 7.0
"""Type sizes in points: a run's name, notes and tables, words in a chart."""

PAGE = 7.2 * 72
"""Width of a page's text in points: the least width of a figure."""

DPI = 300
"""Dots per inch for print."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, so it is on every machine; it has Latin, Greek, Cyrillic, Arabic and other letters."""

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
"""Used, if installed, for letters that `FONT` lacks; if none is installed, such a letter is a box."""

SETTINGS = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    # TrueType: it stays text, and journals accept it; they refuse Type 3, the default.
    "pdf.fonttype": 42,
    "savefig.facecolor": PAPER,
    # Text that can be searched, copied and edited. A viewer without the font uses another one, usually narrower.
    "svg.fonttype": "none",
    "svg.hashsalt": "featevo",
    # Letters are as wide as measured.
    "text.hinting": "no_hinting",
}


@contextmanager
def look() -> Iterator[None]:
    """Use matplotlib's defaults and `SETTINGS` instead of the user's, without warnings about missing letters."""
    with style.context(["default", SETTINGS]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


@cache
def fonts() -> list[str]:
    """The font families of all text, in the order in which a letter is looked up."""
    installed = set(font_manager.get_font_names())
    return [FONT, *(name for name in FURTHER_FONTS if name in installed), "sans-serif"]
