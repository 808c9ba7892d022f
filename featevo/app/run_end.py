"""The end of a run: what is printed on the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from featevo.figures.table import print_table
from featevo.record.reading import read_evolution
from featevo.record.schema import INDEX


def show_closing(folder: Path, metrics: dict[str, float], monitor: str) -> None:
    """Print the table of snapshots, the result and the paths."""
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
    """The best and the last value: `best val_acc 0.9750 (epoch 3), last val_acc 0.9500`."""
    parts = []
    if f"best_{monitor}" in metrics:
        parts.append(f"best {monitor} {metrics[f'best_{monitor}']:.4f} (epoch {metrics['best_epoch']:.0f})")
    parts += [f"last {name} {metrics[name]:.4f}" for name in dict.fromkeys((monitor, "val_acc")) if name in metrics]
    return ", ".join(parts) or "nothing was measured"
