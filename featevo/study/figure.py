"""A figure per claim: panels with a line per seed, and for each hypothesis its numbers with a dot per seed."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullLocator

from featevo.record.files import replacing
from featevo.study.claim import Panel
from featevo.study.findings import Conclusion, Finding
from featevo.study.verdicts import CONTRADICTED, SUPPORTED, UNDECIDED, WITHDRAWN, by_reason

GROUPS = {"random": "#0072B2", "pretrained": "#D55E00", "both": "#CC79A7"}
"""Colours of Okabe and Ito, which are also distinct for most colour-blind people."""

VERDICTS = {SUPPORTED: "#009E73", CONTRADICTED: "#D55E00", UNDECIDED: "#767676", WITHDRAWN: "#767676"}
INK, GREY = "#222222", "#767676"
ZERO: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (4, 3))}
MARKER: dict[str, Any] = {"marker": "D", "color": INK, "markerfacecolor": "white"}
STEPS = (1, 2, 5, 10)  # steps between the ticks of an axis


def save_conclusion(conclusion: Conclusion, path: Path) -> None:
    """Draw one claim as a PNG; the file is complete or not written."""
    panels, findings = conclusion.panels, conclusion.findings
    widths = [3.3] * len(panels) + [1.75] * len(findings)
    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08, wspace=0.04)
    figure = Figure(figsize=(max(sum(widths) + 0.6, 9), 3.9), dpi=150, layout=layout)
    FigureCanvasAgg(figure)
    title = f"{conclusion.claim.key}. {conclusion.claim.title}: {conclusion.verdict}"
    figure.suptitle(title, x=0.012, ha="left", fontsize=12, fontweight="bold", color=INK)
    axes = figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
    for place, panel in zip(axes, panels, strict=False):
        _panel(place, panel)
    for place, finding in zip(axes[len(panels) :], findings, strict=True):
        _effect(place, finding)
    _legend(figure, conclusion)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")


def _panel(axes: Axes, panel: Panel) -> None:
    for line in panel.lines:
        x = np.log2(line.x) if panel.doubling else np.asarray(line.x)
        axes.plot(x, line.y, color=GROUPS[line.group], linewidth=1, alpha=0.75, marker="o", markersize=2.5)
        if line.mark is not None:
            height = float(np.interp(line.mark, line.x, line.y))
            axes.plot(line.mark, height, markersize=6, zorder=3, **MARKER)
    _plain(axes, panel.title)
    axes.set_xlabel(panel.x_label, fontsize=9, color=INK)
    axes.set_ylabel(panel.y_label, fontsize=9, color=INK)
    if panel.doubling:
        counts = sorted({x for line in panel.lines for x in line.x})
        axes.xaxis.set_major_locator(FixedLocator([float(np.log2(count)) for count in counts]))
        axes.xaxis.set_major_formatter(FixedFormatter([f"{count:.0f}" for count in counts]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.margins(x=0.12)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=STEPS, integer=panel.x_label == "epoch"))


def _effect(axes: Axes, finding: Finding) -> None:
    """Left the numbers by seed, right their mean with the interval; values above 0 agree with the claim."""
    colour = VERDICTS[finding.verdict]
    numbers = list(finding.numbers.values())
    _plain(axes, finding.hypothesis.key)
    axes.axhline(0, **ZERO)
    axes.plot(np.linspace(-0.22, 0.22, len(numbers)), numbers, "o", color=GREY, markersize=4, alpha=0.8)
    found = finding.estimate
    if found is not None:
        if found.low is not None and found.high is not None:
            axes.plot([0.6, 0.6], [found.low, found.high], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot(0.6, found.mean, "o", color=colour, markersize=8, markeredgecolor="white")
    else:
        axes.text(0.5, 0.55, "no numbers", transform=axes.transAxes, ha="center", fontsize=9, color=GREY)
        axes.set_yticks([])
    axes.set_xlim(-0.5, 1)
    axes.xaxis.set_major_locator(FixedLocator([0, 0.6]))
    axes.xaxis.set_major_formatter(FixedFormatter(["seeds", "mean"]))
    axes.set_ylabel(finding.hypothesis.unit, fontsize=8, color=INK)
    axes.set_xlabel(f"{finding.verdict}\n{finding.wants}".strip(), fontsize=9, color=colour, fontweight="bold")


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, colors=INK)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))


def _legend(figure: Figure, conclusion: Conclusion) -> None:
    panels = conclusion.panels
    groups = dict.fromkeys(line.group for panel in panels for line in panel.lines)
    labels = {"both": "both inits, runs that overfit"}
    entries = [Line2D([], [], color=GROUPS[group], label=labels.get(group, f"{group} weights")) for group in groups]
    marks = dict.fromkeys(panel.mark_label for panel in panels if panel.mark_label)
    entries += [Line2D([], [], label=f"{mark} (mean)", linestyle="", **MARKER) for mark in marks]
    entries.append(Line2D([], [], label="no effect; above: as claimed", **ZERO))
    withdrawn = by_reason({f.hypothesis.key: f.hypothesis.withdrawn for f in conclusion.findings})
    reasons = [f"{keys} withdrawn: {reason}." for reason, keys in withdrawn.items()]
    width = round(14 * figure.get_figwidth())  # in characters
    figure.legend(
        handles=entries,
        loc="outside lower left",
        ncols=len(entries),
        fontsize=8,
        frameon=False,
        title="\n".join(line for reason in reasons for line in textwrap.wrap(reason, width)),
        title_fontsize=8,
        alignment="left",
    )
