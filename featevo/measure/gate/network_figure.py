"""Part c as a figure: a panel for each measure with every network, seed by seed, before and after training."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from featevo.measure.gate.figure import FAILED, GREY, INK, PASSED
from featevo.measure.gate.networks import NETWORKS

COLUMNS = 4
SHUFFLED = "#AA3377"


def draw_networks(result: Mapping[str, Any]) -> bytes:
    """The figure as a PNG file, from the content of the command's JSON."""
    entries = result["networks"]
    rows = -(-len(entries) // COLUMNS)
    figure = Figure(figsize=(15, 0.9 + 2.5 * rows), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subplots(rows, COLUMNS, squeeze=False).flatten()
    for place, entry in zip(places, entries, strict=False):
        _panel(place, entry)
    for place in places[len(entries) :]:
        place.set_axis_off()
    words = "Networks whose telling feature is known: "
    words += f"{result['seeds']} seeds of each; grey before training, coloured after it"
    figure.suptitle(words, x=0.01, ha="left", size=14, color=INK)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _panel(axes: Axes, entry: Mapping[str, Any]) -> None:
    for place, task in enumerate(NETWORKS):
        values = entry["values"][task]
        colour = SHUFFLED if task == NETWORKS[-1] else "#0072B2"
        aside = np.linspace(-0.13, 0.13, len(values["last"]))
        axes.plot(place - 0.2 + aside, values["first"], "o", color="#AAAAAA", markersize=3, alpha=0.8)
        axes.plot(place + 0.2 + aside, values["last"], "o", color=colour, markersize=3.5, alpha=0.85)
    truth = entry["known_truth"]
    verdict = "passes" if truth["passed"] else "fails"
    axes.set_title(f"{entry['measure']}: {verdict}", size=10.5, loc="left", color=PASSED if truth["passed"] else FAILED)
    axes.set_xticks(range(len(NETWORKS)), [task.replace("_", "\n") for task in NETWORKS], size=8, color=INK)
    axes.set_xlabel(f"as {entry['claims']}", size=8.5, color=GREY)
    axes.tick_params(axis="y", labelsize=8, colors=GREY)
    axes.spines[["top", "right"]].set_visible(False)
