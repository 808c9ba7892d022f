"""Thumbnails are above their epochs, connected to their points, and cover neither each other nor the curve."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from featevo.figures.accuracy import MOST, draw_accuracy, save_accuracy, spread
from featevo.figures.sheet import SHEETS, as_image, lay_out
from featevo.record.reading import read_evolution
from tests.figures.parts import boxes, count_dots, overlaps, texts


def drawn(run):
    return lay_out(draw_accuracy(read_evolution(run)))


@pytest.mark.parametrize(("classes", "snapshots"), [(1, 40), (2, 9), (4, 1), (4, 40), (10, 9), (100, 3), (4, 0)])
def test_no_label_covers_another(make_run, classes, snapshots):
    names = [f"class number {unit} with a long name" for unit in range(classes)]
    figure = drawn(make_run(classes=names, accuracies=[number / 40 for number in range(snapshots)], size=8))

    assert overlaps(figure) == []


@pytest.mark.parametrize("epochs", [[0, 1, 2], [1, 2, 50], [47, 48, 49, 50], list(range(1, 11)), [7]])
def test_a_line_connects_each_thumbnail_to_its_point_and_crosses_nothing(make_run, epochs):
    def change(entries):
        for entry, epoch in zip(entries, epochs, strict=True):
            entry["epoch"] = epoch

    run = make_run(accuracies=[0.3 + 0.06 * n for n in range(len(epochs))], change=change)
    figure = drawn(run)
    sheet, chart = figure.axes
    images = list(boxes(figure, AxesImage).values())
    ties = [sheet.transData.transform(np.column_stack(line.get_data())) for line in sheet.get_lines()]
    points = [chart.transData.transform((epoch, 0.3 + 0.06 * n)) for n, epoch in enumerate(epochs)]

    assert len(ties) == len(epochs)
    for (left, bottom, right, _), tie, point in zip(images, ties, points, strict=True):
        assert tie[0][0] == pytest.approx((left + right) / 2, abs=1)
        assert bottom - 15 < tie[0][1] < bottom
        assert tie[-1] == pytest.approx(point, abs=0.01)
        assert tie[1][0] == tie[2][0]
    # The order is the same above and below the slanted part, so lines do not cross; thumbnails are above the chart.
    for end in (0, 1):
        assert all(before[end][0] < after[end][0] for before, after in pairwise(ties))
    assert min(bottom for _, bottom, _, _ in images) > chart.get_window_extent().y1


@pytest.mark.parametrize("wanted", [[], [50], [0, 1, 2], [98, 99, 100], [0, 50, 50, 50, 100], [40, 41, 80]])
def test_crowded_places_are_spread_within_the_width(wanted):
    found = spread(wanted, 15, 10, 90)

    assert len(found) == len(wanted)
    assert all(after - before >= 15 - 1e-9 for before, after in pairwise(found))
    assert all(10 <= place <= 90 for place in found)


def test_uncrowded_places_do_not_change():
    assert spread([20, 50, 80], 15, 10, 90) == [20, 50, 80]
    assert spread([49, 51], 10, 0, 100) == [45, 55]


def test_of_many_snapshots_the_first_the_last_and_the_best_stay(make_run):
    accuracies = [0.5] * 60
    accuracies[37] = 0.9
    written = texts(drawn(make_run(accuracies=accuracies, size=4)))

    assert f"{MOST} of 60 snapshots" in written
    assert {"epoch 1", "epoch 38", "epoch 60", "Best 90.0 % (epoch 38)"} <= set(written)
    assert sum(text.startswith("epoch ") for text in written) == MOST


def test_a_thumbnail_is_the_grid_of_the_panel(make_run, colour):
    counts = count_dots(as_image(drawn(make_run())))

    # 16 pixels in a panel of 33, which grows eight times to at most 64 points.
    assert [counts[colour(unit)] for unit in range(4)] == [3 * 128 * 128] * 4


def test_a_snapshot_before_training_is_connected_to_the_axis(make_run):
    figure = drawn(make_run(accuracies=(None, 0.5)))
    sheet, chart = figure.axes
    foot = sheet.transData.transform(np.column_stack(sheet.get_lines()[0].get_data()))[-1]

    assert foot == pytest.approx(chart.transData.transform((0, 0)), abs=0.01)
    assert "before training" in texts(figure)


def test_missing_accuracies_are_stated(make_run):
    assert "No accuracy was measured." in texts(drawn(make_run(accuracies=(None,))))
    assert "No accuracy was measured." in texts(drawn(make_run("empty", accuracies=())))


def test_axes_are_named_and_in_percent(make_run):
    written = [name.partition(" ")[2] for name in boxes(drawn(make_run()), Text)]

    assert {"Epoch", "Validation accuracy", "0 %", "50 %", "100 %", "1", "2", "3"} <= set(written)


@pytest.mark.parametrize("kind", SHEETS)
def test_it_is_written_in_every_format(make_run, tmp_path, kind):
    path = save_accuracy(read_evolution(make_run()), tmp_path / f"accuracy.{kind}")

    assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF", b"<?xm")
