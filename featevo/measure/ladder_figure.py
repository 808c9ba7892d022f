"""The ladder as a figure: a panel for each measure, a row of dots for each rung."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from torch import Tensor

ACCEPTED, REFUSED, GREY = "#009E73", "#D55E00", "#666666"
"""Bluish green and vermillion of Okabe and Ito's palette."""

Entry = Mapping[str, Any]


def draw(result: Mapping[str, Any], pictures: Mapping[str, Tensor], size: int) -> bytes:
    """The figure as a PNG file.

    Args:
        result: By `featevo.measure.ladder.run`.
        pictures: By rung, (1, 3, H, W): the first of each is shown beside its name.
        size: The entries of this size are drawn; the verdicts of others are written above their panels.
    """
    rows = _rows([entry for entry in result["entries"] if entry["size"] == size])
    columns = max(map(len, rows))
    order = [*result["structured"][::-1], *result["noise"][::-1]]
    figure = Figure(figsize=(2.6 + 2.15 * columns, 0.9 + 3.75 * len(rows)), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for row, entries in zip(grid, rows, strict=True):
        for place, axes in enumerate(row):
            if place >= len(entries):
                axes.set_axis_off()
                continue
            others = [entry for entry in result["entries"] if _source(entry) == _source(entries[place])]
            axes.axhspan(len(result["structured"]) - 0.5, len(order) - 0.4, color="#F5F5F5", zorder=-1)
            _panel(axes, entries[place], order, others)
            _rungs(axes, order, pictures if place == 0 else None)
    width, height = figure.get_size_inches()
    figure.subplots_adjust(
        left=2.05 / width, right=1 - 0.2 / width, top=1 - 1.45 / height, bottom=0.4 / height, wspace=0.14, hspace=0.4
    )
    figure.text(0.2 / width, 1 - 0.38 / height, "The ladder: needed for a measure of complexity, not enough", size=16)
    rule = (
        f"{size} x {size} px, {result['pictures']} images per rung; bars: means. Accepted: each rung without structure "
        "(shaded) has a mean below that of 2 shapes (dashed), and shapes and scene keep their order (Spearman >= 0.9)."
    )
    figure.text(0.2 / width, 1 - 0.65 / height, rule, size=9.5, color=GREY)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _rows(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Measures without a judge first, then a row for each measure that uses one."""
    plain = [entry for entry in entries if entry["judge"] is None]
    names = dict.fromkeys(entry["measure"] for entry in entries if entry["judge"] is not None)
    return [plain, *([entry for entry in entries if entry["measure"] == name] for name in names)]


def _source(entry: Entry) -> tuple[Any, ...]:
    return entry["measure"], entry["judge"], entry["layer"]


def _panel(axes: Axes, entry: Entry, order: Sequence[str], others: Sequence[Entry]) -> None:
    colour = ACCEPTED if entry["accepted"] else REFUSED
    for place, rung in enumerate(order):
        values = entry["values"][rung]
        spread = [place + 0.22 * (2 * (index % 5) / 4 - 1) for index in range(len(values))]
        axes.scatter(values, spread, s=6, color=colour, alpha=0.35, linewidths=0)
        axes.vlines(entry["means"][rung], place - 0.36, place + 0.36, color=colour, linewidth=2.2)
    axes.axvline(entry["means"]["2 shapes"], color=GREY, linewidth=0.8, linestyle=(0, (3, 3)), zorder=0)
    axes.set_xlim(left=min(0, axes.get_xlim()[0]))
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", labelsize=8, color=GREY, labelcolor=GREY)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#BBBBBB")
    title = entry["measure"].removeprefix("complexity/").replace("_", " ")
    axes.text(0, 1.175, title, transform=axes.transAxes, size=10.5, weight="bold")
    judge = f"{entry['judge'].split(' (')[0]}, {entry['layer']}" if entry["judge"] else "no judge"
    axes.text(0, 1.10, judge, transform=axes.transAxes, size=8.5, color=GREY)
    word = "accepted" if entry["accepted"] else "refused"
    axes.text(0, 1.025, word, transform=axes.transAxes, size=9.5, color=colour, weight="bold")
    rest = [other for other in others if other["size"] != entry["size"]]
    verdicts = "   ".join(f"{other['size']} px {'yes' if other['accepted'] else 'no'}" for other in rest)
    axes.text(1, 1.025, verdicts, transform=axes.transAxes, size=8, color=GREY, ha="right")


def _rungs(axes: Axes, order: Sequence[str], pictures: Mapping[str, Tensor] | None) -> None:
    """Lines for rungs, and with images also their names and thumbnails."""
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.set_yticks(range(len(order)), order if pictures else [""] * len(order), size=9)
    axes.tick_params(axis="y", length=0, pad=28 if pictures else 0)
    axes.grid(axis="y", color="#E8E8E8", linewidth=0.7)
    axes.set_axisbelow(True)
    if not pictures:
        return
    for place, rung in enumerate(order):
        picture = pictures[rung][0].permute(1, 2, 0).numpy()
        image = OffsetImage(picture, zoom=0.24 * 64 / len(picture), interpolation="bilinear")
        box = AnnotationBbox(image, (0, place), (-15, 0), ("axes fraction", "data"), "offset points", frameon=False)
        axes.add_artist(box)
