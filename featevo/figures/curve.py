"""The validation accuracy over epochs: a chart with a line, and a point at every shown snapshot."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from featevo.figures.colours import BLUE, FAINT, VERMILLION
from featevo.figures.look import SMALL
from featevo.record.reading import Evolution, read_curve
from featevo.record.schema import percent

Curve = list[tuple[int, float]]
"""(epoch, validation accuracy in [0, 1]) in the order of training."""

EPOCHS = MaxNLocator(nbins=12, integer=True, min_n_ticks=1)


def curve_of(evolution: Evolution) -> Curve:
    """The accuracy of every measured epoch; only of the snapshots if the record has no more."""
    return read_curve(evolution.folder) or [(s.epoch, s.val_acc) for s in evolution.snapshots if s.val_acc is not None]


def best_of(curve: Curve) -> str:
    """The highest accuracy and its first epoch in words, `best 97.5 % (epoch 3)`; empty for an empty curve."""
    if not curve:
        return ""
    epoch, accuracy = max(curve, key=lambda point: (point[1], -point[0]))
    return f"best {percent(accuracy)} (epoch {epoch})"


def span_of(evolution: Evolution, curve: Curve) -> tuple[float, float]:
    """First and last epoch of a chart's axis, with a margin."""
    epochs = [*(epoch for epoch, _ in curve), *(snapshot.epoch for snapshot in evolution.snapshots)] or [0]
    room = max(0.25, 0.03 * (max(epochs) - min(epochs)))
    return min(epochs) - room, max(epochs) + room


def draw_curve(axes: Axes, evolution: Evolution, curve: Curve, places: Sequence[int], now: int | None = None) -> None:
    """Draw the chart on its axes.

    Args:
        axes: Empty.
        evolution: The run.
        curve: The result of `curve_of`.
        places: Of the snapshots that get a point.
        now: Place of the current snapshot: its point is larger, and the line after it is faint; None: no such one.
    """
    until = float("inf") if now is None else evolution.snapshots[now].epoch
    axes.plot(*_columns(curve), color=FAINT, linewidth=1.2)
    axes.plot(*_columns([point for point in curve if point[0] <= until]), color=BLUE, linewidth=1.2)
    for place in places:
        snapshot = evolution.snapshots[place]
        if snapshot.val_acc is not None and snapshot.epoch <= until:
            colour, size = (VERMILLION, 6) if place == now else (BLUE, 3.5)
            axes.plot(snapshot.epoch, snapshot.val_acc, "o", color=colour, markersize=size, clip_on=False)
    first, last = span_of(evolution, curve)
    epochs = [epoch for epoch in EPOCHS.tick_values(first, last) if first <= epoch <= last]
    axes.set(xlim=(first, last), ylim=(0, 1), xticks=epochs, yticks=(0, 0.25, 0.5, 0.75, 1), facecolor="none")
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0, " %"))
    axes.tick_params(labelsize=SMALL, length=2)
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
    axes.set_axisbelow(True)


def _columns(points: Curve) -> tuple[list[int], list[float]]:
    return [epoch for epoch, _ in points], [accuracy for _, accuracy in points]
