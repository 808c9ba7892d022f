"""The figure shows every class in its place, whatever their number, and what is missing as missing."""

from __future__ import annotations

import pytest
from PIL import Image

from featevo.figures.evolution import LARGEST, draw_evolution, legend, panel, save_figure
from featevo.record.reading import read_evolution

WHITE = (255, 255, 255)


def test_the_figure_has_every_class_of_every_snapshot_once(make_run, colour):
    figure = draw_evolution(read_evolution(make_run()))
    counts = _counts(figure)

    # 16 pixels are shown at eight times their size.
    assert [counts[colour(unit)] for unit in range(4)] == [3 * 128 * 128] * 4
    assert figure.getpixel((0, 0)) == WHITE


@pytest.mark.parametrize("damage", ["gone", "broken"])
def test_a_missing_or_broken_file_is_tolerated(make_run, colour, damage):
    run = make_run()
    file = run / "evolution" / "epoch=002" / "002.png"
    file.unlink() if damage == "gone" else file.write_bytes(file.read_bytes()[:45])
    counts = _counts(draw_evolution(read_evolution(run)))

    assert [counts[colour(unit)] // 128**2 for unit in range(4)] == [3, 3, 2, 3]


def test_a_snapshot_that_was_not_drawn_keeps_its_panel(make_run):
    run = make_run(change=lambda entries: entries[1].update(error="out of memory", renders=[]))
    evolution = read_evolution(run)
    panels = [panel(evolution, snapshot, "1", 32) for snapshot in evolution.snapshots]

    assert len({shown.size for shown in panels}) == 1
    assert draw_evolution(evolution).size == draw_evolution(read_evolution(make_run("whole"))).size


@pytest.mark.parametrize(
    ("classes", "snapshots"), [(4, 0), (1, 1), (2, 9), (5, 1), (10, 40), (100, 3), (1000, 2), (1, 600)]
)
def test_any_number_of_classes_and_snapshots_fits(make_run, classes, snapshots):
    names = [f"class number {unit} with a long name" for unit in range(classes)]
    figure = draw_evolution(read_evolution(make_run(classes=names, accuracies=[0.5] * snapshots, size=8)))

    assert max(figure.size) <= LARGEST


def test_failed_snapshots_alone_can_be_drawn(make_run):
    evolution = read_evolution(make_run(change=lambda entries: [entry.update(renders=[]) for entry in entries]))

    assert legend(evolution) == "No class was drawn."
    assert draw_evolution(evolution).width > 100


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (2, "Classes, left to right: tree frog, flamingo"),
        (4, "Classes, clockwise from upper left: tree frog, flamingo, pool table, hamburger"),
        (5, "Classes, row by row: tree frog, flamingo, pool table, hamburger, cup"),
    ],
)
def test_the_legend_says_which_class_is_where(make_run, count, words):
    names = ["tree frog", "flamingo", "pool table", "hamburger", "cup"][:count]

    assert legend(read_evolution(make_run(classes=names))) == words


def test_the_file_is_whole_and_alone(make_run):
    run = make_run()
    path = save_figure(run)

    assert path == run / "evolution.png"
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        picture.load()
    assert sorted(file.name for file in run.iterdir()) == ["evolution", "evolution.png", "run.json"]


def test_a_failure_leaves_the_old_file_and_no_other(make_run, monkeypatch):
    run = make_run()
    before = save_figure(run).read_bytes()

    def fail(self, path, *args, **kwargs):
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        save_figure(run)

    assert (run / "evolution.png").read_bytes() == before
    assert sorted(file.name for file in run.iterdir()) == ["evolution", "evolution.png", "run.json"]


def _counts(picture):
    return {colour: count for count, colour in picture.getcolors(1 << 24) or []}
