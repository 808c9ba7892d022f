"""After training: figure, film and table; a failure of one does not affect the others."""

from __future__ import annotations

import shutil
import sys

from PIL import Image

from featevo.figures.run_files import draw_summary
from featevo.record.reading import read_evolution
from tests.conftest import as_channels, real_colour
from tests.figures.parts import count_dots


def test_a_run_gets_figure_film_and_table(make_run, caplog):
    run = make_run()
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*")} == {"evolution.png", "evolution.webp", "evolution.md"}
    assert caplog.records == []


def test_figure_and_film_have_the_recorded_real_images(make_run):
    run = make_run(real=1)
    draw_summary(run)

    for name in ("evolution.png", "evolution.webp"):
        with Image.open(run / name) as shown:
            assert real_colour(0) in count_dots(shown)


def test_figure_and_film_of_a_run_without_classes_have_its_first_view(make_run, colour, caplog):
    """Real images are of classes, so they are left out."""
    run = make_run(change=as_channels, real=1)
    draw_summary(run)

    for name in ("evolution.png", "evolution.webp"):
        with Image.open(run / name) as shown:
            counts = count_dots(shown)
        assert all(counts.get(colour(unit)) for unit in range(4)), name
        assert real_colour(0) not in counts
    assert (run / "channels.png").is_file()
    assert caplog.records == []


def test_a_failure_is_logged_with_the_command_to_draw_again(make_run, caplog):
    run = make_run()
    (run / "evolution.webp").mkdir()
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*") if file.is_file()} == {"evolution.png", "evolution.md"}
    (record,) = caplog.records
    assert record.getMessage().startswith(
        f"{run / 'evolution.webp'} could not be drawn; again: python -m featevo.figures"
    )


def test_a_missing_record_is_logged(make_run, caplog):
    run = make_run()
    shutil.rmtree(run / "evolution")
    draw_summary(run)

    (record,) = caplog.records
    assert record.getMessage().startswith(f"{run} could not be drawn; again: python -m featevo.figures")
    assert [file.name for file in run.iterdir()] == ["run.json"]


def test_the_record_is_read_once(make_run, monkeypatch):
    reads = []

    def counted(folder):
        reads.append(folder)
        return read_evolution(folder)

    monkeypatch.setattr("featevo.figures.run_files.read_evolution", counted)
    run = make_run()
    draw_summary(run)
    assert reads == [run]


def test_a_figure_that_cannot_be_imported_does_not_affect_the_table(make_run, caplog, monkeypatch):
    run = make_run()
    for name in ("film", "evolution"):
        monkeypatch.setitem(sys.modules, f"featevo.figures.{name}", None)
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*")} == {"evolution.md"}
    assert len(caplog.records) == 2
