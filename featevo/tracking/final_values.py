"""The end of a W&B run: numbers to sort runs by, the page and the figure, all from the record."""

from __future__ import annotations

from pathlib import Path

import wandb

from featevo.record.reading import read_curve, read_evolution
from featevo.record.schema import INDEX
from featevo.record.withheld import showable

GOOD = 0.9
"""Validation accuracy in 0..1; `epochs_to_90` is the first epoch that reaches it."""


def final_values(folder: Path) -> dict[str, float]:
    """Numbers to sort runs by: `best_val_acc`, `best_epoch`, `epochs_to_90`, and `final/MEASURE` of the last snapshot.

    A value that the record does not have is left out; so is `epochs_to_90` of a run that never had 90 %.
    """
    values: dict[str, float] = {}
    curve = read_curve(folder)
    if curve:
        epoch, accuracy = max(curve, key=lambda point: point[1])
        values |= {"best_val_acc": accuracy, "best_epoch": epoch}
        good = [epoch for epoch, accuracy in curve if accuracy >= GOOD]
        values |= {"epochs_to_90": good[0]} if good else {}
    snapshots = read_evolution(folder).snapshots if (folder / INDEX).is_file() else []
    measured = [shown for snapshot in snapshots if (shown := showable(snapshot.measures))]
    return values | {f"final/{name}": value for name, value in (measured[-1] if measured else {}).items()}


def attach(run: wandb.Run, folder: Path) -> None:
    """Log `report.html` as "page" and `evolution.png` as "figure", if they exist."""
    page, figure = folder / "report.html", folder / "evolution.png"
    media: dict[str, object] = {}
    if page.is_file():
        with page.open(encoding="utf-8") as file:
            media["page"] = wandb.Html(file, inject=False)
    if figure.is_file():
        media["figure"] = wandb.Image(str(figure))
    if media:
        run.log(media)
