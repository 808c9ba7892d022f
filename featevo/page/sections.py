"""What stands under the pictures: sections of plain facts and tables. A further one is a function in `SECTIONS`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from featevo.figures.table import number, rows
from featevo.page.gather import Gathered
from featevo.page.labels import labels
from featevo.page.thinning import Plan
from featevo.record.jobs import status_of
from featevo.record.reading import Evolution
from featevo.record.schema import percent

HEADS = ("Epoch", "Validation accuracy", "Validation loss", "Mean logit", "Own probability", "Seconds", "Trigger")
"""Of the table of snapshots; the probability is the mean of what the network gives to its own pictures."""

PROCESS = ("process", "host")
"""What `run.json` says of the machine, not of the run."""


@dataclass(frozen=True)
class Section:
    """One part of the page, folded up at first.

    Attributes:
        title: Its heading, seen also when it is folded.
        summary: A line beside the heading.
        lines: Paragraphs.
        heads: Column heads of its table.
        rows: Cells of its table.
        text: Preformatted text at its end.
    """

    title: str
    summary: str = ""
    lines: list[str] = field(default_factory=list)
    heads: tuple[str, ...] = ()
    rows: list[list[str]] = field(default_factory=list)
    text: str = ""


def about_runs(gathered: Gathered, plan: Plan) -> Iterator[Section]:
    """For each run: how it went, the table of the snapshots shown, and all of `run.json`."""
    for evolution, label, places in zip(gathered.evolutions, labels(gathered.evolutions), plan.snapshots, strict=True):
        status, error = status_of(evolution.run) if evolution.run else ("unknown", None)
        known = {key: value for key, value in evolution.run.items() if key not in PROCESS}
        yield Section(
            label,
            ", ".join([status, *_facts(evolution)]),
            [f"Error: {error}"] if error else [],
            HEADS,
            _table(evolution, places),
            json.dumps(known, indent=2, ensure_ascii=False),
        )


SECTIONS = (about_runs,)


def _facts(evolution: Evolution) -> list[str]:
    run = evolution.run
    metrics: dict[str, Any] = run["metrics"] if isinstance(run.get("metrics"), dict) else {}
    facts = []
    if isinstance(metrics.get("best_val_acc"), int | float):
        facts.append(f"best validation accuracy {percent(metrics['best_val_acc'])}")
    if isinstance(run.get("seconds"), int | float):
        facts.append(f"{run['seconds']:.0f} s")
    return facts


def _table(evolution: Evolution, places: list[int]) -> list[list[str]]:
    table = rows(evolution)
    return [
        [
            row.epoch,
            row.accuracy,
            number(row.loss, 3),
            number(row.logit, 1),
            number(row.probability, 2),
            number(row.seconds, 1),
            f"not drawn: {row.error}" if row.error else row.trigger.replace("_", " "),
        ]
        for row in (table[place] for place in places)
    ]
