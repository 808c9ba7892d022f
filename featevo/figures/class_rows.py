"""Runs below each other, each at its best snapshot: classes in columns, on request with real images above."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from featevo.figures.blocks import Block, beside, cell, picture, stack, words
from featevo.figures.comparison import GAP, LABEL, ROWS, label
from featevo.figures.grid import arrange, side_of
from featevo.figures.look import DPI, PAGE, SMALL
from featevo.figures.panels import REAL, captions, heading, images_of
from featevo.figures.sheet import save_sheet
from featevo.record.reading import Evolution, all_class_names, class_names, evenly

MOST = 12
"""Most classes in one figure."""

TILE = 84.0
"""Most points of an image's side, if its own pixels do not need more."""

NARROWEST = 30.0
"""Fewest points of a column, so that its heading can be read."""

Named = dict[str, Image.Image | None]
"""The images of a row by the names of their classes."""


def draw_classes(title: str, runs: Sequence[tuple[str, Evolution]], dpi: int = DPI, real: bool = False) -> Block:
    """The figure of named runs as a block; with `real`, the first row has real images."""
    shown = [runs[place] for place in evenly(len(runs), ROWS)]
    evolutions = [evolution for _, evolution in runs]
    names = all_class_names(evolutions)
    classes = [names[place] for place in evenly(len(names), MOST)]
    rows = [_row(name, evolution) for name, evolution in shown]
    if real:
        rows.insert(0, (label(REAL[0], REAL[1:]), _real(evolutions)))
    room = min(TILE, (PAGE - LABEL) / max(1, len(classes)) - GAP)
    drawn = [(left, [_enlarged(images, name, room, dpi) for name in classes]) for left, images in rows]
    width = max([NARROWEST, *(image.width for _, images in drawn for image in images)])
    heads = [cell(words(name, SMALL, width=width, lines=3, align="center"), width) for name in classes]
    grid = [beside([cell(left, LABEL, "left"), *(cell(i, width) for i in images)], GAP) for left, images in drawn]
    notes = [
        f"{len(classes)} of {len(names):,} classes" * (len(classes) < len(names)),
        f"{len(shown)} of {len(runs)} runs" * (len(shown) < len(runs)),
    ]
    body = [beside([cell(words(""), LABEL), *heads], GAP), *grid]
    return stack([heading(title, notes, max(PAGE, body[0].width)), *body], GAP)


def save_classes(
    title: str, runs: Sequence[tuple[str, Evolution]], path: Path, dpi: int = DPI, real: bool = False
) -> Path:
    """Write the figure as PNG, SVG or PDF, atomically."""
    return save_sheet(draw_classes(title, runs, dpi, real), path, f"{title}: classes", dpi)


def best_place(evolution: Evolution) -> int | None:
    """Place of the first snapshot of the highest accuracy among those with images; without accuracies, of the last."""
    drawn = [place for place, snapshot in enumerate(evolution.snapshots) if snapshot.of_view()]
    measured = [(evolution.snapshots[place].val_acc, -place) for place in drawn]
    best = max(((accuracy, place) for accuracy, place in measured if accuracy is not None), default=None)
    return -best[1] if best else drawn[-1] if drawn else None


def _row(name: str, evolution: Evolution) -> tuple[Block, Named]:
    place = best_place(evolution)
    if place is None:
        return label(name, ["no image"]), {}
    return label(name, captions(evolution, place)), _named(evolution, place)


def _real(evolutions: Sequence[Evolution]) -> Named:
    """Of each class the first real image of the first run that has one."""
    found: Named = {}
    for evolution in evolutions:
        if evolution.real:
            found = {**{name: image for name, image in _named(evolution, None).items() if image}, **found}
    return found


def _named(evolution: Evolution, place: int | None) -> Named:
    names = class_names(evolution).values()
    return dict(zip(names, images_of(evolution, place), strict=True)) if names else {}


def _enlarged(images: Named, name: str, room: float, dpi: int) -> Block:
    """A class's image at the largest whole factor at which it has at most `room` points, but at least its own pixels.

    A missing image is a crossed field, a class that the run does not have is empty.
    """
    if name not in images:
        return words("")
    image = images[name] or arrange([None], side_of(list(images.values())))
    return picture(image, max(1, int(room * dpi / 72 / image.width)), dpi)
