"""The panels of all figures: a snapshot's images as a grid, with its epoch and validation accuracy.

The images are of the classes; in a run without classes, of the units of its first view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from featevo.figures.blocks import Block, picture, stack, words
from featevo.figures.colours import GREY
from featevo.figures.grid import arrange, grid_shape, grid_size, side_of
from featevo.figures.look import TEXT, TITLE
from featevo.figures.text import width_of
from featevo.record.images import open_image
from featevo.record.reading import Evolution, evenly

LISTED = 200
"""Most classes that a legend names one by one."""

REAL = "real images", "validation set"
"""The two lines under the panel of real images."""


@dataclass(frozen=True)
class Scale:
    """Size of the images: `tile` dots per side in the panel, which is then enlarged `zoom` times."""

    tile: int
    zoom: int


def images_of(evolution: Evolution, place: int | None) -> list[Image.Image | None]:
    """The image of every unit of the main view in one snapshot, in RGB; None where it is missing or unreadable.

    Args:
        evolution: The run.
        place: Of the snapshot in the run; None: the first real image of each class instead.
    """
    if place is None:
        files = {unit: real[0] for unit, real in evolution.real.items()}
    else:
        files = {render.unit: render.file for render in evolution.snapshots[place].of_view(evolution.main_view)}
    units = list(evolution.main_units) or [-1]
    return [open_image(evolution.folder, files[unit]) if unit in files else None for unit in units]


def scale(evolution: Evolution, room: float, most: float | None = None) -> Scale:
    """The largest whole zoom at which a panel is at most `room` dots wide.

    A panel of at most `most` dots, by default `room`, keeps the recorded pixels; only a larger one is reduced.
    """
    count = max(1, len(evolution.main_units))
    snapshots = (images_of(evolution, place) for place in range(len(evolution.snapshots)))
    side = next((side_of(images) for images in snapshots if any(images)), side_of([]))
    width, _ = grid_size(count, side)
    if width <= max(room, most or 0):
        return Scale(side, max(1, int(room / width)))
    return Scale(max(4, int((most or room) / grid_shape(count)[0] * 32 / 33) - 1), 1)


def panel(
    evolution: Evolution, place: int | None, scale: Scale, dpi: int, size: float = TEXT, above: bool = False
) -> Block:
    """One snapshot: its images as a grid, "epoch N" and the validation accuracy centred under it.

    Args:
        evolution: The run.
        place: Of the snapshot in the run; None: the real images.
        scale: Of the images.
        dpi: Dots per inch of the figure.
        size: Of the type, in points.
        above: Whether the words are above the grid.
    """
    grid = picture(arrange(images_of(evolution, place), scale.tile), scale.zoom, dpi)
    first, second = captions(evolution, place)
    caption = stack([words(first, size), words(second, size, GREY)], align="center")
    return stack([caption, grid] if above else [grid, caption], size / 2, align="center")


def captions(evolution: Evolution, place: int | None) -> tuple[str, str]:
    """The two lines under a snapshot: `epoch 3`, and its accuracy with remarks; `REAL` for None."""
    if place is None:
        return REAL
    snapshot = evolution.snapshots[place]
    return f"epoch {evolution.labels()[place]}", f"{snapshot.caption}{', not drawn' if snapshot.error else ''}"


def cell_width(evolution: Evolution, places: Sequence[int | None], scale: Scale, dpi: int, size: float = TEXT) -> float:
    """The least width in points that holds every panel with its caption."""
    grid = grid_size(max(1, len(evolution.main_units)), scale.tile)[0] * scale.zoom * 72 / dpi
    return max([grid, *(width_of(line, size) for place in places for line in captions(evolution, place))])


def chosen(evolution: Evolution, most: int) -> list[int]:
    """Places of at most `most` snapshots, evenly spread, with the first, the last and the one of highest accuracy."""
    places = evenly(len(evolution.snapshots), most)
    accuracies = [-1.0 if s.val_acc is None else s.val_acc for s in evolution.snapshots]
    best = accuracies.index(max(accuracies)) if accuracies else 0
    if best in places or len(places) < 3:
        return places
    nearest = min(places[1:-1], key=lambda place: abs(place - best))
    return sorted({best, *places} - {nearest})


def thinned(evolution: Evolution, places: list[int]) -> str:
    """`20 of 3,000 snapshots`, empty if all are shown."""
    count = len(evolution.snapshots)
    return f"{len(places)} of {count:,} snapshots" if len(places) < count else ""


def heading(title: str, notes: Sequence[str], width: float) -> Block:
    """A figure's title with notes under it, wrapped at `width` points; empty notes are left out."""
    lines = [words(note, TEXT, GREY, width) for note in notes if note]
    return stack([words(title, TITLE, width=width), *lines], TEXT / 4)


def legend(evolution: Evolution) -> list[str]:
    """The place of each class or unit in a panel: one line for all, or one for each row of the grid."""
    names, view = list(evolution.main_units.values()), evolution.main_view
    title = view[:1].upper() + view[1:]
    if not names:
        return ["No class was drawn." if evolution.snapshots else "No snapshot was recorded."]
    if len(names) > LISTED:
        return [f"{len(names):,} {view}, row by row, from {names[0]} to {names[-1]}"]
    columns, rows = grid_shape(len(names))
    mark = "; " if any("," in name for name in names) else ", "
    if rows == 1 or len(names) == 4:
        order = "left to right" if rows == 1 else "clockwise from upper left"
        return [f"{title}, {order}: {mark.join(names)}"]
    lines = [mark.join(names[row * columns : (row + 1) * columns]) for row in range(rows)]
    return [f"{title}, row by row:", *(f"{number}. {line}" for number, line in enumerate(lines, 1))]


def legend_line(evolution: Evolution) -> str:
    """The legend on one line, for narrow places."""
    first, *rows = legend(evolution)
    return f"{first} {' / '.join(rows)}".rstrip()
