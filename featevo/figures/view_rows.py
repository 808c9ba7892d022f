"""The images of another view than the classes: units in rows, by group, and time from left to right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image

from featevo.figures.blocks import Block, beside, cell, picture, stack, words
from featevo.figures.colours import GREY
from featevo.figures.grid import arrange, side_of
from featevo.figures.look import DPI, PAGE, SMALL, TEXT
from featevo.figures.panels import captions, heading, thinned
from featevo.figures.sheet import save_sheet
from featevo.figures.text import plain, width_of
from featevo.record.files import slug
from featevo.record.images import open_image
from featevo.record.reading import Evolution, evenly
from featevo.record.units import other_views

COLUMNS, ROWS = 8, 48
"""Most snapshots, and most units, in one figure."""

TILE, NARROWEST = 48.0, 46.0
"""Points: most of an image's height, if its own pixels do not need more; fewest of a column, for its heading."""

LABEL, GAP = 90.0, 5.0
"""Points: most of a label's width, the room between images."""

FIGURES = ("evolution", "accuracy", "comparison", "classes")
"""Names of the other figures."""


def draw_view(evolution: Evolution, view: str, dpi: int = DPI) -> Block:
    """The figure as a block: a title, then a row for each unit with its image in each snapshot of the view."""
    run = replace(evolution, snapshots=[snapshot for snapshot in evolution.snapshots if snapshot.of_view(view)])
    units = other_views(run)[view]
    shown = [units[place] for place in evenly(len(units), ROWS)]
    places = evenly(len(run.snapshots), COLUMNS)
    left = [_widest([unit.group for unit in units], TEXT), _widest([unit.name for unit in units], SMALL)]
    room = (PAGE - sum(left)) / len(places) - GAP
    rows = [[_drawn(image, room, dpi) for image in _images(run, view, unit.number, places)] for unit in shown]
    width = max([NARROWEST, *(image.width for row in rows for image in row)])
    lines: dict[str, list[Block]] = {}
    for unit, row in zip(shown, rows, strict=True):
        group = lines.setdefault(unit.group, [])
        label = cell(words("" if group else unit.group, TEXT, width=LABEL, lines=3), left[0], "left")
        name = cell(words(unit.name, SMALL, GREY, LABEL, 3), left[1], "left")
        label = beside([label, name], middle=True)
        group.append(beside([label, *(cell(image, width) for image in row)], GAP, middle=True))
    heads = [cell(_head(run, place, width), width) for place in places]
    top = beside([cell(words(""), sum(left)), *heads], GAP)
    notes = [f"{len(shown)} of {len(units):,} images" * (len(shown) < len(units)), thinned(run, places)]
    title = heading(f"{evolution.name}: {view}", notes, max(PAGE, top.width))
    return stack([title, stack([top, *(stack(group, GAP) for group in lines.values())], 2 * GAP)], 2 * GAP)


def save_view(evolution: Evolution, view: str, path: Path, dpi: int = DPI) -> Path:
    """Write the figure as PNG, SVG or PDF, atomically."""
    return save_sheet(draw_view(evolution, view, dpi), path, f"{evolution.name}: {view}", dpi)


def stem_of(view: str) -> str:
    """The name of a view's figure without its suffix; any view of a record gives a safe one."""
    name = slug(view)
    return f"view-{name}" if name in FIGURES else name


def _images(run: Evolution, view: str, unit: int, places: list[int]) -> list[Image.Image]:
    """A unit's images in some snapshots; a crossed field, of the size of the others, where there is none."""
    files = [{each.unit: each.file for each in run.snapshots[place].of_view(view)}.get(unit) for place in places]
    found = [None if file is None else open_image(run.folder, file) for file in files]
    return [image or arrange([None], side_of(found)) for image in found]


def _drawn(image: Image.Image, room: float, dpi: int) -> Block:
    """At the largest whole factor at which it is at most `room` points wide and `TILE` high; reduced if it is wider."""
    wide, high = room * dpi / 72, TILE * dpi / 72
    if image.width > wide:
        size = max(1, int(wide)), max(1, round(image.height * int(wide) / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
    return picture(image, max(1, int(min(wide / image.width, high / image.height))), dpi)


def _widest(names: list[str], size: float) -> float:
    """Points for labels with the room to what follows; none if all are empty."""
    widest = max(width_of(plain(name), size) for name in names)
    return min(LABEL, widest) + 2 * GAP if widest else 0.0


def _head(run: Evolution, place: int, width: float) -> Block:
    epoch, accuracy = captions(run, place)
    lines = [words(epoch, SMALL, width=width, lines=2, align="center")]
    lines.append(words(accuracy, SMALL, GREY, width, 3, "center"))
    return stack(lines, align="center")
