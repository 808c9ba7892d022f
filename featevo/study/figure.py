"""A figure per claim: panels with a line per run, and the numbers of the hypothesis and of its control by seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator

from featevo.record.files import replacing
from featevo.study.arms import SUFFIX
from featevo.study.findings import Finding, Tested
from featevo.study.panels import Panel
from featevo.study.verdicts import CONTRADICTED, SUPPORTED

GROUPS = {
    "eight": "#0072B2",
    "two": "#E69F00",
    "two_more": "#CC79A7",
    "pretrained": "#D55E00",
    "overfit": "#882255",
    "augmented": "#009E73",
}
"""Colours of Okabe and Ito and of Tol, which are also distinct for most colour-blind people."""

VERDICTS = {SUPPORTED: "#009E73", CONTRADICTED: "#D55E00"}
INK, GREY = "#222222", "#767676"
ZERO: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (4, 3))}
LEVELS: dict[str, Any] = {"chance": (0, (4, 3)), "noise": (0, (1, 1)), "start": (0, (1, 3)), "real": "-"}
"""Line styles of the levels of known images."""

LEVEL_WORDS = {"chance": "chance", "noise": "noise", "start": "start images", "real": "real images"}
STEPS = (1, 2, 5, 10)  # steps between the ticks of an axis


def save_finding(finding: Finding, path: Path) -> None:
    """Draw one claim as a PNG; the file is complete or not written."""
    widths = [3.3] * len(finding.panels) + [1.75] * 2
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.04)
    figure = Figure(figsize=(max(sum(widths) + 0.6, 9), 4.2), dpi=150, layout=layout)
    FigureCanvasAgg(figure)
    title = f"{finding.hypothesis.key}. {finding.hypothesis.title} ({finding.data}): {finding.verdict}"
    why = f" ({finding.why})" if finding.why else ""
    figure.suptitle(title + why, x=0.012, ha="left", fontsize=12, fontweight="bold", color=INK)
    axes = figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
    for place, panel in zip(axes, finding.panels, strict=False):
        _panel(place, panel)
    unit = finding.hypothesis.unit
    _effect(axes[-2], finding.main, "Hypothesis", unit, VERDICTS.get(finding.verdict, INK))
    _effect(axes[-1], finding.control, "Control: twins", unit, INK)
    if finding.hypothesis.of_likeness:  # the shares of twins may have any size
        ends = [end for place in axes[-2:] for end in place.get_ylim()]
        for place in axes[-2:]:
            place.set_ylim(min(ends), max(ends))
    _legend(figure, finding)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")


def style(group: str) -> dict[str, Any]:
    """How the runs of an arm are drawn; a twin has the arm's colour, paler and dashed."""
    shuffled = group.endswith(SUFFIX)
    return {
        "color": GROUPS[group.removesuffix(SUFFIX)],
        "linestyle": (0, (2, 1.5)) if shuffled else "-",
        "alpha": 0.45 if shuffled else 0.75,
        "linewidth": 1,
    }


def _panel(axes: Axes, panel: Panel) -> None:
    for line in panel.lines:
        marker = "o" if len(line.x) < 20 else ""
        axes.plot(line.x, line.y, marker=marker, markersize=2.5, **style(line.group))
    for name, height in panel.levels.items():
        axes.axhline(height, color=GREY, linewidth=1, linestyle=LEVELS[name])
    _plain(axes, panel.title)
    axes.set_xlabel(panel.x_label, fontsize=9, color=INK)
    axes.set_ylabel(panel.y_label, fontsize=9, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS, integer=panel.x_label == "epoch"))


def _effect(axes: Axes, test: Tested, title: str, unit: str, colour: str) -> None:
    """Left the numbers by seed, right their median with the interval; values above 0 agree with the claim."""
    numbers = list(test.sample.numbers.values())
    _plain(axes, title)
    axes.axhline(0, **ZERO)
    axes.plot(np.linspace(-0.22, 0.22, len(numbers)), numbers, "o", color=GREY, markersize=4, alpha=0.8)
    found = test.estimate
    if found is not None:
        if found.low is not None and found.high is not None:
            axes.plot([0.6, 0.6], [found.low, found.high], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot(0.6, found.median, "o", color=colour, markersize=8, markeredgecolor="white")
    else:
        axes.text(0.5, 0.55, "no numbers", transform=axes.transAxes, ha="center", fontsize=9, color=GREY)
        axes.set_yticks([])
    axes.set_xlim(-0.5, 1)
    axes.xaxis.set_major_locator(FixedLocator([0, 0.6]))
    axes.xaxis.set_major_formatter(FixedFormatter(["seeds", "median"]))
    axes.set_ylabel(unit, fontsize=8, color=INK)


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, colors=INK)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))


def _legend(figure: Figure, finding: Finding) -> None:
    groups = dict.fromkeys(line.group for panel in finding.panels for line in panel.lines)
    levels = dict.fromkeys(name for panel in finding.panels for name in panel.levels)
    entries = [Line2D([], [], label=group.replace("_", " "), **style(group)) for group in groups]
    entries += [Line2D([], [], color=GREY, linestyle=LEVELS[name], label=LEVEL_WORDS[name]) for name in levels]
    entries.append(Line2D([], [], label="no effect; above: as claimed", **ZERO))
    figure.legend(handles=entries, loc="outside lower left", ncols=min(len(entries), 6), fontsize=8, frameon=False)
