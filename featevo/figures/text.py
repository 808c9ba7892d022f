"""Text before it is drawn: cleaned, measured, wrapped."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from featevo.figures.look import fonts, look
from featevo.printable import printable

ELLIPSIS = "…"


def plain(text: str) -> str:
    """Any text on one line, without characters that fonts cannot show or SVG does not allow."""
    return " ".join(printable(text).split())


@lru_cache(maxsize=10_000)
def width_of(text: str, size: float) -> float:
    """Width of one line of text in points, at a type size in points."""
    with look():
        return float(text_to_path.get_text_width_height_descent(text, _font(size), False)[0])


def wrap(text: str, width: float, size: float, lines: int | None = None) -> list[str]:
    """Break text into lines of at most `width` points, between words, and within a word that is wider than a line.

    Args:
        text: Any text.
        width: In points.
        size: Type size in points.
        lines: Most lines; if the text is longer, the last one ends with an ellipsis.
    """
    wrapped = [""]
    for word in plain(text).split(" "):
        joined = f"{wrapped[-1]} {word}".lstrip()
        if width_of(joined, size) <= width:
            wrapped[-1] = joined
            continue
        pieces = _broken(word, width, size)
        wrapped = [*wrapped, *pieces] if wrapped[-1] else pieces
    if lines is not None and len(wrapped) > lines:
        last = wrapped[lines - 1]
        cut = last[: _fitting(last, width - width_of(ELLIPSIS, size), size)].rstrip()
        return [*wrapped[: lines - 1], cut + ELLIPSIS]
    return wrapped


def _broken(word: str, width: float, size: float) -> list[str]:
    """Pieces of a word that fit into `width`, each with at least one letter."""
    pieces = []
    while word:
        most = max(1, _fitting(word, width, size))
        pieces.append(word[:most])
        word = word[most:]
    return pieces


def _fitting(text: str, width: float, size: float) -> int:
    """Number of first letters that are together at most `width` points wide."""
    return bisect_right(range(1, len(text) + 1), width, key=lambda count: width_of(text[:count], size))


@cache
def _font(size: float) -> FontProperties:
    return FontProperties(family=fonts(), size=size)
