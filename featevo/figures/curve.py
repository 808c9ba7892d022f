"""The validation accuracy over epochs: a chart with a line, and a point at every shown snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
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


@dataclass(frozen=True)
class Chart:
    """A chart that can show another current snapshot.

    Attributes:
        evolution: The run.
        curve: The result of `curve_of`.
        places: Of the snapshots that get a point.
        line: The accuracies so far.
        points: Of the snapshots so far.
        current: The point of the current one.
    """

    evolution: Evolution
    curve: Curve
    places: Sequence[int]
    line: Line2D
    points: Line2D
    current: Line2D

    @property
    def artists(self) -> list[Line2D]:
        """What `show` changes, in the order of drawing."""
        return [self.line, self.points, self.current]

    def show(self, now: int | None) -> None:
        """Make the point of a snapshot larger and the line after it faint; None: there is no current one."""
        until = float("inf") if now is None else self.evolution.snapshots[now].epoch
        shown = [(place, self.evolution.snapshots[place]) for place in self.places]
        past = [(place, each) for place, each in shown if each.epoch <= until]
        points = [(place, (each.epoch, each.val_acc)) for place, each in past if each.val_acc is not None]
        self.line.set_data(*_columns([point for point in self.curve if point[0] <= until]))
        self.points.set_data(*_columns([point for place, point in points if place != now]))
        self.current.set_data(*_columns([point for place, point in points if place == now]))


def draw_curve(axes: Axes, evolution: Evolution, curve: Curve, places: Sequence[int], now: int | None = None) -> Chart:
    """Draw the chart on its axes.

    Args:
        axes: Empty.
        evolution: The run.
        curve: The result of `curve_of`.
        places: Of the snapshots that get a point.
        now: Place of the current snapshot, see `Chart.show`.
    """
    axes.plot(*_columns(curve), color=FAINT, linewidth=1.2)
    (line,) = axes.plot([], color=BLUE, linewidth=1.2)
    (points,) = axes.plot([], "o", color=BLUE, markersize=3.5, clip_on=False)
    (current,) = axes.plot([], "o", color=VERMILLION, markersize=6, clip_on=False)
    chart = Chart(evolution, curve, places, line, points, current)
    chart.show(now)
    first, last = span_of(evolution, curve)
    epochs = [epoch for epoch in EPOCHS.tick_values(first, last) if first <= epoch <= last]
    axes.set(xlim=(first, last), ylim=(0, 1), xticks=epochs, yticks=(0, 0.25, 0.5, 0.75, 1), facecolor="none")
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0, " %"))
    axes.tick_params(labelsize=SMALL, length=2)
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
    axes.set_axisbelow(True)
    return chart


def _columns(points: Curve) -> tuple[list[int], list[float]]:
    return [epoch for epoch, _ in points], [accuracy for _, accuracy in points]
