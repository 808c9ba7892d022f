"""The table of snapshots: as rows, as Markdown beside the record, and on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from featevo.record.files import write_text
from featevo.record.reading import Evolution


@dataclass(frozen=True)
class Row:
    """One snapshot in numbers; None where nothing was measured or drawn.

    Attributes:
        epoch: completed passes, with the step where two snapshots share an epoch.
        accuracy: validation accuracy as text, `64 %`, or `-`.
        loss: validation loss.
        trigger: why the snapshot was taken.
        logit: mean final logit over the class pictures.
        probability: mean probability in [0, 1] that the network gives its own class pictures.
        seconds: what drawing took.
        folder: the snapshot's folder inside `evolution/`.
        error: why nothing was drawn, or None.
    """

    epoch: str
    accuracy: str
    loss: float | None
    trigger: str
    logit: float | None
    probability: float | None
    seconds: float | None
    folder: str
    error: str | None


def rows(evolution: Evolution) -> list[Row]:
    """One row per snapshot, in the order of training."""
    return [
        Row(
            epoch=label,
            accuracy=snapshot.accuracy,
            loss=snapshot.val_loss,
            trigger=snapshot.trigger,
            logit=_mean([image.values.get("logit") for image in snapshot.of_view()]),
            probability=_mean([image.values.get("probability") for image in snapshot.of_view()]),
            seconds=snapshot.seconds,
            folder=snapshot.folder,
            error=snapshot.error,
        )
        for snapshot, label in zip(evolution.snapshots, evolution.labels(), strict=True)
    ]


def markdown(name: str, evolution: Evolution) -> str:
    """A run's name, the paper's two-row Table 1, and under it one line per snapshot."""
    table = rows(evolution)
    paper = [["Epoch", *(row.epoch for row in table)], ["Validation accuracy", *(row.accuracy for row in table)]]
    heads = ["Epoch", "Validation accuracy", "Validation loss", "Trigger", "Mean logit", "Drawn in"]
    lines = [
        [row.epoch, row.accuracy, number(row.loss, 3), row.trigger.replace("_", " "), number(row.logit, 1), _drawn(row)]
        for row in table
    ]
    return "\n\n".join([f"# {_cell(name)}", _table(paper), _table([heads, *lines])]) + "\n"


def save_markdown(runs: Sequence[tuple[str, Evolution]], path: Path) -> Path:
    """Write the tables of named runs, whole or not at all."""
    write_text(path, "\n".join(markdown(name, evolution) for name, evolution in runs))
    return path


def print_table(evolution: Evolution, console: Console) -> None:
    """Show the snapshots on a terminal; a snapshot that could not be drawn shows why in place of its folder."""
    table = Table(title=escape(evolution.name), title_justify="left", box=box.SIMPLE_HEAD)
    heads = ("epoch", "validation accuracy", "loss", "own pictures, mean p", "seconds")
    for head in heads:
        table.add_column(head, justify="right")
    table.add_column("folder", overflow="fold")
    for row in rows(evolution):
        numbers = (number(row.loss, 3), number(row.probability, 2), number(row.seconds, 1))
        last = f"[red]not drawn: {escape(row.error)}[/red]" if row.error else escape(row.folder)
        table.add_row(row.epoch, row.accuracy, *numbers, last)
    console.print(table)


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals, `-` for None."""
    return "-" if value is None else f"{value:.{digits}f}"


def _drawn(row: Row) -> str:
    return f"not drawn: {row.error}" if row.error else f"{number(row.seconds, 1)} s"


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _table(lines: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(map(_cell, line))} |" for line in lines)
    return "\n".join([head, "|" + " --- |" * len(lines[0]), *body])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
