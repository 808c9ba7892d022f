"""`report.html` is written again at snapshots while training goes on, by the main process, at a bounded cost."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from featevo.app.page_refresh import PageRefresh
from featevo.page.gather import gather
from featevo.page.page import page

MODULE = pl.LightningModule()


@pytest.fixture
def written(monkeypatch):
    """The folders of which a page was written, each time."""
    calls: list[list[Path]] = []
    monkeypatch.setattr("featevo.page.report_file.write_report", calls.append)
    return calls


def trainer(main=True, checking=False) -> Any:
    return SimpleNamespace(is_global_zero=main, sanity_checking=checking)


def validated(refresh, **of_trainer):
    refresh.on_validation_end(trainer(**of_trainer), MODULE)


def test_it_is_written_once_for_each_snapshot(make_run, written, monkeypatch):
    monkeypatch.setattr("featevo.page.refresh.APART", 0)
    run = make_run()
    index = run / "evolution/index.jsonl"
    *lines, last = index.read_text().splitlines(keepends=True)
    index.unlink()
    refresh = PageRefresh(run)
    refresh.on_train_start(trainer(), MODULE)
    validated(refresh)
    assert written == []
    index.write_text("".join(lines))
    validated(refresh, main=False)
    validated(refresh, checking=True)
    assert written == []
    validated(refresh)
    validated(refresh)
    assert written == [[run]]
    index.write_text("".join([*lines, last]))
    validated(refresh)
    assert written == [[run]] * 2


def test_one_that_takes_long_is_written_less_often(make_run, written, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("featevo.page.pace.time.monotonic", lambda: now[0])

    def takes_a_second(folders):
        now[0] += 1
        written.append(folders)

    monkeypatch.setattr("featevo.page.report_file.write_report", takes_a_second)
    run = make_run()
    refresh = PageRefresh(run)
    for second in range(100):
        now[0] = max(now[0], second)
        with (run / "evolution/index.jsonl").open("a") as index:
            index.write("\n")
        validated(refresh)
    assert len(written) == 5, "5 % of 100 seconds"


def test_a_failure_is_logged_and_training_goes_on(make_run, caplog):
    run = make_run()
    (run / "report.html").mkdir()
    validated(PageRefresh(run))
    assert "report.html cannot be written" in caplog.text
    assert caplog.text.count("\n") == 1


def test_random_generators_are_untouched_and_the_page_is_that_of_the_end(make_run):
    run = make_run(real=4)
    before = torch.get_rng_state()
    validated(PageRefresh(run))
    assert torch.equal(torch.get_rng_state(), before)
    assert (run / "report.html").read_text() == page(gather([run]))
