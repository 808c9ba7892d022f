"""Panels: the size of images, the choice of snapshots, and their captions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PIL import Image

from featevo.figures.grid import grid_size
from featevo.figures.panels import (
    Scale,
    captions,
    cell_width,
    chosen,
    images_of,
    legend,
    legend_line,
    panel,
    scale,
    thinned,
)
from featevo.record.reading import read_evolution
from tests.conftest import as_channels

NAMES = ["tree frog", "flamingo", "pool table", "hamburger", "cup", "jay"]


@pytest.mark.parametrize(
    ("count", "lines"),
    [
        (1, ["Classes, left to right: tree frog"]),
        (2, ["Classes, left to right: tree frog, flamingo"]),
        (4, ["Classes, clockwise from upper left: tree frog, flamingo, pool table, hamburger"]),
        (6, ["Classes, row by row:", "1. tree frog, flamingo, pool table", "2. hamburger, cup, jay"]),
    ],
)
def test_the_legend_names_the_place_of_each_class(make_run, count, lines):
    evolution = read_evolution(make_run(classes=NAMES[:count]))
    assert legend(evolution) == lines
    assert legend_line(evolution) == " ".join(lines).replace(" 2.", " / 2.")


def test_names_with_commas_are_separate(make_run):
    names = ["great grey owl, Strix nebulosa", "jay"]

    lines = legend(read_evolution(make_run(classes=names)))
    assert lines == ["Classes, left to right: great grey owl, Strix nebulosa; jay"]


def test_the_legend_of_a_run_without_classes_names_its_units(make_run):
    lines = legend(read_evolution(make_run(change=as_channels)))
    assert lines == ["Channels, clockwise from upper left: conv1 0, conv1 1, conv1 2, conv1 3"]
    many = make_run("many", [str(unit) for unit in range(201)], [0.5], 4, as_channels)
    assert legend(read_evolution(many)) == ["201 channels, row by row, from conv1 0 to conv1 200"]


def test_very_many_classes_are_not_named_one_by_one(make_run):
    run = make_run(classes=[f"class {unit}" for unit in range(201)], accuracies=(0.5,), size=4)

    assert legend(read_evolution(run)) == ["201 classes, row by row, from class 0 to class 200"]


def test_missing_content_is_stated(make_run):
    assert legend(read_evolution(make_run("none", accuracies=()))) == ["No snapshot was recorded."]
    failed = make_run("failed", change=lambda entries: [entry.update(renders=[], error="no") for entry in entries])
    evolution = read_evolution(failed)
    assert legend(evolution) == ["No class was drawn."]
    assert captions(evolution, 1) == ("epoch 2", "64.0 %, not drawn")


@pytest.mark.parametrize(
    ("room", "most", "wanted"),
    [
        (500, None, Scale(16, 15)),  # 33 dots wide, fifteen times
        (65, None, Scale(16, 1)),
        (20, 40, Scale(16, 1)),  # wider than the room, but still its own pixels
        (20, 32, Scale(14, 1)),
        (20, None, Scale(8, 1)),
        (1, None, Scale(4, 1)),
    ],
)
def test_images_grow_by_whole_factors_and_shrink_only_if_needed(make_run, room, most, wanted):
    found = scale(read_evolution(make_run()), room, most)

    assert found == wanted
    assert room < 20 or grid_size(4, found.tile)[0] * found.zoom <= max(room, most or 0)


def test_the_size_is_that_of_the_first_snapshot_with_an_image(make_run):
    run = make_run(change=lambda entries: entries[0].update(renders=[], error="no"))
    for file in run.glob("evolution/epoch=003/*.png"):
        Image.new("RGB", (32, 32)).save(file)

    assert scale(read_evolution(run), 33).tile == 16
    assert scale(read_evolution(make_run("empty", accuracies=())), 1000).tile == 64


def test_a_few_of_many_are_spread_and_keep_the_first_the_last_and_the_best(make_run):
    accuracies = [0.5] * 30
    accuracies[17] = 0.75
    evolution = read_evolution(make_run(accuracies=accuracies, size=4))
    places = chosen(evolution, 5)

    assert len(places) == 5
    assert {0, 17, 29} <= set(places)
    assert max(after - before for before, after in pairwise(places)) <= 13
    assert thinned(evolution, places) == "5 of 30 snapshots"
    assert chosen(evolution, 40) == list(range(30))
    assert thinned(evolution, list(range(30))) == ""
    assert chosen(evolution, 2) == [0, 29]


def test_a_panel_has_room_for_its_words(make_run):
    evolution = read_evolution(make_run(classes=["cup"]))
    drawn = panel(evolution, 2, Scale(16, 1), 300)

    assert drawn.width == cell_width(evolution, [2], Scale(16, 1), 300) > 16 * 72 / 300


def test_every_class_of_the_run_has_its_place_in_every_snapshot(make_run):
    run = make_run(change=lambda entries: entries[1].update(renders=entries[1]["renders"][2:]))
    (run / "evolution" / "epoch=002" / "003.png").unlink()

    assert [bool(shown) for shown in images_of(read_evolution(run), 1)] == [False, False, True, False]
