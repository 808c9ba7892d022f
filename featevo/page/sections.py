"""The section "The record" of the page, which needs no scripts: facts and a table of snapshots for each run."""

from __future__ import annotations

import json
from typing import NamedTuple

from featevo.figures.table import mean_value, number
from featevo.page.gather import Gathered
from featevo.page.labels import labels
from featevo.page.thinning import Plan
from featevo.record.jobs import status_of
from featevo.record.liveness import KEYS
from featevo.record.reading import Evolution
from featevo.record.schema import percent

OF_CLASSES = {"Mean logit": ("logit", 1), "Own probability": ("probability", 2)}
"""Columns that are means over the renders, each for its own class: the value and its decimals."""


class Section(NamedTuple):
    """A run: its name, facts beside the name, its error, the cells of its table, and `run.json`."""

    title: str
    summary: str
    error: str | None
    rows: list[list[str]]
    text: str


def heads(plan: Plan) -> list[str]:
    """Those of the table of snapshots."""
    of_classes = OF_CLASSES if plan.classes else ()
    return ["Epoch", "Validation accuracy", "Validation loss", *of_classes, "Seconds", "Trigger"]


def sections(gathered: Gathered, plan: Plan) -> list[Section]:
    """One section for each run, with the snapshots that the page shows."""
    found = []
    of_classes = [*OF_CLASSES.values()] if plan.classes else []
    for evolution, label, places in zip(gathered.evolutions, labels(gathered.evolutions), plan.snapshots, strict=True):
        status, error = status_of(evolution.run) if evolution.run else ("unknown", None)
        about = {key: value for key, value in evolution.run.items() if key not in KEYS}  # about the process
        text = json.dumps(about, indent=2, ensure_ascii=False)
        summary, rows = ", ".join([status, *_facts(evolution)]), _table(evolution, places, of_classes)
        found.append(Section(label, summary, error, rows, text))
    return found


def _facts(evolution: Evolution) -> list[str]:
    metrics, seconds = evolution.run.get("metrics"), evolution.run.get("seconds")
    best = metrics.get("best_val_acc") if isinstance(metrics, dict) else None
    facts = [f"best validation accuracy {percent(best)}"] if isinstance(best, int | float) else []
    # A run that goes on has 0 seconds in its record.
    return [*facts, f"{seconds:.0f} s"] if isinstance(seconds, int | float) and seconds else facts


def _table(evolution: Evolution, places: list[int], of_classes: list[tuple[str, int]]) -> list[list[str]]:
    named = [*zip(evolution.labels(), evolution.snapshots, strict=True)]
    return [
        [
            name,
            snapshot.accuracy,
            number(snapshot.val_loss, 3),
            *(number(mean_value(snapshot, value), digits) for value, digits in of_classes),
            number(snapshot.seconds, 1),
            f"not drawn: {snapshot.error}" if snapshot.error else snapshot.trigger.replace("_", " "),
        ]
        for name, snapshot in (named[place] for place in places)
    ]
