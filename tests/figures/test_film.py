"""The film has one frame per snapshot, in order, without loss."""

from __future__ import annotations

import pytest
from PIL import Image

from featevo.errors import UserError
from featevo.figures.film import MARGIN, draw_frames, save_animation
from featevo.record.reading import read_evolution


@pytest.mark.parametrize("accuracies", [(0.5,), (None, 0.25, 0.5), (0.25, 0.25, 0.25, 0.25)])
def test_one_frame_per_snapshot(make_run, accuracies):
    run = make_run(accuracies=accuracies)
    assert save_animation(run) == run / "evolution.webp"

    with Image.open(run / "evolution.webp") as film:
        assert getattr(film, "n_frames", 1) == len(accuracies)
    assert sorted(file.name for file in run.iterdir()) == ["evolution", "evolution.webp", "run.json"]


def test_it_loops_lingers_on_the_last_and_loses_nothing(make_run):
    run = make_run()
    frames = draw_frames(read_evolution(run))
    save_animation(run)
    with Image.open(run / "evolution.webp") as film:
        assert film.info["loop"] == 0
        durations = []
        for number, frame in enumerate(frames):
            film.seek(number)
            assert film.convert("RGB").tobytes() == frame.tobytes()
            durations.append(film.info["duration"])

    assert durations == [800, 800, 2400]


def test_each_frame_shows_its_own_pictures(make_run):
    run = make_run()
    file = run / "evolution" / "epoch=002" / "000.png"
    Image.new("RGB", (16, 16), (255, 0, 0)).save(file)
    corners = [frame.getpixel((MARGIN + 5, MARGIN + 5)) for frame in draw_frames(read_evolution(run))]

    assert corners[1] == (255, 0, 0)
    assert corners[0] == corners[2] != (255, 0, 0)


@pytest.mark.parametrize("classes", [1, 2, 10, 300])
def test_frames_are_of_one_size_for_any_number_of_classes(make_run, classes):
    run = make_run(
        classes=[f"class {unit}" for unit in range(classes)],
        accuracies=(None, 0.5, 0.75),
        change=lambda entries: entries[1].update(error="out of memory", renders=[]),
    )

    assert len({frame.size for frame in draw_frames(read_evolution(run))}) == 1


def test_without_snapshots_there_is_no_film(make_run):
    run = make_run(accuracies=())

    assert save_animation(run) is None
    assert not (run / "evolution.webp").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="not a run folder"):
        save_animation(tmp_path)
