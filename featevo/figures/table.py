"""The table of snapshots, as Markdown beside the record and on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.record.files import write_text
from featevo.record.markdown import in_markdown
from featevo.record.reading import Evolution
from featevo.record.schema import Snapshot


def mean_value(snapshot: Snapshot, name: str) -> float | None:
    """Mean of a value over the class images that have it, such as `logit` or `probability`; None if none has it."""
    values = [image.values[name] for image in snapshot.of_view() if name in image.values]
    return sum(values) / len(values) if values else None


def markdown(name: str, evolution: Evolution) -> str:
    """A run's name, the paper's Table 1 with two rows, and a table with one line per snapshot."""
    evolution = evolution.of_main_view
    labels, snapshots = evolution.labels(), evolution.snapshots
    paper = [["Epoch", *labels], ["Validation accuracy", *(snapshot.accuracy for snapshot in snapshots)]]
    columns = {
        "Epoch": labels,
        "Validation accuracy": [snapshot.accuracy for snapshot in snapshots],
        "Validation loss": [number(snapshot.val_loss, 3) for snapshot in snapshots],
        "Trigger": [snapshot.trigger.replace("_", " ") for snapshot in snapshots],
        "Mean logit": [number(mean_value(snapshot, "logit"), 1) for snapshot in snapshots],
        "Drawn in": [f"not drawn: {s.error}" if s.error else f"{number(s.seconds, 1)} s" for s in snapshots],
    }
    if not evolution.classes:
        del columns["Mean logit"]
    lines = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    return "\n\n".join([f"# {in_markdown(name)}", _table(paper), _table(lines)]) + "\n"


def save_markdown(runs: Sequence[tuple[str, Evolution]], path: Path) -> Path:
    """Write the tables of named runs, atomically."""
    write_text(path, "\n".join(markdown(name, evolution) for name, evolution in runs))
    return path


def print_table(evolution: Evolution, console: Console) -> None:
    """Show the snapshots on a terminal; a snapshot without images shows its error in place of its folder."""
    table = Table(title=escape(evolution.name), title_justify="left", box=box.SIMPLE_HEAD)
    of_classes = ["class probability"] if evolution.classes else []
    for head in ("epoch", "validation accuracy", "loss", *of_classes, "seconds"):
        table.add_column(head, justify="right")
    table.add_column("folder", overflow="fold")
    evolution = evolution.of_main_view
    for label, snapshot in zip(evolution.labels(), evolution.snapshots, strict=True):
        loss = number(snapshot.val_loss, 3)
        probability = [number(mean_value(snapshot, "probability"), 2)] if evolution.classes else []
        last = f"[red]not drawn: {escape(snapshot.error)}[/red]" if snapshot.error else escape(snapshot.folder)
        table.add_row(label, snapshot.accuracy, loss, *probability, number(snapshot.seconds, 1), last)
    console.print(table)


def number(value: float | None, digits: int) -> str:
    """A number with this many decimals, `-` for None."""
    return "-" if value is None else f"{value:.{digits}f}"


def _table(lines: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(map(in_markdown, line))} |" for line in lines)
    return "\n".join([head, "|" + " --- |" * len(lines[0]), *body])
