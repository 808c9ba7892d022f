"""The evolution as a film: one frame per snapshot, its grid beside its accuracy and the curve so far."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

from featevo.figures.evolution import legend, pictures_of
from featevo.figures.grid import FAINT, GREY, INK, PAPER, arrange, grid_shape
from featevo.figures.lettering import paragraph
from featevo.record.files import replacing
from featevo.record.reading import Evolution, read_evolution

MARGIN = 28
COLUMN = 300  # pixels, the width of the text beside the grid
FRAME_MS, LAST_MS = 800, 2400


def save_animation(run_folder: Path) -> Path | None:
    """Write the run's `evolution.webp`, which loops and is lossless, whole or not at all.

    Returns:
        Its path; None where the record holds no snapshot to show.

    Raises:
        UserError: the folder holds no record.
    """
    frames = draw_frames(read_evolution(run_folder))
    if not frames:
        return None
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    # In lossless WebP `quality` is effort; more than this costs seconds and saves little.
    options = {"lossless": True, "quality": 30, "method": 2, "loop": 0, "duration": durations}
    path = run_folder / "evolution.webp"
    with replacing(path) as temporary:
        frames[0].save(temporary, "WEBP", save_all=True, append_images=frames[1:], **options)
    return path


def draw_frames(evolution: Evolution) -> list[Image.Image]:
    """One RGB picture per snapshot, all of one size: the grid about 512 pixels wide, the words and curve beside it."""
    tile = max(24, 512 // grid_shape(len(evolution.classes))[0])
    return [_frame(evolution, number, tile) for number in range(len(evolution.snapshots))]


def _frame(evolution: Evolution, number: int, tile: int) -> Image.Image:
    snapshot = evolution.snapshots[number]
    grid = arrange(pictures_of(evolution, snapshot), tile)
    height = max(grid.height, 440)
    sheet = Image.new("RGB", (grid.width + COLUMN + 3 * MARGIN, height + 2 * MARGIN), PAPER)
    sheet.paste(grid, (MARGIN, MARGIN))
    words = [
        (paragraph(evolution.name, COLUMN, 18, GREY, 1), 0),
        (paragraph(f"epoch {evolution.labels()[number]}", COLUMN, 34, INK, 1), 34),
        (paragraph(snapshot.caption, COLUMN, 34, GREY, 1), 80),
        (_curve(evolution, number), 140),
        (paragraph(legend(evolution), COLUMN, 16, GREY, (height - 316) // 21), 316),
    ]
    for text, top in words:
        sheet.paste(text, (grid.width + 2 * MARGIN, MARGIN + top))
    return sheet


def _curve(evolution: Evolution, number: int) -> Image.Image:
    """Validation accuracy over training steps from 0 to 100 %: all of it faint, up to this snapshot dark."""
    scale, width, height, inset = 3, COLUMN, 150, 8  # drawn three times as large, since Pillow's lines are jagged
    sheet = Image.new("RGB", (width * scale, height * scale), PAPER)
    draw = ImageDraw.Draw(sheet)
    steps = [snapshot.step for snapshot in evolution.snapshots]
    span = max(1, steps[-1] - steps[0])

    def place(index: int, accuracy: float) -> tuple[float, float]:
        left = inset + (steps[index] - steps[0]) / span * (width - 2 * inset)
        return left * scale, (inset + (1 - min(max(accuracy, 0), 1)) * (height - 2 * inset)) * scale

    for level in (0, 0.5, 1):
        draw.line((*place(0, level), (width - inset) * scale, place(0, level)[1]), fill=FAINT, width=scale)
    points = [(i, place(i, s.val_acc)) for i, s in enumerate(evolution.snapshots) if s.val_acc is not None]
    for colour, shown in ((FAINT, points), (INK, [point for point in points if point[0] <= number])):
        for (_, start), (_, end) in pairwise(shown):
            draw.line((*start, *end), fill=colour, width=2 * scale)
        for _, (x, y) in shown:
            draw.ellipse((x - 3 * scale, y - 3 * scale, x + 3 * scale, y + 3 * scale), fill=colour)
    for x, y in (where for index, where in points if index == number):
        draw.ellipse((x - 6 * scale, y - 6 * scale, x + 6 * scale, y + 6 * scale), fill="#d1495b")
    return sheet.resize((width, height), Image.Resampling.LANCZOS)
