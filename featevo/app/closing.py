"""What a run leaves on the terminal when it is done, and the page that every run with pictures gets."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from rich.console import Console

from featevo.figures.table import print_table
from featevo.page.write import write_report
from featevo.record.reading import read_evolution
from featevo.record.schema import INDEX

log = logging.getLogger(__name__)


def write_page(folder: Path) -> None:
    """Write `report.html` where there is an evolution; what fails is logged, as it can be written again at any time."""
    if not (folder / INDEX).is_file():
        return
    try:
        write_report([folder])
    except Exception:
        log.exception("The page of %s could not be written; again: python -m featevo.report %s", folder, folder)


def show_closing(folder: Path, metrics: dict[str, float], monitor: str) -> None:
    """Print the table of snapshots, how well the run did, and where everything is."""
    console = Console()
    if (folder / INDEX).is_file():
        print_table(read_evolution(folder), console)
    lines = {"Run folder": str(folder), "Result": result(metrics, monitor)}
    figure, page = folder / "evolution.png", folder / "report.html"
    lines |= {what: str(path) for what, path in {"Figure": figure, "Page": page}.items() if path.is_file()}
    further = ["open the page in a browser"] if page.is_file() else []
    if (folder / "wandb").is_dir():
        further.append(f"in a terminal: {Path(sys.executable).parent / 'wandb'} leet {folder / 'wandb'}")
    for what, text in lines.items():
        console.print(f"{what + ':':<12}{text}", soft_wrap=True, highlight=False, markup=False)
    if further:
        console.print(f"Look further: {'; '.join(further)}", soft_wrap=True, highlight=False, markup=False)


def result(metrics: dict[str, float], monitor: str) -> str:
    """The best and the last value in words: `best val_acc 0.9750 (epoch 3), last val_acc 0.9500`."""
    said = []
    if f"best_{monitor}" in metrics:
        said.append(f"best {monitor} {metrics[f'best_{monitor}']:.4f} (epoch {metrics['best_epoch']:.0f})")
    said += [f"last {name} {metrics[name]:.4f}" for name in dict.fromkeys((monitor, "val_acc")) if name in metrics]
    return ", ".join(said) or "nothing was measured"
