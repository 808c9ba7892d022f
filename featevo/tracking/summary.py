"""What a W&B run is left with when it ends: numbers to sort runs by, the page and the figure, all from the record."""

from __future__ import annotations

from pathlib import Path

import wandb

from featevo.record.reading import read_curve, read_evolution
from featevo.record.schema import INDEX
from featevo.record.withheld import showable

GOOD = 0.9
"""The validation accuracy whose first epoch is counted, in 0..1."""


def summarise(run: wandb.Run, folder: Path) -> None:
    """Write the values of `ending` to a run's summary."""
    run.summary.update(ending(folder))


def ending(folder: Path) -> dict[str, float]:
    """What runs are sorted by: `best_val_acc`, `best_epoch`, `epochs_to_90`, and `final/MEASURE` of the last snapshot.

    Only what the record knows is there; `epochs_to_90` not for a run that never had 90 %.
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
    """Log `report.html` as "page" and `evolution.png` as "figure", as far as they are there."""
    page, figure = folder / "report.html", folder / "evolution.png"
    media: dict[str, object] = {}
    if page.is_file():
        with page.open(encoding="utf-8") as file:
            media["page"] = wandb.Html(file, inject=False)
    if figure.is_file():
        media["figure"] = wandb.Image(str(figure))
    if media:
        run.log(media)
