"""The figure shows every class in its place, for any number of classes, and marks missing images."""

from __future__ import annotations

import json

import numpy as np
import pytest
from matplotlib.image import AxesImage
from PIL import Image

from featevo.figures.evolution import PAGE, draw_evolution, save_evolution
from featevo.figures.grid import arrange
from featevo.figures.sheet import as_image, lay_out
from featevo.record.reading import read_evolution
from tests.conftest import real_colour
from tests.figures.parts import boxes, count_dots, overlaps, pdf_images, places_of, svg_images, texts

SIDE = 16 * 11
"""Dots of a recorded side of 16 pixels at 300 dots per inch."""


def drawn(run, dpi=300):
    return lay_out(draw_evolution(read_evolution(run), dpi), dpi)


def test_the_figure_has_every_class_of_every_snapshot_once(make_run, colour):
    figure = as_image(drawn(make_run()))
    counts = count_dots(figure)

    assert [counts[colour(unit)] for unit in range(4)] == [3 * SIDE * SIDE] * 4
    assert figure.getpixel((0, 0)) == (255, 255, 255)


def test_real_images_are_the_first_panel(make_run):
    run = make_run(real=2)
    figure = lay_out(draw_evolution(read_evolution(run), real=True))
    (first, *_), (panels, plain) = texts(figure)[2:], (boxes(figure, AxesImage), boxes(drawn(run), AxesImage))
    counts = count_dots(as_image(figure))

    assert first == "real images"
    assert "validation set" in texts(figure)
    assert len(panels) == len(plain) + 1
    assert [counts[real_colour(unit)] for unit in range(4)] == [SIDE * SIDE] * 4
    left, _, _, top = next(iter(panels.values()))
    assert as_image(figure).getpixel(
        (int(left) + 2, figure.canvas.get_width_height()[1] - int(top) + 2)
    ) == real_colour(0)
    assert overlaps(figure) == []


@pytest.mark.parametrize("dpi", [100, 300, 450])
def test_recorded_pixels_are_squares_of_dots_at_any_resolution(make_run, tmp_path, dpi):
    run = make_run(accuracies=(0.5,), size=32)
    recorded = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    recorded.save(run / "evolution" / "epoch=001" / "000.png")
    zoom = int(2 * 47.5 / 72 * dpi / 65)  # two images and their gap in the room of two tiles
    wanted = recorded.resize((32 * zoom, 32 * zoom), Image.Resampling.NEAREST)
    with Image.open(save_evolution(read_evolution(run), tmp_path / "a.png", dpi)) as figure:
        assert len(places_of(wanted, figure)) == 1


@pytest.mark.parametrize("count", [2, 4, 10])
def test_vector_files_contain_the_recorded_pixels_of_each_panel(make_run, tmp_path, count):
    run = make_run(classes=[f"class {unit}" for unit in range(count)], size=64)
    rng = np.random.default_rng(0)
    for file in run.glob("evolution/*/*.png"):
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
    evolution = read_evolution(run)
    panels = [
        arrange([Image.open(run / render.file) for render in snapshot.of_view()]) for snapshot in evolution.snapshots
    ]
    in_svg = svg_images(save_evolution(evolution, tmp_path / "a.svg"))
    in_pdf = pdf_images(save_evolution(evolution, tmp_path / "a.pdf"))

    assert [found.tobytes() for found in in_svg] == [panel.tobytes() for panel in panels]
    assert sorted(found.tobytes() for found in in_pdf) == sorted(panel.tobytes() for panel in panels)


@pytest.mark.parametrize("name", ["{}", "class number {} with a long name", "{}" + 40 * "Wide", "松鼠 $x_{}$ 100%_"])
@pytest.mark.parametrize(("classes", "snapshots"), [(1, 40), (2, 9), (4, 1), (4, 40), (9, 9), (10, 9), (100, 3)])
def test_no_label_covers_another(make_run, classes, snapshots, name):
    names = [name.replace("{}", str(unit)) for unit in range(classes)]
    run = make_run("run", names, [number / 40 for number in range(snapshots)], size=8)
    (run / "run.json").write_text(json.dumps({"name": 3 * name}))

    assert overlaps(drawn(run)) == []


@pytest.mark.parametrize("damage", ["gone", "broken"])
def test_a_missing_or_broken_file_is_tolerated(make_run, colour, damage):
    run = make_run()
    file = run / "evolution" / "epoch=002" / "002.png"
    file.unlink() if damage == "gone" else file.write_bytes(file.read_bytes()[:45])
    counts = count_dots(as_image(drawn(run)))

    assert [counts[colour(unit)] // SIDE**2 for unit in range(4)] == [3, 3, 2, 3]


def test_a_snapshot_that_was_not_drawn_keeps_its_panel(make_run, colour):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    figure = drawn(run)

    assert figure.canvas.get_width_height() == drawn(make_run("whole")).canvas.get_width_height()
    assert "64.0 %, not drawn" in texts(figure)
    assert count_dots(as_image(figure))[colour(0)] == 2 * SIDE**2


@pytest.mark.parametrize("change", [lambda entries: entries.clear(), lambda es: [e.update(renders=[]) for e in es]])
def test_missing_images_are_stated(make_run, change):
    written = texts(drawn(make_run(change=change)))

    assert written[1] in ("No snapshot was recorded.", "No class was drawn.")


def test_thousands_of_snapshots_are_thinned_and_the_figure_states_it(make_run):
    run = make_run(classes=["cup"], accuracies=[0.5] * 1200, size=4)
    written = texts(drawn(run))

    assert "40 of 1,200 snapshots" in written
    assert sum(text.startswith("epoch ") for text in written) == 40
    assert {"epoch 1", "epoch 1200"} <= set(written)


def test_the_table_has_every_snapshot_shown(make_run):
    written = texts(drawn(make_run(accuracies=[0.001 * number for number in range(1, 31)], size=4)))

    assert written.count("Validation accuracy") > 1
    assert all(written.count(f"{number / 10:.1f} %") == 2 for number in range(1, 31))


def test_images_shrink_if_a_figure_would_be_too_large(make_run, monkeypatch):
    evolution = read_evolution(make_run(classes=[str(unit) for unit in range(30)], accuracies=[0.5] * 9, size=32))
    large = draw_evolution(evolution)
    monkeypatch.setattr("featevo.figures.evolution.LARGEST", 500)
    small = draw_evolution(evolution)

    assert small.width < large.width
    assert small.height < large.height


def test_a_thousand_classes_fit(make_run):
    run = make_run(classes=[str(unit) for unit in range(1000)], accuracies=[0.5] * 3, size=8)

    assert overlaps(drawn(run)) == []


def test_a_figure_fills_a_page_and_grows_wider_before_it_is_too_tall(make_run):
    few, more = (draw_evolution(read_evolution(make_run(str(n), accuracies=[0.5] * n, size=64))) for n in (5, 16))
    names = [str(unit) for unit in range(100)]
    many = draw_evolution(read_evolution(make_run("many", names, [0.5] * 16, size=32)))

    assert few.width <= PAGE
    assert more.width <= PAGE
    assert more.height > 3 * few.height / 2
    assert many.width > PAGE
    assert many.height < 1.7 * many.width


def test_the_file_is_complete_and_the_only_one(make_run, tmp_path):
    evolution = read_evolution(make_run())
    path = save_evolution(evolution, tmp_path / "out" / "evolution.png")

    with Image.open(path) as image:
        assert image.format == "PNG"
        image.load()
    assert [file.name for file in path.parent.iterdir()] == ["evolution.png"]
