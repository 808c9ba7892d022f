"""The film has one frame per snapshot, in order, each with its own images and its own point of the curve."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from PIL import Image

from featevo.figures import film
from featevo.figures.colours import VERMILLION
from featevo.figures.film import DPI, GRID, MARGIN, draw_frames
from featevo.figures.panels import scale
from featevo.figures.sheet import as_image, lay_out
from featevo.record.reading import read_evolution
from tests.conftest import real_colour
from tests.figures.parts import count_dots, overlaps, texts

EDGE = round(MARGIN * DPI / 72)


def test_each_frame_shows_its_own_images(make_run):
    run = make_run()
    file = run / "evolution" / "epoch=002" / "000.png"
    Image.new("RGB", (16, 16), (255, 0, 0)).save(file)
    corners = [frame.getpixel((EDGE + 5, EDGE + 5)) for frame in draw_frames(read_evolution(run))]

    assert corners[1] == (255, 0, 0)
    assert corners[0] == corners[2] != (255, 0, 0)


def test_real_images_are_at_the_left_of_every_frame(make_run, colour):
    evolution = read_evolution(make_run(real=1))
    frames, plain = draw_frames(evolution, real=True), draw_frames(evolution)

    for frame in frames:
        counts = count_dots(frame)
        assert frame.getpixel((EDGE + 5, EDGE + 5)) == real_colour(0)
        assert [counts[real_colour(unit)] for unit in range(4)] == [counts[colour(unit)] for unit in range(4)]
        assert frame.width > plain[0].width + GRID // 2
    assert "real images" in texts(lay_out(film._real(evolution, scale(evolution, GRID)), DPI, MARGIN))


def test_recorded_pixels_are_squares(make_run, colour):
    counts = count_dots(draw_frames(read_evolution(make_run()))[0])

    assert [counts[colour(unit)] for unit in range(4)] == [(16 * (GRID // 33)) ** 2] * 4


@pytest.mark.parametrize("classes", [1, 2, 10, 300])
def test_frames_are_of_one_even_size_for_any_number_of_classes(make_run, classes):
    run = make_run(
        classes=[f"class {unit}" for unit in range(classes)],
        accuracies=(None, 0.5, 0.75),
        change=lambda entries: entries[1].update(error="out of memory", renders=[]),
    )
    (size,) = {frame.size for frame in draw_frames(read_evolution(run))}

    assert all(length % 2 == 0 for length in size)


def test_the_current_point_moves_along_the_curve(make_run):
    now = tuple(int(VERMILLION[i : i + 2], 16) for i in (1, 3, 5))
    places = []
    for frame in draw_frames(read_evolution(make_run())):
        pixels = frame.load()
        assert pixels is not None
        places.append([(x, y) for x in range(frame.width) for y in range(frame.height) if pixels[x, y] == now])
    middles = [[sum(values) / len(place) for values in zip(*place, strict=True)] for place in places]

    assert middles[0][0] < middles[1][0] < middles[2][0]
    assert middles[0][1] > middles[1][1] > middles[2][1]


@pytest.mark.parametrize("classes", [2, 4, 10, 100])
def test_no_label_covers_another(make_run, classes):
    names = [f"class number {unit} with a long name" for unit in range(classes)]
    evolution = read_evolution(make_run("run-" * 20, names, [None, 0.5, 0.75], size=8))
    scene = film.Scene(evolution, [0, 2])
    scene.at(2)
    figure = scene.figure

    assert overlaps(figure) == []
    assert {"epoch 2", "75.0 %"} <= set(texts(figure))
    assert any(text.startswith("2 of 3 snapshots. Classes") for text in texts(figure))


def test_a_frame_does_not_depend_on_those_before(make_run):
    evolution = read_evolution(make_run(accuracies=(0.0, 1.0, None, 0.0)))
    scene = film.Scene(evolution, [0, 1, 2, 3])
    frames = [scene.at(place) for place in (0, 1, 2, 3)]
    again = [film.Scene(evolution, [0, 1, 2, 3]).at(place) for place in (0, 1, 2, 3)]
    assert len({frame.tobytes() for frame in frames}) == 4
    assert frames == again == [scene.at(place) for place in (3, 2, 1, 0)][::-1]


def test_a_frame_is_the_figure_with_the_images(make_run):
    """What is drawn again for each frame is where, and as, matplotlib draws the whole figure."""
    evolution = read_evolution(make_run(accuracies=(0.0, 1.0, 0.5)))
    scene = film.Scene(evolution, [0, 1, 2])
    for place in (0, 1, 2):
        frame = np.asarray(scene.at(place))
        for artist in scene.figure.findobj():
            artist.set_animated(False)
        whole = np.asarray(as_image(scene.figure))
        for artist in chain(*scene._moving()):
            artist.set_animated(True)
        beside = EDGE + GRID
        assert np.array_equal(frame[:, beside:], whole[:, beside:])
        assert not np.array_equal(frame, whole)  # only the frame has the images


def test_images_that_are_not_square_and_a_snapshot_without_any_are_of_one_size(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    for file in run.glob("evolution/epoch=*/*.png"):
        Image.new("RGB", (16, 8), (255, 0, 0)).save(file)

    assert len({frame.size for frame in draw_frames(read_evolution(run))}) == 1


def test_very_long_films_are_thinned(make_run, monkeypatch):
    monkeypatch.setattr(film, "MOST", 5)

    assert len(draw_frames(read_evolution(make_run(accuracies=[0.5] * 12, size=4)))) == 5


def test_without_snapshots_there_is_no_frame(make_run):
    assert draw_frames(read_evolution(make_run(accuracies=()))) == []
