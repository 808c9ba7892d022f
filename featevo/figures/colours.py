"""The colours of all figures.

The accents are two of the eight colours that people with any colour vision can distinguish: Okabe and Ito, "Color
Universal Design" (2008), https://jfly.uni-koeln.de/color/.
"""

from __future__ import annotations

INK, GREY, FAINT, PAPER = "#1a1a1a", "#666666", "#d4d4d4", "#ffffff"
"""Text, secondary text, lines, background."""

BLUE, VERMILLION = "#0072b2", "#d55e00"
"""Okabe-Ito: curves and points; the current point."""
