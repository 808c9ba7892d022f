"""A ready-made W&B workspace: the evolution beside the curves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wandb

from featevo.errors import UserError
from featevo.record.reading import Evolution, evenly
from featevo.record.schema import MAIN_VIEW, Image
from featevo.record.withheld import showable
from featevo.tracking.media_keys import media_keys

if TYPE_CHECKING:
    from wandb_workspaces.workspaces import Section, Workspace

CLASSES = 24
"""Most classes with a panel each; of more classes, evenly spread ones are chosen."""

MEASURES = {
    "Likeness": "^likeness/",
    "The network": "^(clones|path|information|confusion)/",
    "The images": "^picture/",
    "Stability": "stabil|change|drift|similar|distance",
}
"""Sections of measures, and regular expressions of the names of their measures."""


@dataclass(frozen=True)
class Subjects:
    """Classes and measures that get a panel each; `left_out` is the number of further classes.

    Without measures, each section has one panel for all names that match in `MEASURES`.
    """

    classes: list[str]
    left_out: int
    measures: list[str]


def subjects(evolutions: Sequence[Evolution]) -> Subjects:
    """The classes and measures in the records of runs."""
    names = list(dict.fromkeys(name for evolution in evolutions for name in evolution.classes.values()))
    chosen = [names[place] for place in evenly(len(names), CLASSES)] if names else []
    snapshots = [snapshot for evolution in evolutions for snapshot in evolution.snapshots]
    measures = dict.fromkeys(name for snapshot in snapshots for name in showable(snapshot.measures))
    return Subjects(chosen, len(names) - len(chosen), list(measures))


def build_workspace(entity: str, project: str, name: str, about: Subjects) -> Workspace:
    """A workspace, not yet saved, for everything that the runs of a W&B project log."""
    # These imports take seconds, which only this command should spend.
    import wandb_workspaces.reports.v2 as wr
    import wandb_workspaces.workspaces as ws

    def browser(media_key: str, title: str) -> wr.MediaBrowser:
        return wr.MediaBrowser(title=title, media_keys=[media_key], mode="grid", grid_x_axis="step", grid_y_axis="run")

    def over_epochs(title: str, *names: str, **settings: Any) -> wr.LinePlot:
        return wr.LinePlot(title=title, x="epoch", y=list(names), **settings)

    def section(title: str, *panels: Any, is_open: bool = False, columns: int = 2) -> Section:
        layout = ws.SectionLayoutSettings(columns=columns, rows=max(1, -(-len(panels) // columns)))
        return ws.Section(name=title, panels=list(panels), is_open=is_open, layout_settings=layout)

    def measured(title: str, names: list[str]) -> Section:
        if names:
            return section(title, *(over_epochs(name, name) for name in names))
        return section(title, wr.LinePlot(title=title, x="epoch", metric_regex=MEASURES[title]), columns=1)

    images = [Image(view=MAIN_VIEW, unit=unit, file="", name=name) for unit, name in enumerate(about.classes)]
    sections = [
        section(
            "Evolution",
            browser("evolution/grid", "Every class by training step, a row per run"),
            browser("evolution/real", "Real images of every class, logged once"),
            is_open=True,
            columns=1,
        ),
        section(
            "Accuracy",
            over_epochs("Accuracy", "val_acc", "train_acc", range_y=(0, 1)),
            over_epochs("Loss", "val_loss", "train_loss"),
            is_open=True,
        ),
        section(
            "Runs compared",
            wr.ScatterPlot(
                title="How good against how fast",
                x=wr.SummaryMetric("epochs_to_90"),
                y=wr.SummaryMetric("best_val_acc"),
            ),
            wr.BarPlot(title="Best validation accuracy", metrics=["best_val_acc"], range_x=(0, 1)),
            wr.BarPlot(title="Epochs to 90 %", metrics=["epochs_to_90"]),
            wr.RunComparer(diff_only=True),
            is_open=True,
        ),
        *(measured(title, names) for title, names in by_section(about.measures).items()),
        section("Classes", *map(browser, media_keys(images), about.classes), columns=1),
        section("Page and figure", browser("page", "Page"), browser("figure", "Figure"), columns=1),
    ]
    return ws.Workspace(
        entity=entity,
        project=project,
        name=name,
        sections=sections,
        settings=ws.WorkspaceSettings(x_axis="epoch"),
        runset_settings=ws.RunsetSettings(
            order=[ws.Ordering(ws.Summary("best_val_acc"), ascending=False)],
            pinned_columns=["summary:best_val_acc", "summary:best_epoch", "summary:epochs_to_90"],
        ),
    )


def by_section(measures: Sequence[str]) -> dict[str, list[str]]:
    """The names in each section: the first of `MEASURES` that matches, else "Other measures"."""
    sections: dict[str, list[str]] = {title: [] for title in MEASURES}
    for name in measures:
        matching = (title for title, pattern in MEASURES.items() if re.search(pattern, name))
        sections.setdefault(next(matching, "Other measures"), []).append(name)
    return sections


def as_json(workspace: Workspace) -> str:
    """The workspace as W&B stores it, as JSON."""
    return workspace._to_model().model_dump_json(by_alias=True, exclude_none=True)


def default_entity() -> str:
    try:
        return wandb.Api().default_entity or ""
    except (wandb.errors.Error, OSError) as error:
        raise UserError("W&B: not logged in; `wandb login`, or --json to print the workspace") from error


def saved(workspace: Workspace) -> str:
    try:
        return workspace.save().url
    except (wandb.errors.Error, OSError, ValueError) as error:
        message = " ".join(str(error).split())
        raise UserError(f"W&B: the workspace cannot be saved ({message})") from error
