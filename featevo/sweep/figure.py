"""The comparison of a multirun's jobs: a row per job, its snapshots from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from featevo.errors import UserError
from featevo.figures.evolution import LARGEST, legend, panel
from featevo.figures.grid import GREY, PAPER, beside, grid_shape, stack
from featevo.figures.lettering import paragraph
from featevo.record.files import replacing
from featevo.record.reading import Evolution, evenly, read_evolution
from featevo.sweep.jobs import Job

COLUMNS = 6
"""Most snapshots of a job that are shown; of more, evenly many of them with the first and the last."""


def save_comparison(folder: Path, jobs: Sequence[Job]) -> Path | None:
    """Draw `comparison.png`, whole or not at all.

    Args:
        folder: Of the multirun.
        jobs: Those without a snapshot are left out.

    Returns:
        The figure's path, None where no job has a snapshot.
    """
    rows = [(job, evolution) for job in jobs if (evolution := _evolution(job)) is not None]
    if not rows:
        return None
    path = folder / "comparison.png"
    with replacing(path) as temporary:
        draw_comparison(folder.name, rows).save(temporary, "PNG")
    return path


def draw_comparison(name: str, rows: Sequence[tuple[Job, Evolution]]) -> Image.Image:
    """The figure: name and legend, then for each job its label and panels with epoch and accuracy."""
    columns, _ = grid_shape(max(len(evolution.classes) for _, evolution in rows))
    tile = max(8, min(96, 200 // columns))
    size, gap, side = 18, 20, 220
    drawn = []
    for job, evolution in rows:
        best = "" if job.best is None else f"best {job.best:.3f} (epoch {job.best_epoch})"
        label = Image.new("RGB", (side, columns * tile), PAPER)
        label.paste(stack([paragraph(job.name, side - 8, size), paragraph(best, side - 8, size, GREY)], 4), (0, 0))
        snapshots, labels = evolution.snapshots, evolution.labels()
        chosen = evenly(len(snapshots), COLUMNS)
        drawn.append(beside([label, *(panel(evolution, snapshots[i], labels[i], tile) for i in chosen)], gap))
    width = max(600, *(row.width for row in drawn))
    words = {legend(evolution) for _, evolution in rows}
    heading = [paragraph(name, width, size * 3 // 2)]
    heading += [paragraph(text, width, size, GREY) for text in (words if len(words) == 1 else ())]
    figure = stack([stack(heading, size // 2), *drawn], gap, margin=2 * size)
    figure.thumbnail((LARGEST, LARGEST))
    return figure


def _evolution(job: Job) -> Evolution | None:
    if job.folder is None:
        return None
    try:
        evolution = read_evolution(job.folder)
    except UserError:  # no record yet, or a broken one: the other rows are shown
        return None
    return evolution if any(snapshot.renders for snapshot in evolution.snapshots) else None
