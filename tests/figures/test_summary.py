"""The end of a training: figure, film and table; one that fails does not take the others with it."""

from __future__ import annotations

import shutil
import sys

from featevo.figures.summary import draw_summary


def test_a_run_gets_figure_film_and_table(make_run, caplog):
    run = make_run()
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*")} == {"evolution.png", "evolution.webp", "evolution.md"}
    assert caplog.records == []


def test_what_fails_is_logged_with_how_to_draw_it_again(make_run, caplog):
    run = make_run()
    (run / "evolution.webp").mkdir()
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*") if file.is_file()} == {"evolution.png", "evolution.md"}
    (record,) = caplog.records
    assert record.getMessage().startswith(
        f"{run / 'evolution.webp'} could not be drawn; again: python -m featevo.figures"
    )


def test_a_record_that_is_gone_stops_nothing(make_run, caplog):
    run = make_run()
    shutil.rmtree(run / "evolution")
    draw_summary(run)

    assert len(caplog.records) == 3


def test_a_figure_that_cannot_be_imported_does_not_take_the_table_with_it(make_run, caplog, monkeypatch):
    run = make_run()
    for name in ("animation", "evolution"):
        monkeypatch.setitem(sys.modules, f"featevo.figures.{name}", None)
    draw_summary(run)

    assert {file.name for file in run.glob("evolution.*")} == {"evolution.md"}
    assert len(caplog.records) == 2
