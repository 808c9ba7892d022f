"""Runs below each other, each with its name, its best accuracy and its snapshots."""

from __future__ import annotations

import numpy as np
import pytest

from featevo.figures.comparison import COLUMNS, ROWS, draw_comparison, save_comparison
from featevo.figures.sheet import as_image, lay_out
from featevo.record.reading import read_evolution
from tests.conftest import real_colour
from tests.figures.parts import count_dots, overlaps, svg_images, texts


def drawn(runs):
    return lay_out(draw_comparison("init_mode", [(run.name, read_evolution(run)) for run in runs]))


def test_a_strip_for_each_run_with_few_of_its_snapshots(make_run, colour):
    figure = drawn([make_run("random", accuracies=(0.25, 0.5)), make_run("pretrained", accuracies=[0.1] * 8 + [0.9])])
    shown = np.asarray(as_image(figure))
    first = np.all(shown == colour(0), axis=-1)
    edges = np.diff(first.astype(int), axis=1, prepend=0) == 1

    assert sorted({int(row.sum()) for row in edges if row.any()}) == [2, COLUMNS]
    written = texts(figure)
    assert {"init_mode", "random", "pretrained", "best 50.0 % (epoch 2)", "best 90.0 % (epoch 9)"} <= set(written)
    assert "6 of 9 snapshots" in written
    assert sum(text.startswith("Classes") for text in written) == 1


@pytest.mark.parametrize("classes", [1, 2, 4, 10, 100])
def test_no_label_covers_another(make_run, classes):
    names = [f"class number {unit} with a long name" for unit in range(classes)]
    runs = [make_run(f"{name}-{'and-more-' * 12}", names, [0.5] * 9, size=8) for name in ("random", "pretrained")]
    other = make_run("other", ["cup", "jay"], [None, 0.5], size=8)

    assert overlaps(drawn(runs)) == []
    assert overlaps(drawn([*runs, other])) == []


def test_real_images_are_above_the_runs_once_for_each_list_of_classes(make_run):
    runs = [make_run("old"), make_run("one", real=1), make_run("two", real=1)]
    other = make_run("other", ["cup", "jay"], real=1)

    def seen(*given):
        named = [(run.name, read_evolution(run)) for run in given]
        figure = lay_out(draw_comparison("init_mode", named, real=True))
        assert overlaps(figure) == []
        counts = count_dots(as_image(figure))
        return texts(figure), [counts[real_colour(unit)] for unit in range(4)]

    written, dots = seen(*runs)
    assert written[2:4] == ["real images", "validation set"]
    assert written.count("real images") == 1
    assert dots == [dots[0]] * 4
    written, more = seen(*runs, other)
    assert written.count("real images") == 2
    assert " ".join(written).count("Classes, left to right: cup, jay") == 2
    assert more[0] > dots[0]
    assert more[2:] == dots[2:]


def test_runs_of_other_classes_name_their_own(make_run):
    written = " ".join(texts(drawn([make_run("one", ["cup", "jay"]), make_run("two", ["owl", "jay"])])))

    assert "Classes, left to right: cup, jay" in written
    assert "Classes, left to right: owl, jay" in written


def test_very_many_runs_are_thinned_and_the_figure_states_it(make_run):
    evolution = read_evolution(make_run(classes=["cup"], accuracies=(0.5,), size=4))
    written = texts(lay_out(draw_comparison("study", [(f"seed={seed}", evolution) for seed in range(50)])))

    assert f"{ROWS} of 50 runs" in written
    assert {"seed=0", "seed=49"} <= set(written)


def test_a_run_without_images_keeps_its_strip(make_run):
    written = texts(drawn([make_run("one"), make_run("none", accuracies=())]))

    assert {"one", "none", "No snapshot was recorded."} <= set(written)


def test_vector_files_hold_recorded_pixels(make_run, tmp_path):
    runs = [(name, read_evolution(make_run(name))) for name in ("one", "two")]
    images = svg_images(save_comparison("both", runs, tmp_path / "comparison.svg"))

    assert [image.size for image in images] == [(33, 33)] * 6
