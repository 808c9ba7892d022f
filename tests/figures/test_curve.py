"""The accuracy curve: every measured epoch, or the accuracies of the snapshots."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from featevo.figures.blocks import plot
from featevo.figures.colours import BLUE, FAINT, VERMILLION
from featevo.figures.curve import best_of, curve_of, draw_curve, span_of
from featevo.figures.sheet import lay_out
from featevo.record.reading import read_evolution


@pytest.fixture
def measured(make_run):
    run = make_run()
    (run / "metrics.csv").write_text("epoch,val_acc\n1,0.25\n2,0.64\n3,0.975\n4,0.9\n5,\n")
    return read_evolution(run)


def lines(evolution, places, now=None):
    """(colour, epochs, accuracies) of everything drawn."""
    block = plot(100, 50, lambda axes: draw_curve(axes, evolution, curve_of(evolution), places, now))
    drawn = lay_out(block).axes[1].get_lines()
    return [(to_hex(line.get_color()), *np.asarray(line.get_data()).tolist()) for line in drawn]


def test_the_curve_is_from_the_metrics_or_else_from_the_snapshots(measured, make_run):
    assert curve_of(measured) == [(1, 0.25), (2, 0.64), (3, 0.975), (4, 0.9)]
    assert curve_of(read_evolution(make_run("bare", accuracies=(None, 0.5)))) == [(1, 0.5)]


def test_every_snapshot_shown_has_its_point(measured):
    assert lines(measured, [0, 2]) == [
        (FAINT, [1, 2, 3, 4], [0.25, 0.64, 0.975, 0.9]),
        (BLUE, [1, 2, 3, 4], [0.25, 0.64, 0.975, 0.9]),
        (BLUE, [1, 3], [0.25, 0.975]),
        (VERMILLION, [], []),
    ]


def test_the_curve_after_the_current_snapshot_is_faint(measured):
    assert lines(measured, [0, 1, 2], now=1) == [
        (FAINT, [1, 2, 3, 4], [0.25, 0.64, 0.975, 0.9]),
        (BLUE, [1, 2], [0.25, 0.64]),
        (BLUE, [1], [0.25]),
        (VERMILLION, [2], [0.64]),
    ]


def test_the_best_is_the_first_of_the_highest():
    assert best_of([(1, 0.5), (2, 0.975), (3, 0.975)]) == "best 97.5 % (epoch 2)"
    assert best_of([]) == ""


def test_the_axis_holds_every_epoch(make_run):
    evolution = read_evolution(make_run(accuracies=(None, 0.5)))
    first, last = span_of(evolution, [(9, 0.5)])

    assert first < 0
    assert last > 9
    assert span_of(read_evolution(make_run("empty", accuracies=())), []) == (-0.25, 0.25)
