"""The comparison of a multirun's jobs: a row per job, its snapshots from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from featevo.errors import UserError
from featevo.evolve.figure import legend, panel
from featevo.evolve.files import replacing
from featevo.evolve.grid import GREY, PAPER, beside, grid_shape, stack
from featevo.evolve.lettering import paragraph
from featevo.evolve.reading import Evolution, read_evolution
from featevo.sweep.jobs import Job

COLUMNS = 6
"""Most snapshots of a job that are shown; of more, evenly many of them with the first and the last."""

LARGEST = 8000
"""Most pixels a side."""


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
        named = list(zip(evolution.snapshots, evolution.labels(), strict=True))
        chosen = np.unique(np.linspace(0, len(named) - 1, min(COLUMNS, len(named))).round().astype(int))
        drawn.append(beside([label, *(panel(evolution, named[i][0], named[i][1], tile) for i in chosen)], gap))
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
