"""Classes in columns: each run at its best snapshot, real images above them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from featevo.figures.class_rows import MOST, best_place, draw_classes, save_classes
from featevo.figures.comparison import ROWS
from featevo.figures.grid import arrange
from featevo.figures.sheet import as_image, lay_out
from featevo.record.reading import read_evolution
from tests.conftest import real_colour
from tests.figures.parts import count_dots, overlaps, places_of, svg_images, texts


def drawn(runs, **settings):
    return lay_out(draw_classes("both", [(run.name, read_evolution(run)) for run in runs], **settings))


def test_each_run_is_shown_at_its_best_snapshot(make_run):
    one, two = make_run("one", accuracies=(0.25, 0.75, 0.5)), make_run("two", accuracies=(0.25, 0.5, 0.5))
    rng = np.random.default_rng(0)
    for file in one.glob("evolution/*/*.png"):
        Image.fromarray(rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save(file)
    figure = drawn([one, two])
    shown, zoom = as_image(figure), 84 * 300 // 72 // 16

    assert texts(figure)[1:5] == ["tree frog", "flamingo", "pool table", "hamburger"]
    assert texts(figure)[5:] == ["one", "epoch 2", "75.0 %", "two", "epoch 2", "50.0 %"]
    for unit in range(4):
        with Image.open(one / f"evolution/epoch=002/{unit:03d}.png") as recorded:
            wanted = recorded.resize((16 * zoom, 16 * zoom), Image.Resampling.NEAREST)
        assert len(places_of(wanted, shown)) == 1


def test_real_images_are_the_first_row_of_the_first_run_that_has_them(make_run):
    runs = [make_run("old"), make_run("one", real=1), make_run("two", ["tree frog", "cup"], real=1)]
    figure = drawn(runs, real=True)
    counts = count_dots(as_image(figure))

    assert texts(figure)[6:8] == ["real images", "validation set"]
    # The cup is the second class of its run, as the flamingo is of the others; the tree frog is shown once.
    assert [counts[real_colour(unit)] // counts[real_colour(0)] for unit in range(4)] == [1, 2, 1, 1]
    assert real_colour(0) not in count_dots(as_image(drawn(runs)))


def test_a_class_that_a_run_lacks_is_empty_and_a_missing_image_is_crossed(make_run, tmp_path):
    runs = [make_run("one", ["cup", "jay"]), make_run("two", ["owl", "jay"], size=32)]
    named = [(run.name, read_evolution(run)) for run in runs]
    images = svg_images(save_classes("both", named, tmp_path / "classes.svg"))
    assert [image.width for image in images] == [16, 16, 32, 32]

    (runs[1] / "evolution/epoch=003/001.png").unlink()
    jay, owl = svg_images(save_classes("both", named, tmp_path / "classes.svg"))[2:]
    assert owl.tobytes() == images[3].tobytes()
    assert jay.tobytes() == arrange([None], 32).tobytes()


def test_many_classes_and_runs_are_thinned_and_the_figure_states_it(make_run):
    many = read_evolution(make_run(classes=[f"class {unit}" for unit in range(100)], accuracies=(0.5,), size=4))
    written = texts(lay_out(draw_classes("study", [(f"seed={seed}", many) for seed in range(50)])))

    assert f"{MOST} of 100 classes" in written
    assert f"{ROWS} of 50 runs" in written
    assert {"seed=0", "seed=49"} <= set(written)


@pytest.mark.parametrize("classes", [1, 4, 12, 100])
def test_no_label_covers_another(make_run, classes):
    names = [f"class number {unit} with a long name" for unit in range(classes)]
    runs = [make_run(f"{name}-{'and-more-' * 12}", names, [0.5], 8, real=1) for name in ("random", "pretrained")]

    assert overlaps(drawn(runs, real=True)) == []


def test_the_best_snapshot_has_images(make_run):
    def fail(entries):
        entries[2].update(error="out of memory", renders=[])

    assert best_place(read_evolution(make_run("failed", change=fail))) == 1
    assert best_place(read_evolution(make_run("unmeasured", accuracies=(None,)))) == 0
    assert best_place(read_evolution(make_run("none", accuracies=()))) is None
    assert "no image" in texts(drawn([make_run("one"), make_run("empty", accuracies=())]))
