"""Runs below each other: for each a strip of snapshots, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from featevo.figures.blocks import Block, beside, cell, picture, stack, words
from featevo.figures.colours import GREY
from featevo.figures.curve import best_of, curve_of
from featevo.figures.grid import arrange
from featevo.figures.look import DPI, SMALL, TEXT
from featevo.figures.panels import (
    REAL,
    cell_width,
    chosen,
    heading,
    images_of,
    legend,
    legend_line,
    panel,
    scale,
    thinned,
)
from featevo.figures.sheet import save_sheet
from featevo.record.reading import Evolution, evenly

COLUMNS, ROWS = 6, 40
"""Most snapshots of a run, and most runs, in one figure."""

PANEL, LABEL, GAP = 66.0, 110.0, 8.0
"""Points: most of a panel's width, if its images allow; a run's label; the room between them."""


def draw_comparison(title: str, runs: Sequence[tuple[str, Evolution]], dpi: int = DPI, real: bool = False) -> Block:
    """The figure of named runs as a block; with `real`, the first strip has real images of each list of classes."""
    runs = [(name, evolution.of_main_view) for name, evolution in runs]
    shown = [runs[place] for place in evenly(len(runs), ROWS)]
    same = all(legend(evolution) == legend(shown[0][1]) for _, evolution in shown)
    strips = [_strip(name, evolution, dpi, "" if same else legend_line(evolution)) for name, evolution in shown]
    if real:
        strips = [*_real_strips([evolution for _, evolution in runs], dpi, same), *strips]
    width = max(strip.width for strip in strips)
    notes = [*(legend(shown[0][1]) if same else ()), f"{len(shown)} of {len(runs)} runs" * (len(shown) < len(runs))]
    return stack([heading(title, notes, width), *strips], 2 * GAP)


def save_comparison(
    title: str, runs: Sequence[tuple[str, Evolution]], path: Path, dpi: int = DPI, real: bool = False
) -> Path:
    """Write the figure as PNG, SVG or PDF, atomically."""
    return save_sheet(draw_comparison(title, runs, dpi, real), path, f"{title}: comparison", dpi)


def _strip(name: str, evolution: Evolution, dpi: int, classes: str) -> Block:
    """One run: its name, its best accuracy, the number of snapshots shown, its classes if given, then its panels."""
    places = chosen(evolution, COLUMNS)
    size = scale(evolution, PANEL * dpi / 72)
    width = cell_width(evolution, places, size, dpi, SMALL)
    notes = [best_of(curve_of(evolution)), thinned(evolution, places), classes]
    panels = [cell(panel(evolution, place, size, dpi, SMALL), width) for place in places]
    return beside([label(name, notes), *panels], GAP)


def _real_strips(evolutions: Sequence[Evolution], dpi: int, same: bool) -> list[Block]:
    """For each list of classes, the real images of the first run that has any."""
    first = {legend_line(evolution): evolution for evolution in reversed(evolutions) if evolution.real}
    return [
        beside([label(REAL[0], [REAL[1], "" if same else classes]), _real_grid(evolution, dpi)], GAP)
        for classes, evolution in reversed(first.items())
    ]


def _real_grid(evolution: Evolution, dpi: int) -> Block:
    size = scale(evolution, PANEL * dpi / 72)
    return picture(arrange(images_of(evolution, None), size.tile), size.zoom, dpi)


def label(name: str, notes: Sequence[str]) -> Block:
    """The words to the left of a strip; empty notes are left out."""
    lines = [words(name, TEXT, width=LABEL, lines=4), *(words(note, SMALL, GREY, LABEL, 6) for note in notes if note)]
    return cell(stack(lines, TEXT / 4), LABEL, "left")
